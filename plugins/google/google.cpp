// Google's ID tokens; with userInfoEndpoint, its opaque access tokens in their place. The same keys sign for everybody,
// and anyone with a Google Cloud project can have a token made for any audience: so a service account needs to be
// listed, and people are bound by audience or by their hosted domain.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/opaque_tokens.hpp"
#include "bearerd/plugin.hpp"
#include "bearerd/provider_settings.hpp"
#include "bearerd/standard_claims.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

constexpr std::string_view kIssuers[] = {"https://accounts.google.com", "accounts.google.com"};
constexpr std::string_view kKeys = "https://www.googleapis.com/oauth2/v3/certs";
// Identity-Aware Proxy is another issuer, with keys and an algorithm of its own.
constexpr std::string_view kIapIssuer = "https://cloud.google.com/iap";
constexpr std::string_view kIapKeys = "https://www.gstatic.com/iap/verify/public_key-jwk";

// An assertion of IAP lives ten minutes, and its vendor allows 30 s of skew at either end.
constexpr std::int64_t kIapLifeSeconds = 600 + 2 * 30;

constexpr std::string_view kGroups = "fn:getGoogleWorkspaceGroups";
constexpr int kMaxGroupPages = 8;

// Token info has its numbers as JSON strings.
std::optional<std::int64_t> whole_number(const Object& answer, std::string_view name) {
  if (const auto number = answer.integer(name)) return number;
  const auto text = answer.string(name);
  std::int64_t value = 0;
  if (!text || text->empty() || text->size() > 15) return std::nullopt;
  for (const char c : *text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// A value of a URL's query (RFC 3986 §3.4).
void append_query_encoded(std::string& url, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                               c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved) {
      url += c;
    } else {
      url.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
    }
  }
}

// The address stands in a string of Google's query language, so what would end that string is escaped first.
std::string groups_query(std::string_view email) {
  std::string query = "member_key_id=='";
  for (const char c : email) {
    if (c == '\'' || c == '\\') query += '\\';
    query += c;
  }
  return query + "'";
}

bool is_service_account(const Object& claims) noexcept {
  if (claims.string("email").value_or("").ends_with(".gserviceaccount.com")) return true;
  // There azp repeats the audience.
  if (claims.string("iss") == kIapIssuer) return false;
  // A person's token was asked for by an OAuth client; a service account asks for itself.
  const auto party = claims.string("azp");
  return party && !party->ends_with(".apps.googleusercontent.com");
}

bool lives_too_long(const Object& claims) noexcept {
  const auto issued = claims.integer("iat");
  const auto ends = claims.integer("exp");
  return !issued || !ends || *ends - *issued > kIapLifeSeconds;
}

class Google final : public Plugin {
 public:
  Google(const Host& host, const Object& settings)
      : host_(host),
        common_(read_provider_settings(settings)),
        hosted_domains_(settings.texts("hd")),
        service_accounts_(settings.texts("serviceAccounts")),
        token_info_url_(settings.text("tokenInfoUrl")),
        groups_url_(settings.text("groupsUrl")),
        takes_users_(settings.boolean("users").value_or(true)),
        takes_iap_(settings.boolean("iap").value_or(false)) {
    refuse_what_cannot_be_asked();
    refuse_empty_lists(settings, {"hd", "serviceAccounts"});
    if (!takes_users_ && service_accounts_.empty())
      throw Refused("users", "without users, serviceAccounts must name somebody");
    // Its assertions carry hd for every Workspace user of the world, whichever backend they are for.
    if (takes_iap_ && common_.audience.empty())
      throw Refused("iap", "needs audience: the backend's, such as /projects/<number>/global/backendServices/<id>");
    if (takes_iap_ && !common_.jwks_url.empty())
      throw Refused("iap", "has keys of its own beside those of ID tokens: leave out jwksUrl");
  }

  void trust(const TrustSink& sink) const override {
    if (is_opaque()) {
      sink.takes_opaque_only();
      if (!common_.audience.empty()) sink.checks_audience();
      return;
    }
    for (const std::string_view issuer : kIssuers) sink.issuer(issuer);
    sink.algorithm("RS256");
    if (takes_iap_) {
      trust_iap(sink);
    } else if (common_.jwks_url.empty()) {
      sink.key_set(kKeys);
    }
    if (!hosted_domains_.empty()) sink.checks_audience();
  }

  // User info says who, and not for which client the token was made: token info is asked first, and
  // both aud and azp have to be ours.
  Resolution resolve(const Call& call) const override {
    if (!is_opaque()) return Verdict::kProviderUnavailable;
    std::string subject;
    if (!common_.audience.empty()) {
      if (const Verdict made_for = check_token_info(call, subject); made_for != Verdict::kAccept) return made_for;
    }
    const Answer user = call.fetch({.url = common_.user_info_endpoint, .attach = Attach::kBearer});
    // Google's 403 is about the project (an API that is off, a quota) as often as about the token.
    if (user.status == 401) return Verdict::kOpaqueInactive;
    if (!user.is_good()) return Verdict::kProviderUnavailable;
    // Two answers about one token that name two people can't both be right.
    if (!subject.empty() && user.json->string("sub") != subject) return Verdict::kProviderUnavailable;
    return *user.json;
  }

  Verdict enrich(const Token& token, const Call& call, const IdentitySink& identity) const override {
    const auto email = token.claims().string("email");
    // Whose address it was when Google verified it may be another's now: somebody else's groups are nobody's.
    if (!email || email->empty() || !is_authoritative(token.claims(), *email)) return Verdict::kMissingClaim;
    std::string page;
    for (int pages = 0; pages < kMaxGroupPages; ++pages) {
      const Answer answer = call.fetch({.url = groups_url(*email, page), .attach = Attach::kBearer});
      if (!answer.is_good() || !say_groups(*answer.json, identity)) return Verdict::kProviderUnavailable;
      page = answer.json->text("nextPageToken");
      if (page.empty()) return Verdict::kAccept;
    }
    return Verdict::kProviderUnavailable;  // more than we look at: half of a user's groups are not the user's groups
  }

  Verdict check(const Token& token) const override {
    const Verdict verdict = check_claims(token);
    return verdict == Verdict::kAccept && common_.role_function == kGroups ? Verdict::kAcceptEnriched : verdict;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    if (const auto name = claims.string("name")) identity.name(*name);
    const std::string_view email = claims.string("email").value_or("");
    identity.email(is_authoritative(claims, email) ? email : "");
  }

 private:
  // Each key vouches for its own issuer only.
  static void trust_iap(const TrustSink& sink) {
    for (const std::string_view issuer : kIssuers) sink.key_set(kKeys, issuer);
    sink.issuer(kIapIssuer);
    sink.key_set(kIapKeys, kIapIssuer);
    sink.algorithm("ES256");
  }

  [[nodiscard]] bool is_opaque() const noexcept { return !common_.user_info_endpoint.empty(); }

  void refuse_what_cannot_be_asked() const {
    if (!common_.introspection_url.empty())
      throw Refused("introspection", "Google has no introspection endpoint: use userInfoEndpoint");
    if (!common_.role_function.empty() && !is_opaque()) {
      throw Refused(
          "rolePath",
          "the groups are asked for with the user's access token, which an ID token is not: add userInfoEndpoint");
    }
    if (is_opaque() && common_.audience.empty()) {
      host_.log(LogLevel::kWarning,
                "google: without audience, any application that has a token of a user of hd can act as that user here");
    }
  }

  // Any other refusal is about how we ask. Some versions of the endpoint leave `error` out.
  static bool names_the_token(const Object& refusal) {
    return refusal.has("error") ? refusal.string("error") == "invalid_token"
                                : refusal.string("error_description") == "Invalid Value";
  }

  Verdict check_token_info(const Call& call, std::string& subject) const {
    const Answer answer = call.fetch({.url = token_info_url_, .method = "POST", .attach = Attach::kBearer});
    if (answer.status == 400 && answer.json && names_the_token(*answer.json)) return Verdict::kOpaqueInactive;
    if (!answer.is_good()) return Verdict::kProviderUnavailable;
    const Object& info = *answer.json;
    if (!is_one_of(common_.audience, info.string("aud")) || !is_one_of(common_.audience, info.string("azp")))
      return Verdict::kWrongAudience;
    const auto expires_at = whole_number(info, "exp");
    subject = info.text("sub");
    if (!expires_at || subject.empty()) return Verdict::kMissingClaim;
    call.valid_until(*expires_at);
    return Verdict::kAccept;
  }

  [[nodiscard]] std::string groups_url(std::string_view email, std::string_view page) const {
    std::string url = groups_url_ + "?query=";
    append_query_encoded(url, groups_query(email));
    if (!page.empty()) append_query_encoded(url += "&pageToken=", page);
    return url;
  }

  // Without `memberships` there are none; with one that can't be read, nobody knows.
  static bool say_groups(const Object& answer, const IdentitySink& identity) {
    std::vector<std::string_view> groups;
    bool is_complete = true;
    const auto add = [&](const Object& membership) {
      const auto id = membership.string("groupKey", "id");
      if (id) groups.push_back(*id);
      is_complete = is_complete && id.has_value();
    };
    const bool is_readable = !answer.has("memberships") || answer.for_each_object(add, "memberships");
    if (is_readable && is_complete) identity.roles(groups);
    return is_readable && is_complete;
  }

  Verdict check_claims(const Token& token) const {
    const Object& claims = token.claims();
    // Security event tokens come from the same issuer.
    if (token.type().ends_with("+jwt") || is_event_token(claims)) return Verdict::kWrongTokenUse;
    if (claims.string("iss") == kIapIssuer && lives_too_long(claims)) return Verdict::kClaimRejected;
    if (is_service_account(claims)) return check_service_account(claims);
    if (!takes_users_) return Verdict::kClaimRejected;
    const bool is_in_domain = hosted_domains_.empty() || is_one_of(hosted_domains_, claims.string("hd"));
    return is_in_domain ? Verdict::kAccept : Verdict::kWrongTenant;
  }

  Verdict check_service_account(const Object& claims) const {
    const bool is_verified = claims.boolean("email_verified").value_or(false);
    const bool is_listed = (is_verified && is_one_of(service_accounts_, claims.string("email"))) ||
                           is_one_of(service_accounts_, claims.string("sub"));
    return is_listed ? Verdict::kAccept : Verdict::kClaimRejected;
  }

  // For any other address, its owner may have changed since Google verified it.
  static bool is_authoritative(const Object& claims, std::string_view email) noexcept {
    const bool is_hosted =
        claims.string("hd").has_value() || email.ends_with("@gmail.com") || email.ends_with(".gserviceaccount.com");
    return is_hosted && claims.boolean("email_verified").value_or(false);
  }

  Host host_;
  ProviderSettings common_;
  std::vector<std::string> hosted_domains_, service_accounts_;
  std::string token_info_url_, groups_url_;
  bool takes_users_, takes_iap_;
};

}  // namespace

BEARERD_PLUGIN(Google)
