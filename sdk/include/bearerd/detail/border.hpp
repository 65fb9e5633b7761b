// The C side of plugin.hpp: every exception ends here. Included by plugin.hpp only.
#pragma once

#include <cstddef>
#include <exception>
#include <type_traits>

namespace bearerd::sdk {
namespace detail {

template <class Texts>
[[nodiscard]] std::vector<bearerd_text> lend_all(const Texts& texts) {
  std::vector<bearerd_text> lent;
  lent.reserve(std::size(texts));
  for (const auto& text : texts) lent.push_back(lend(text));
  return lent;
}

// What the opaque bearerd_instance is: the plugin, and the look-ups for wrapping what it is given.
struct Holder {
  Host host;
  std::unique_ptr<Plugin> plugin;
};

[[nodiscard]] inline const Holder& holder(const bearerd_instance* instance) noexcept {
  return *reinterpret_cast<const Holder*>(instance);
}

inline void refuse(const bearerd_refusal* refusal, std::string_view setting, std::string_view why) noexcept {
  refusal->refuse(refusal->context, lend(setting), lend(why));
}

template <class Class>
bearerd_status create(const bearerd_host* host, const bearerd_object* settings, const bearerd_refusal* refusal,
                      bearerd_instance** instance) noexcept {
  try {
    auto made = std::make_unique<Holder>(Holder{Host(host), nullptr});
    made->plugin = std::make_unique<Class>(made->host, Object(*host->lookups, settings));
    *instance = reinterpret_cast<bearerd_instance*>(made.release());
    return BEARERD_DONE;
  } catch (const Refused& refused) {
    refuse(refusal, refused.setting(), refused.why());
  } catch (const std::exception& error) {
    refuse(refusal, {}, error.what());
  } catch (...) {
    refuse(refusal, {}, "the plugin failed");
  }
  return BEARERD_FAILED;
}

inline void destroy(bearerd_instance* instance) noexcept { delete reinterpret_cast<Holder*>(instance); }

inline bearerd_status trust(const bearerd_instance* instance, const bearerd_trust_sink* sink) noexcept {
  try {
    holder(instance).plugin->trust(TrustSink(*sink));
    return BEARERD_DONE;
  } catch (...) {
    return BEARERD_FAILED;
  }
}

inline bearerd_verdict check(const bearerd_instance* instance, const bearerd_token* token) noexcept {
  try {
    const Holder& held = holder(instance);
    return static_cast<bearerd_verdict>(held.plugin->check(Token(held.host.lookups(), *token)));
  } catch (...) {
    return BEARERD_FAILED;
  }
}

inline bearerd_status identify(const bearerd_instance* instance, const bearerd_token* token,
                               const bearerd_identity_sink* sink) noexcept {
  try {
    const Holder& held = holder(instance);
    held.plugin->identify(Token(held.host.lookups(), *token), IdentitySink(*sink));
    return BEARERD_DONE;
  } catch (...) {
    return BEARERD_FAILED;
  }
}

inline bearerd_verdict resolve(const bearerd_instance* instance, const bearerd_call* call,
                               const bearerd_object** claims) noexcept {
  try {
    const Holder& held = holder(instance);
    const Resolution found = held.plugin->resolve(Call(held.host.lookups(), *call));
    *claims = found.claims();
    return static_cast<bearerd_verdict>(found.verdict());
  } catch (...) {
    return BEARERD_FAILED;
  }
}

inline bearerd_verdict enrich(const bearerd_instance* instance, const bearerd_token* token, const bearerd_call* call,
                              const bearerd_identity_sink* sink) noexcept {
  try {
    const Holder& held = holder(instance);
    const bearerd_lookups& lookups = held.host.lookups();
    return static_cast<bearerd_verdict>(
        held.plugin->enrich(Token(lookups, *token), Call(lookups, *call), IdentitySink(*sink)));
  } catch (...) {
    return BEARERD_FAILED;
  }
}

// A null function is how a plugin says that it has none.
template <class Class>
inline constexpr bool kResolves = !std::is_same_v<decltype(&Class::resolve), decltype(&Plugin::resolve)>;
template <class Class>
inline constexpr bool kEnriches = !std::is_same_v<decltype(&Class::enrich), decltype(&Plugin::enrich)>;

template <class Class>
[[nodiscard]] constexpr bearerd_plugin describe(const char* name, const char* version, const char* schema) noexcept {
  return {sizeof(bearerd_plugin),
          BEARERD_PLUGIN_ABI_MINOR,
          name,
          version,
          schema,
          &create<Class>,
          &destroy,
          &trust,
          &check,
          &identify,
          kResolves<Class> ? &resolve : nullptr,
          kEnriches<Class> ? &enrich : nullptr};
}

}  // namespace detail

inline void TrustSink::issuer_template(std::string_view text, const std::vector<std::string>& allowed,
                                       std::string_view claim) const {
  const auto lent = detail::lend_all(allowed);
  const bearerd_text claim_text = claim.empty() ? bearerd_text{} : lend(claim);
  const bearerd_issuer_template made{sizeof made, lend(text), lent.data(), lent.size(), claim_text};
  sink_->issuer_template(sink_->context, &made);
}

inline void TrustSink::discovery(std::string_view issuer, std::string_view discovery_url,
                                 const std::vector<std::string>& extra_hosts) const {
  const auto hosts = detail::lend_all(extra_hosts);
  const bearerd_key_location made{sizeof made,    lend(issuer), lend(discovery_url),
                                  bearerd_text{}, hosts.data(), hosts.size()};
  sink_->keys(sink_->context, &made);
}

inline void TrustSink::key_set(std::string_view jwks_url, std::string_view issuer) const {
  const bearerd_key_location made{sizeof made, lend(issuer), bearerd_text{}, lend(jwks_url), nullptr, 0};
  sink_->keys(sink_->context, &made);
}

inline void TrustSink::audience_claim(std::initializer_list<std::string_view> path) const {
  const auto lent = detail::lend_all(path);
  sink_->audience_claim(sink_->context, lent.data(), lent.size());
}

inline Answer Call::fetch(const Request& request) const {
  std::vector<bearerd_header> headers;
  headers.reserve(request.headers.size());
  for (const Header& header : request.headers) headers.push_back({lend(header.name), lend(header.value)});
  const bearerd_fetch_request asked{sizeof asked,
                                    lend(request.url),
                                    lend(request.method),
                                    headers.data(),
                                    headers.size(),
                                    lend(request.body),
                                    static_cast<bearerd_attachment>(request.attach)};
  bearerd_fetch_response given{sizeof given, 0, nullptr};
  Answer answer;
  if (call_->fetch(call_->context, &asked, &given) != BEARERD_DONE) return answer;
  answer.status = given.status;
  if (given.json != nullptr) answer.json.emplace(*lookups_, given.json);
  return answer;
}

// A daemon of 1.0 does not know it.
inline void Call::valid_until(std::int64_t second) const {
  constexpr std::size_t kNeeded = offsetof(bearerd_call, valid_until) + sizeof(bearerd_call::valid_until);
  if (call_->size >= kNeeded && call_->valid_until != nullptr) call_->valid_until(call_->context, second);
}

inline void IdentitySink::roles(const std::vector<std::string_view>& roles) const {
  const auto lent = detail::lend_all(roles);
  sink_->roles(sink_->context, lent.data(), lent.size());
}

}  // namespace bearerd::sdk
