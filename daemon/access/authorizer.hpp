// May this caller do this? Deployments as DIAL Core has them, routes for everything else, and a default; compiled from
// the settings once, and never remembered: a change holds from the next request on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "access/api_keys.hpp"
#include "access/caller.hpp"
#include "access/deployments.hpp"
#include "access/route_table.hpp"
#include "access/rules.hpp"
#include "base/claim_path.hpp"
#include "base/reason.hpp"
#include "base/trace.hpp"
#include "settings/settings.hpp"

namespace bearerd::access {

// What is asked for. A protected request has a path, and then no resource.
struct Wish {
  std::string_view resource;  // the name of a deployment; empty: only the credential is asked about
  std::string_view method, path, host;
  base::Trace* trace = nullptr;  // null: nobody wants to know how it came about
};

struct Ruling {
  // kOk, kNoToken, kUnknownResource, kNoRole, kNoRoute, kTooOld, kBadRequest (the request can't be judged as it is).
  base::Reason reason = base::Reason::kInternal;
  // Configured names, for logs and limits; empty when none decided. They live as long as the authorizer.
  std::string_view deployment, route;
};

// A claim that some rule looks at, and where it is in a token.
struct NeededClaim {
  std::string name;
  base::ClaimPath path;
  friend bool operator==(const NeededClaim&, const NeededClaim&) = default;
};

// What a token lets its bearer do on the admin listener, by access.{admin,observe,usage}.rules.
struct AdminRules {
  Rules admin, observe, usage;
};

// Immutable; any thread.
class Authorizer {
 public:
  explicit Authorizer(const settings::Settings& settings);

  // `caller` null: there was no credential. What a caller may do is looked at before whether the request can be judged,
  // so that without a token there is one answer to everything that is not anonymous.
  [[nodiscard]] Ruling authorize(const Wish& wish, const Caller* caller) const;

  [[nodiscard]] const ApiKeys& api_keys() const noexcept { return api_keys_; }
  [[nodiscard]] const AdminRules& admin_rules() const noexcept { return admin_rules_; }
  // Sorted, each once: what has to be kept of a token's claims.
  [[nodiscard]] const std::vector<NeededClaim>& needed_claims() const noexcept { return needed_claims_; }

 private:
  [[nodiscard]] bool depends_on_parameters(const Wish& wish) const;
  [[nodiscard]] Ruling judge(const Wish& wish, const Caller* caller) const;
  [[nodiscard]] Ruling authorize_default(std::string_view path, const Caller* caller) const noexcept;

  Deployments deployments_;
  RouteTable routes_;
  ApiKeys api_keys_;
  AdminRules admin_rules_;
  std::vector<NeededClaim> needed_claims_;
  bool is_default_deny_ = true;
};

}  // namespace bearerd::access
