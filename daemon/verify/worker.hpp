// The decision path as an event loop uses it: one Worker per loop thread, no locks of its own, nothing that waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/caller.hpp"
#include "base/clock.hpp"
#include "base/reason.hpp"
#include "base/trace.hpp"
#include "runtime/snapshot.hpp"
#include "state/standing.hpp"

namespace bearerd::verify {

enum class CredentialKind : std::uint8_t { kNone = 1, kBearer, kApiKey };

// What the caller asks about. All views are lent by the connection and stay valid until the answer is given.
struct Request {
  CredentialKind credential_kind = CredentialKind::kNone;
  std::string_view credential;
  // The protected request: empty on /verify. `path` is normalised and without query.
  std::string_view method, path, host, protocol;
  std::string_view resource;       // X-Bearerd-Resource on /verify
  std::string_view forwarded_for;  // the endpoint's X-Forwarded-For, as sent
  std::string_view request_id;
  base::SteadyTime arrived_at{};
  // Set: the decision is explained, and neither told, counted nor remembered.
  base::Trace* trace = nullptr;
};

// What API keys have in the place of a provider's name; no provider may be called so.
inline constexpr std::string_view kApiKeyProvider = "api_key";

// What the verifier and the plugin found; immutable, remembered in the verdict cache.
struct Identity {
  std::string provider, user_id, name, email, project, user_key, caller, session;
  std::vector<std::string> roles;
  std::vector<access::Claim> claims;  // those that rules look at, of runtime::Snapshot::authorizer
  // The identity headers, rendered once: "Name: value\r\n" each, always all of them.
  std::string headers;
  // The members of an introspection answer that come from the claims, each with a comma before it; empty while nobody
  // may introspect.
  std::string introspection;
  // Value of x-envoy-auth-headers-to-remove: the identity headers that are empty here, comma-joined.
  std::string empty_headers;
};

struct Decision {
  base::Reason reason = base::Reason::kInternal;
  std::shared_ptr<const Identity> identity;  // set exactly when the reason is kOk
  std::chrono::seconds retry_after{0};       // for 429 and 503
  // Where limits were asked, and none of them forbids the deployment.
  std::optional<state::Standing> standing = std::nullopt;
};

// Carries one question through a wait. Made by the caller before the first decide(), kept until the answer.
struct Attempt {
  std::shared_ptr<const runtime::Snapshot> snapshot;  // taken at the first decide(): one world from start to end
  std::shared_ptr<void> judged;                       // the worker's own: what was decided before it parked
  base::SteadyTime deadline{};                        // set when decide() parks: answer then at the latest
  bool is_expired = false;  // the caller sets it when the deadline passed: decide() must answer now
  std::function<void()>
      resume;  // set by the caller before decide(): called at most once, from ANY thread, after parking
};

class Worker {
 public:
  virtual ~Worker() = default;
  // At the start of each turn of the loop: takes the running snapshot if it changed.
  virtual void begin_turn() = 0;
  // Answers, or parks (nullopt): then decide() is to be called again with the same request and attempt once `resume`
  // was called or the deadline passed. Logs and counts the decision when it answers.
  [[nodiscard]] virtual std::optional<Decision> decide(const Request& request, Attempt& attempt) = 0;
  // A refusal found before there was a question (bad_request, too_large, overloaded): logs and counts it.
  virtual void refuse(base::Reason reason, std::string_view request_id, base::SteadyTime arrived_at) = 0;
  // The world of this turn.
  [[nodiscard]] virtual const runtime::Snapshot& snapshot() const = 0;
  // Usage is not kept, or not shared, as the settings say; answers go on.
  [[nodiscard]] virtual bool is_counting_degraded() const = 0;
  // What was revoked is not known; older tokens are refused.
  [[nodiscard]] virtual bool are_revocations_unreadable() const = 0;
};

// For /readyz and the admin API.
struct ProviderState {
  std::string_view name;
  runtime::ProviderReadiness readiness = runtime::ProviderReadiness::kWaiting;
  bool is_optional = false;
};
[[nodiscard]] std::vector<ProviderState> provider_states(const runtime::Snapshot& snapshot, base::SteadyTime now);
// 200 or 503 of the contract. `all`: every provider that is not optional must be ready.
[[nodiscard]] bool is_ready(const std::vector<ProviderState>& states, bool all);

}  // namespace bearerd::verify
