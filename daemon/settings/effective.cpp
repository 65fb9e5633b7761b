#include "settings/effective.hpp"

#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "settings/dynamic_table.hpp"
#include "settings/provider_table.hpp"
#include "settings/static_table.hpp"

namespace bearerd::settings {
namespace {

class ObjectText {
 public:
  ObjectText& set(std::string_view name, const std::string& json) {
    text_ += (text_.size() > 1 ? "," : "") + base::json_string(name) + ":" + json;
    return *this;
  }
  [[nodiscard]] std::string done() const { return text_ + "}"; }

 private:
  std::string text_ = "{";
};

std::string access_json(const Settings& settings) {
  Access access;
  access.admin.rules = settings.admin_rules;
  access.observe.rules = settings.observe_rules;
  access.usage.rules = settings.usage_rules;
  return family_json(access);
}

std::string introspection_json(const Introspection& introspection) {
  return ObjectText()
      .set("url", base::json_string(introspection.url))
      .set("clientId", base::json_string(introspection.client_id))
      .set("clientSecret", Codec<base::Secret>::json({}, introspection.client_secret))
      .set("authentication",
           base::json_string(introspection.authentication == ClientAuthentication::kPost ? "post" : "basic"))
      .done();
}

// Keys of the entry that are not kept as they were written: files that were read, and what is ignored.
constexpr std::array<std::string_view, 4> kNotKept{"introspection", "loggingSaltFile", "obfuscateUserEmail",
                                                   "claimPathsToLog"};

std::string provider_json(const Provider& provider) {
  ProviderDraft draft;
  static_cast<Provider&>(draft) = provider;
  draft.roles = {provider.role_paths, provider.role_function};
  draft.disables_verification = provider.is_unverified;
  std::string text = family_json(draft, kNotKept);
  text.pop_back();
  if (provider.introspection) text += ",\"introspection\":" + introspection_json(*provider.introspection);
  const std::string_view own = provider.plugin_settings_shown;
  if (own.size() > 2) text += "," + std::string(own.substr(1, own.size() - 2));
  return text + "}";
}

std::string config_json(const Settings& settings) {
  ConfigFiles config;
  config.files = settings.config_files;
  config.reload = settings.reload_poll;
  config.merge.overwrites_arrays = settings.overwrites_arrays;
  return family_json(config);
}

std::string providers_json(const std::vector<Provider>& providers) {
  ObjectText object;
  for (const Provider& provider : providers) object.set(provider.name, provider_json(provider));
  return object.done();
}

std::string deployment_json(const Deployment& deployment) {
  return ObjectText()
      .set("userRoles", Codec<std::optional<std::vector<std::string>>>::json({}, deployment.user_roles))
      .done();
}

std::string role_json(const Role& role) {
  ObjectText limits;
  for (const auto& [deployment, limit] : role.limits) limits.set(deployment, family_json(limit));
  return ObjectText()
      .set("limits", limits.done())
      .set("costLimit", role.cost ? family_json(*role.cost) : std::string("null"))
      .done();
}

std::string keys_json(const std::vector<ApiKey>& keys) {
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  for (const ApiKey& key : keys) {
    const ApiKeyDraft draft{key.project, {}, key.roles, key.is_secured, key.address_ranges};
    constexpr std::array<std::string_view, 1> kJoined{"role"};
    texts.push_back("{\"key\":" + std::string(kMasked) + "," + family_json(draft, kJoined).substr(1));
  }
  return json_list(texts);
}

std::string route_json(const Route& route) {
  RouteDraft draft;
  draft.paths = route.paths;
  draft.methods = route.methods;
  draft.hosts = route.hosts;
  draft.user_roles = route.user_roles;
  draft.providers = route.providers;
  draft.rules = route.rules;
  draft.max_token_age = route.max_token_age;
  draft.order = route.order;
  draft.is_anonymous = route.is_anonymous;
  draft.keeps_encoded_slashes = route.keeps_encoded_slashes;
  constexpr std::array<std::string_view, 1> kAlias{"user_roles"};
  return family_json(draft, kAlias);
}

void set_dynamic(ObjectText& root, const Dynamic& dynamic) {
  std::map<std::string_view, ObjectText> kinds;
  for (const auto& [name, deployment] : dynamic.deployments) {
    kinds[deployment.kind].set(name, deployment_json(deployment));
  }
  for (const auto& [kind, deployments] : kinds) root.set(kind, deployments.done());
  ObjectText roles, routes;
  for (const auto& [name, role] : dynamic.roles) roles.set(name, role_json(role));
  for (const Route& route : dynamic.routes) routes.set(route.name, route_json(route));
  root.set("roles", roles.done()).set("keys", keys_json(dynamic.keys)).set("routes", routes.done());
}

}  // namespace

std::string effective_json(const Settings& settings) {
  ObjectText root;
  root.set("listen", family_json(settings.listen))
      .set("plugins", family_json(settings.plugins))
      .set("verify", family_json(settings.verify))
      .set("cache", family_json(settings.cache))
      .set("log", family_json(settings.log))
      .set("state", family_json(settings.state))
      .set("admin", family_json(settings.admin))
      .set("insecure", family_json(settings.insecure))
      .set("config", config_json(settings))
      .set("access", access_json(settings))
      .set("apiKeyValidation", family_json(ApiKeyValidation{settings.proxy_count}))
      .set("identityProviders", providers_json(settings.providers));
  set_dynamic(root, settings.dynamic);
  return root.done();
}

}  // namespace bearerd::settings
