#include "plugin/trust_collector.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "plugin/lookups.hpp"

namespace bearerd::plugin {
namespace {

constexpr std::size_t kMaxItems = 1024;
constexpr std::size_t kMaxTextBytes = 2048;
constexpr std::size_t kMaxPathSegments = 8;
constexpr std::uint32_t kKnownProperties = BEARERD_HAS_KEY_ISSUERS | BEARERD_CHECKS_AUDIENCE | BEARERD_CHECKS_BINDING |
                                           BEARERD_TAKES_OPAQUE | BEARERD_TAKES_NO_JWT;

// Issuers and audiences are compared byte by byte with what a token says; what can't stand in a token's URI is a
// mistake.
bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTextBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_loopback_authority(std::string_view authority) {
  if (authority.starts_with('[')) return authority.starts_with("[::1]");
  const std::string_view host = authority.substr(0, authority.find(':'));
  return host == "localhost" || host == "127.0.0.1";
}

bool is_fetchable(std::string_view url) {
  if (!is_plain(url) || url.find_first_of("{}<>\"\\#") != std::string_view::npos) return false;
  const bool is_tls = url.starts_with("https://");
  if (!is_tls && !url.starts_with("http://")) return false;
  const std::string_view rest = url.substr(is_tls ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty() || authority.find('@') != std::string_view::npos) return false;
  return is_tls || is_loopback_authority(authority);
}

bool has_one_variable(std::string_view text) {
  const auto open = text.find('{');
  const auto close = text.find('}');
  return std::count(text.begin(), text.end(), '{') == 1 && std::count(text.begin(), text.end(), '}') == 1 && open > 0 &&
         close > open + 1;
}

bool is_variable_value(std::string_view text) {
  return is_plain(text) && text.find_first_of("/{}") == std::string_view::npos;
}

}  // namespace

// The functions of the sink. None may throw into the plugin.
struct TrustCalls {
  static TrustCollector& self(void* context) noexcept { return *static_cast<TrustCollector*>(context); }

  template <class Add>
  static void add(void* context, Add&& add_to) noexcept {
    TrustCollector& collector = self(context);
    try {
      if (++collector.items_ > kMaxItems) return collector.reject("more than 1024 items");
      add_to(collector, collector.trust_);
    } catch (...) {
      collector.items_ = kMaxItems;  // out of memory: the next look at it refuses
    }
  }

  static void issuer(void* context, bearerd_text text) noexcept {
    add(context, [&](TrustCollector& to, Trust& trust) {
      if (!is_plain(view(text))) return to.reject("an issuer that is empty, too long or has odd characters");
      trust.issuers.emplace_back(view(text));
    });
  }

  static void issuer_template(void* context, const bearerd_issuer_template* given) noexcept {
    add(context, [&](TrustCollector& to, Trust& trust) {
      if (given == nullptr || given->size < sizeof(bearerd_issuer_template))
        return to.reject("an issuer template that is too short");
      IssuerTemplate made{std::string(view(given->text)), {}, std::string(view(given->claim))};
      if (!is_plain(made.text) || !has_one_variable(made.text))
        return to.reject("an issuer template without exactly one {…}");
      if (given->allowed_count > kMaxItems) return to.reject("more than 1024 values for an issuer template");
      for (std::size_t i = 0; i < given->allowed_count; ++i) {
        if (!is_variable_value(view(given->allowed[i])))
          return to.reject("an issuer template's value that is empty or has odd characters");
        made.allowed.emplace_back(view(given->allowed[i]));
      }
      trust.templates.push_back(std::move(made));
    });
  }

  static void keys(void* context, const bearerd_key_location* given) noexcept {
    add(context, [&](TrustCollector& to, Trust& trust) {
      if (given == nullptr || given->size < sizeof(bearerd_key_location))
        return to.reject("a key location that is too short");
      KeyLocation made{std::string(view(given->issuer)),
                       std::string(view(given->discovery_url)),
                       std::string(view(given->jwks_url)),
                       {}};
      if (!made.issuer.empty() && !is_plain(made.issuer))
        return to.reject("a key location's issuer has odd characters");
      if (!made.jwks_url.empty() && !is_fetchable(made.jwks_url)) return to.reject("a JWKS URL that is not https");
      if (!made.discovery_url.empty() && !is_fetchable(made.discovery_url))
        return to.reject("a discovery URL that is not https");
      if (made.jwks_url.empty() && made.discovery_url.empty() && !is_fetchable(made.issuer)) {
        return to.reject("a key location without a URL, whose issuer is no https URL");
      }
      if (given->extra_host_count > kMaxItems) return to.reject("more than 1024 hosts for keys");
      for (std::size_t i = 0; i < given->extra_host_count; ++i) {
        if (!is_variable_value(view(given->extra_hosts[i])))
          return to.reject("a host for keys that is empty or has odd characters");
        made.extra_hosts.emplace_back(view(given->extra_hosts[i]));
      }
      trust.keys.push_back(std::move(made));
    });
  }

  static void audience(void* context, bearerd_text text) noexcept {
    add(context, [&](TrustCollector& to, Trust& trust) {
      const std::string_view audience = view(text);
      if (audience.empty() || audience.size() > kMaxTextBytes || !base::is_utf8(audience))
        return to.reject("an audience that is empty or too long");
      trust.audiences.emplace_back(audience);
    });
  }

  static void algorithm(void* context, bearerd_text text) noexcept {
    add(context, [&](TrustCollector& to, Trust& trust) {
      const auto found = base::find_algorithm(view(text));
      if (!found) return to.reject("an algorithm that this daemon does not know");
      trust.algorithms.push_back(*found);
    });
  }

  static void audience_claim(void* context, const bearerd_text* path, std::size_t size) noexcept {
    add(context, [&](TrustCollector& to, Trust& trust) {
      if (path == nullptr || size == 0 || size > kMaxPathSegments) return to.reject("an audience claim without a name");
      std::vector<std::string> segments;
      segments.reserve(size);
      for (std::size_t i = 0; i < size; ++i) segments.emplace_back(view(path[i]));
      trust.audience_claim = base::ClaimPath::from_segments(std::move(segments));
    });
  }

  static void properties(void* context, std::uint32_t properties) noexcept {
    add(context, [&](TrustCollector& to, Trust& trust) {
      // A property of a later minor version may loosen or tighten a rule that we do not know.
      if ((properties & ~kKnownProperties) != 0) return to.reject("a property that this daemon does not know");
      const bool is_jwt_refused = (properties & BEARERD_TAKES_NO_JWT) != 0;
      const bool is_opaque_taken = (properties & BEARERD_TAKES_OPAQUE) != 0;
      if (is_jwt_refused && !is_opaque_taken) return to.reject("that no token at all is taken");
      trust.checks_audience |= (properties & BEARERD_CHECKS_AUDIENCE) != 0;
      trust.checks_binding |= (properties & BEARERD_CHECKS_BINDING) != 0;
      if (is_opaque_taken) trust.kinds = is_jwt_refused ? TokenKind::kOpaque : TokenKind::kBoth;
    });
  }
};

TrustCollector::TrustCollector()
    : sink_{sizeof(bearerd_trust_sink), this,
            &TrustCalls::issuer,        &TrustCalls::issuer_template,
            &TrustCalls::keys,          &TrustCalls::audience,
            &TrustCalls::algorithm,     &TrustCalls::audience_claim,
            &TrustCalls::properties} {
  trust_.audience_claim = base::ClaimPath::from_text("aud");
}

void TrustCollector::reject(std::string what) {
  if (fault_.empty()) fault_ = std::move(what);
}

base::Result<Trust> TrustCollector::result() && {
  if (fault_.empty() && items_ >= kMaxItems) reject("more than it can hold");
  if (!fault_.empty()) return base::fail(base::ErrorCode::kInvalid, "the plugin declares " + fault_);
  return std::move(trust_);
}

}  // namespace bearerd::plugin
