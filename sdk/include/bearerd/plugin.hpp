// A provider plugin as a C++ class: derive from Plugin, end the source file with BEARERD_PLUGIN(YourClass), build it
// with add_bearerd_plugin(). What each call means is said in plugin_abi.h and docs/writing-a-plugin.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bearerd/object.hpp"
#include "bearerd/plugin_abi.h"

namespace bearerd::sdk {

enum class Verdict : std::uint32_t {
  kAccept = BEARERD_ACCEPT,
  kAcceptEnriched = BEARERD_ACCEPT_ENRICHED,  // of check(): enrich() is to say the rest
  kUnknownIssuer = BEARERD_UNKNOWN_ISSUER,
  kWrongTenant = BEARERD_WRONG_TENANT,
  kWrongAudience = BEARERD_WRONG_AUDIENCE,
  kWrongTokenUse = BEARERD_WRONG_TOKEN_USE,
  kMissingClaim = BEARERD_MISSING_CLAIM,
  kClaimRejected = BEARERD_CLAIM_REJECTED,
  kTooOld = BEARERD_TOO_OLD,
  kSenderConstrained = BEARERD_SENDER_CONSTRAINED,
  kRevoked = BEARERD_REVOKED,
  kOpaqueInactive = BEARERD_OPAQUE_INACTIVE,
  kProviderUnavailable = BEARERD_PROVIDER_UNAVAILABLE,
};

enum class LogLevel : std::uint32_t {
  kDebug = BEARERD_LOG_DEBUG,
  kInfo = BEARERD_LOG_INFO,
  kWarning = BEARERD_LOG_WARNING,
  kError = BEARERD_LOG_ERROR,
};

// Thrown by a plugin's constructor: the entry is refused at load, and the operator reads which setting and why.
// No std::exception: nothing but the border may catch it.
class Refused {
 public:
  Refused(std::string setting, std::string why) : setting_(std::move(setting)), why_(std::move(why)) {}
  [[nodiscard]] const std::string& setting() const noexcept { return setting_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

 private:
  std::string setting_, why_;
};

// The daemon, for a plugin that wants to keep it: lives longer than the plugin.
class Host {
 public:
  explicit Host(const bearerd_host* host) noexcept : host_(host) {}
  // Never a token, a claim or a secret.
  void log(LogLevel level, std::string_view text) const noexcept {
    host_->log(host_, static_cast<bearerd_log_level>(level), lend(text));
  }
  [[nodiscard]] const bearerd_lookups& lookups() const noexcept { return *host_->lookups; }

 private:
  const bearerd_host* host_;
};

// A verified token: signature, time, issuer and audience are good when a plugin sees it. Or what resolve() found out
// about an opaque one, with time, issuer and audience looked at where the answer says them.
class Token {
 public:
  Token(const bearerd_lookups& lookups, const bearerd_token& token) noexcept
      : claims_(lookups, token.claims), token_(&token) {}
  [[nodiscard]] const Object& claims() const noexcept { return claims_; }
  [[nodiscard]] std::string_view algorithm() const noexcept { return view(token_->algorithm); }
  [[nodiscard]] bool is_opaque() const noexcept { return token_->algorithm.data == nullptr; }
  // Header `typ` without "application/"; empty when absent.
  [[nodiscard]] std::string_view type() const noexcept { return view(token_->type); }
  [[nodiscard]] bool has_type() const noexcept { return token_->type.data != nullptr; }
  // Ignoring case, as media types compare (RFC 7515 §4.1.9).
  [[nodiscard]] bool is_type(std::string_view expected) const noexcept {
    return has_type() && equals_ignoring_case(type(), expected);
  }

 private:
  Object claims_;
  const bearerd_token* token_;
};

class TrustSink {
 public:
  explicit TrustSink(const bearerd_trust_sink& sink) noexcept : sink_(&sink) {}
  void issuer(std::string_view issuer) const { sink_->issuer(sink_->context, lend(issuer)); }
  void issuer_template(std::string_view text, const std::vector<std::string>& allowed,
                       std::string_view claim = {}) const;
  // Keys by discovery for this issuer.
  void discovery(std::string_view issuer, std::string_view discovery_url = {},
                 const std::vector<std::string>& extra_hosts = {}) const;
  // Keys from this URL; `issuer` empty: for all of this provider's issuers.
  void key_set(std::string_view jwks_url, std::string_view issuer = {}) const;
  void audience(std::string_view audience) const { sink_->audience(sink_->context, lend(audience)); }
  void algorithm(std::string_view name) const { sink_->algorithm(sink_->context, lend(name)); }
  void audience_claim(std::initializer_list<std::string_view> path) const;
  void has_key_issuers() const { sink_->properties(sink_->context, BEARERD_HAS_KEY_ISSUERS); }
  void checks_audience() const { sink_->properties(sink_->context, BEARERD_CHECKS_AUDIENCE); }
  void checks_binding() const { sink_->properties(sink_->context, BEARERD_CHECKS_BINDING); }
  // resolve() takes credentials that are no JWT.
  void takes_opaque() const { sink_->properties(sink_->context, BEARERD_TAKES_OPAQUE); }
  // resolve() takes every credential: JWTs of these issuers are asked about too, and not verified here.
  void takes_opaque_only() const { sink_->properties(sink_->context, BEARERD_TAKES_OPAQUE | BEARERD_TAKES_NO_JWT); }

 private:
  const bearerd_trust_sink* sink_;
};

class IdentitySink {
 public:
  explicit IdentitySink(const bearerd_identity_sink& sink) noexcept : sink_(&sink) {}
  void user_id(std::string_view value) const { text(BEARERD_USER_ID, value); }
  void name(std::string_view value) const { text(BEARERD_NAME, value); }
  void email(std::string_view value) const { text(BEARERD_EMAIL, value); }
  void project(std::string_view value) const { text(BEARERD_PROJECT, value); }
  void session(std::string_view value) const { text(BEARERD_SESSION, value); }
  // Appends; an empty list says that there are none.
  void roles(const std::vector<std::string_view>& roles) const;

 private:
  void text(bearerd_identity_field field, std::string_view value) const {
    sink_->text(sink_->context, field, lend(value));
  }
  const bearerd_identity_sink* sink_;
};

enum class Attach : std::uint32_t {
  kNothing = BEARERD_ATTACH_NOTHING,
  kBearer = BEARERD_ATTACH_BEARER,        // Authorization: Bearer
  kFormToken = BEARERD_ATTACH_FORM_TOKEN  // token=… at the end of the form in the body (RFC 7662 §2.1)
};

struct Header {
  std::string_view name, value;
};

struct Request {
  std::string_view url;  // what the settings named: see plugin_abi.h
  std::string_view method = "GET", body = {};
  Attach attach = Attach::kNothing;
  std::vector<Header> headers = {};
};

// An endpoint's answer. `json` is lent until the call into the plugin returns; absent: the body is no JSON object.
struct Answer {
  int status = 0;  // HTTP; 0: nobody answered within the deadline
  std::optional<Object> json;
  [[nodiscard]] bool is_good() const noexcept { return status == 200 && json.has_value(); }
};

// What one resolve() or enrich() may use.
class Call {
 public:
  Call(const bearerd_lookups& lookups, const bearerd_call& call) noexcept : lookups_(&lookups), call_(&call) {}
  // Waits, at most until the deadline that all fetches of this call share.
  [[nodiscard]] Answer fetch(const Request& request) const;
  // What was found is not to be used from this second since the epoch on.
  void valid_until(std::int64_t second) const;

 private:
  const bearerd_lookups* lookups_;
  const bearerd_call* call_;
};

// What resolve() says: a refusal, or the answer that holds the claims.
class Resolution {
 public:
  Resolution(Verdict refusal) noexcept  // NOLINT(google-explicit-constructor): a refusal is all there is to say
      : verdict_(refusal == Verdict::kAccept || refusal == Verdict::kAcceptEnriched ? Verdict::kProviderUnavailable
                                                                                    : refusal) {}
  Resolution(const Object& claims) noexcept  // NOLINT(google-explicit-constructor)
      : verdict_(Verdict::kAccept), claims_(claims.raw()) {}
  [[nodiscard]] Verdict verdict() const noexcept { return verdict_; }
  [[nodiscard]] const bearerd_object* claims() const noexcept { return claims_; }
  // Of one that accepts.
  [[nodiscard]] Object object(const bearerd_lookups& lookups) const noexcept { return {lookups, claims_}; }

 private:
  Verdict verdict_;
  const bearerd_object* claims_ = nullptr;
};

// One provider entry. The constructor takes (const Host&, const Object& settings), runs on the control thread without
// network, and throws Refused. check() and identify() run on many threads at once and never wait.
class Plugin {
 public:
  virtual ~Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual void trust(const TrustSink&) const {}
  [[nodiscard]] virtual Verdict check(const Token& token) const = 0;
  // Says only what is special about this provider; the rest is found by the operator's settings.
  virtual void identify(const Token&, const IdentitySink&) const {}
  // Both run on background threads, several at once, and may wait for call.fetch(). The daemon calls what is
  // overridden. A credential that is no JWT: trust() has to say takes_opaque(). What is accepted goes through check()
  // next.
  [[nodiscard]] virtual Resolution resolve(const Call&) const { return Verdict::kProviderUnavailable; }
  // What is not in the token, after check() said kAcceptEnriched. Unknown is never "none": kProviderUnavailable then.
  [[nodiscard]] virtual Verdict enrich(const Token&, const Call&, const IdentitySink&) const {
    return Verdict::kProviderUnavailable;
  }

 protected:
  Plugin() = default;
};

}  // namespace bearerd::sdk

#include "bearerd/detail/border.hpp"

// Exports YourClass under the name, version and settings schema that add_bearerd_plugin() was given.
#define BEARERD_PLUGIN(Class)                                                       \
  extern "C" {                                                                      \
  BEARERD_PLUGIN_EXPORT extern const bearerd_plugin bearerd_plugin_v1;              \
  const bearerd_plugin bearerd_plugin_v1 = ::bearerd::sdk::detail::describe<Class>( \
      BEARERD_PLUGIN_NAME, BEARERD_PLUGIN_VERSION, BEARERD_PLUGIN_SETTINGS_SCHEMA); \
  }
