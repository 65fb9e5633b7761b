// Microsoft Entra ID. One set of keys signs for every tenant of the world: tid, iss and the tenants of the settings
// must agree.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/plugin.hpp"
#include "bearerd/provider_settings.hpp"
#include "bearerd/standard_claims.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

struct Cloud {
  std::string_view name, login_host, v1_host;
};
constexpr Cloud kClouds[] = {{"public", "login.microsoftonline.com", "sts.windows.net"},
                             {"usGovernment", "login.microsoftonline.us", "sts.windows.net"},
                             {"china", "login.partner.microsoftonline.cn", "sts.chinacloudapi.cn"}};

constexpr std::size_t kGuidSize = 36;

bool is_guid(std::string_view text) noexcept {
  if (text.size() != kGuidSize) return false;
  for (std::size_t i = 0; i < kGuidSize; ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (is_dash ? c != '-' : !is_hex) return false;
  }
  return true;
}

// As Entra itself writes a GUID, in tid and in issuers.
std::string in_small_letters(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// The tenant of a tenant-specific URL, ".../<guid>/discovery/...".
std::optional<std::string> guid_in(std::string_view url) {
  for (std::size_t slash = url.find('/'); slash != std::string_view::npos; slash = url.find('/', slash + 1)) {
    const std::string_view segment = url.substr(slash + 1, url.find('/', slash + 1) - slash - 1);
    if (is_guid(segment)) return std::string(segment);
  }
  return std::nullopt;
}

bool is_graph(std::string_view audience) noexcept {
  return audience == "00000003-0000-0000-c000-000000000000" || audience == "https://graph.microsoft.com" ||
         audience == "https://graph.microsoft.com/";
}

class Entra final : public Plugin {
 public:
  Entra(const Host&, const Object& settings)
      : common_(read_provider_settings(settings)),
        cloud_(find_cloud(settings.text("cloud"))),
        tenants_(settings.texts("tenants")),
        clients_(settings.texts("clients")),
        takes_applications_(settings.boolean("allowApplications").value_or(true)),
        takes_overage_(settings.text("groupOverage") == "accept") {
    refuse_empty_lists(settings, {"tenants", "clients"});
    if (!std::all_of(tenants_.begin(), tenants_.end(), is_guid))
      throw Refused("tenants", "a tenant is named by its GUID");
    for (std::string& tenant : tenants_) tenant = in_small_letters(tenant);
    has_listed_tenants_ = !tenants_.empty();
    if (const auto tenant = guid_in(common_.jwks_url)) bind_to(in_small_letters(*tenant));
    if (takes_overage_ && is_one_of(common_.role_paths, "groups")) {
      throw Refused("groupOverage",
                    "rolePath takes roles from groups, and those of an overage are unknown, not none: leave this out, "
                    "or take roles from elsewhere");
    }
  }

  void trust(const TrustSink& sink) const override {
    sink.algorithm("RS256");
    if (common_.jwks_url.empty()) say_keys_of_version_1(sink);
    // An issuer that the operator names is not widened to the tenant's others.
    if (tenants_.empty() || (!common_.issuers.empty() && !has_listed_tenants_)) return;
    sink.issuer_template("https://" + std::string(cloud_.login_host) + "/{tenantid}/v2.0", tenants_, "tid");
    sink.issuer_template("https://" + std::string(cloud_.v1_host) + "/{tenantid}/", tenants_, "tid");
    if (!common_.jwks_url.empty() || !has_listed_tenants_) return;
    for (const std::string& tenant : tenants_) say_keys(sink, tenant);
  }

  Verdict check(const Token& token) const override {
    const Object& claims = token.claims();
    if (const Verdict tenant = check_tenant(claims); tenant != Verdict::kAccept) return tenant;
    if (is_graph(claims.string("aud").value_or(""))) return Verdict::kWrongAudience;
    if (token.type().ends_with("+jwt") || is_event_token(claims)) return Verdict::kWrongTokenUse;
    if (const Verdict use = check_use(claims); use != Verdict::kAccept) return use;
    if (!clients_.empty() && !is_one_of(clients_, client_of(claims))) return Verdict::kClaimRejected;
    const bool has_overage = claims.has("_claim_names", "groups") || claims.has("hasgroups");
    return has_overage && !takes_overage_ ? Verdict::kMissingClaim : Verdict::kAccept;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    auto name = claims.string("name");
    if (!name) name = claims.string("preferred_username");
    if (name) identity.name(*name);
    // Any tenant's administrator can set anybody's address ("nOAuth"); xms_edov says that the domain's owner was
    // verified.
    if (claims.has("email")) {
      identity.email(claims.boolean("xms_edov").value_or(false) ? claims.string("email").value_or("") : "");
    }
    const auto tenant = claims.string("tid");
    const auto object = claims.string("oid");
    if (tenant && object) identity.user_id(std::string(*tenant) + "." + std::string(*object));
    identity.roles(claims.strings("roles").value_or(std::vector<std::string_view>{}));
  }

 private:
  static const Cloud& find_cloud(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(kClouds), std::end(kClouds), [&](const Cloud& cloud) { return cloud.name == name; });
    return found == std::end(kClouds) ? kClouds[0] : *found;
  }

  // Keys of one tenant are an answer about one tenant, whatever the patterns say.
  void bind_to(const std::string& tenant) {
    if (tenants_.empty()) tenants_.push_back(tenant);
    if (tenants_.size() != 1 || tenants_.front() != tenant) {
      throw Refused("tenants", "jwksUrl holds the keys of another tenant: name that one only, or leave out jwksUrl");
    }
  }

  void say_keys(const TrustSink& sink, const std::string& tenant) const {
    const std::string host(cloud_.login_host);
    const std::string keys = "https://" + host + "/" + tenant + "/discovery/v2.0/keys";
    sink.key_set(keys, "https://" + host + "/" + tenant + "/v2.0");
    sink.key_set(keys, "https://" + std::string(cloud_.v1_host) + "/" + tenant + "/");
  }

  // The metadata of a version 1 issuer is on another host, and so no discovery leads from one to the other.
  void say_keys_of_version_1(const TrustSink& sink) const {
    for (const std::string& issuer : common_.issuers) {
      const auto tenant = guid_in(issuer);
      if (!tenant || issuer != "https://" + std::string(cloud_.v1_host) + "/" + *tenant + "/") continue;
      sink.key_set("https://" + std::string(cloud_.login_host) + "/" + *tenant + "/discovery/v2.0/keys", issuer);
    }
  }

  Verdict check_tenant(const Object& claims) const {
    const std::string_view issuer = claims.string("iss").value_or("");
    const auto tenant = claims.string("tid");
    if (!tenant) {
      // B2C may leave tid out; then only an exact issuer of the settings says whose token it is.
      return tenants_.empty() && is_one_of(common_.issuers, issuer) ? Verdict::kAccept : Verdict::kMissingClaim;
    }
    if (!is_guid(*tenant) || issuer.find("/" + std::string(*tenant) + "/") == std::string_view::npos)
      return Verdict::kWrongTenant;
    return tenants_.empty() || is_one_of(tenants_, tenant) ? Verdict::kAccept : Verdict::kWrongTenant;
  }

  static std::optional<std::string_view> client_of(const Object& claims) noexcept {
    const auto party = claims.string("azp");
    return party ? party : claims.string("appid");
  }

  // Without idtyp, which the API has to ask for, a person's token is known by its scopes. Whatever else idtyp says is
  // no person.
  static bool is_person(const Object& claims, bool is_delegated) noexcept {
    return claims.has("idtyp") ? claims.string("idtyp") == "user" : is_delegated;
  }

  Verdict check_use(const Object& claims) const {
    const bool is_delegated = !claims.string("scp").value_or("").empty();
    const bool is_access = client_of(claims) && !has_id_token_mark(claims);
    if (common_.token_use == TokenUse::kId)
      return is_delegated || is_access ? Verdict::kWrongTokenUse : Verdict::kAccept;
    if (!is_access) return common_.token_use == TokenUse::kAny ? Verdict::kAccept : Verdict::kWrongTokenUse;
    const bool is_of_person = is_person(claims, is_delegated);
    if (is_of_person && is_delegated) return Verdict::kAccept;
    // Any application of the tenant gets a token for our API; only one with a permission was let in by somebody.
    const auto roles = claims.strings("roles");
    if (!roles || roles->empty()) return Verdict::kMissingClaim;
    return is_of_person || takes_applications_ ? Verdict::kAccept : Verdict::kClaimRejected;
  }

  ProviderSettings common_;
  const Cloud& cloud_;
  std::vector<std::string> tenants_, clients_;
  bool takes_applications_, takes_overage_, has_listed_tenants_ = false;
};

}  // namespace

BEARERD_PLUGIN(Entra)
