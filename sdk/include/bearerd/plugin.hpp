// A provider plugin as a C++ class: derive from Plugin, end the source file with BEARERD_PLUGIN(YourClass), build it
// with add_bearerd_plugin(). What each call means is said in plugin_abi.h and docs/writing-a-plugin.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bearerd/object.hpp"
#include "bearerd/plugin_abi.h"

namespace bearerd::sdk {

enum class Verdict : std::uint32_t {
  kAccept = BEARERD_ACCEPT,
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

// A verified token: signature, time, issuer and audience are good when a plugin sees it.
class Token {
 public:
  Token(const bearerd_lookups& lookups, const bearerd_token& token) noexcept
      : claims_(lookups, token.claims), token_(&token) {}
  [[nodiscard]] const Object& claims() const noexcept { return claims_; }
  [[nodiscard]] std::string_view algorithm() const noexcept { return view(token_->algorithm); }
  // Header `typ` without "application/"; empty when absent.
  [[nodiscard]] std::string_view type() const noexcept { return view(token_->type); }
  [[nodiscard]] bool has_type() const noexcept { return token_->type.data != nullptr; }
  [[nodiscard]] bool is_type(std::string_view expected) const noexcept;

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
