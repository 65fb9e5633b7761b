#include "settings/plugin_choice.hpp"

#include <array>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "settings/url.hpp"

namespace bearerd::settings {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

constexpr std::array kNames{
    Pair{"auth0", "auth0"},    Pair{"cognito", "cognito"}, Pair{"entra", "entra"},   Pair{"azure", "entra"},
    Pair{"azureb2c", "entra"}, Pair{"entraid", "entra"},   Pair{"google", "google"}, Pair{"keycloak", "keycloak"},
    Pair{"okta", "okta"},      Pair{"oidc", "oidc"},
};

// A leading dot stands for any name below. Government and national clouds are the same providers.
constexpr std::array kHosts{
    Pair{".auth0.com", "auth0"},
    Pair{".okta.com", "okta"},
    Pair{".oktapreview.com", "okta"},
    Pair{".okta-emea.com", "okta"},
    Pair{".okta-gov.com", "okta"},
    Pair{".okta.mil", "okta"},
    Pair{"login.microsoftonline.com", "entra"},
    Pair{"login.microsoftonline.us", "entra"},
    Pair{"login.partner.microsoftonline.cn", "entra"},
    Pair{"login.chinacloudapi.cn", "entra"},
    Pair{"login.microsoft.com", "entra"},
    Pair{"login.windows.net", "entra"},
    Pair{"sts.windows.net", "entra"},
    Pair{"graph.microsoft.com", "entra"},
    Pair{".b2clogin.com", "entra"},
    Pair{".ciamlogin.com", "entra"},
    Pair{"accounts.google.com", "google"},
    Pair{".googleapis.com", "google"},
    Pair{".amazoncognito.com", "cognito"},
};

bool is_below(std::string_view host, std::string_view suffix) {
  return host.size() > suffix.size() && host.substr(host.size() - suffix.size()) == suffix;
}

bool is_cognito_pool(std::string_view host) {
  const bool is_pool = host.starts_with("cognito-idp") || host.starts_with("issuer-cognito-idp");
  return is_pool && (is_below(host, ".amazonaws.com") || is_below(host, ".amazonaws.com.cn"));
}

std::vector<std::string> hosts_of(const ProviderDraft& provider) {
  std::vector<std::string> urls = provider.issuers;
  urls.push_back(provider.jwks_url);
  urls.push_back(provider.user_info_endpoint);
  if (provider.introspection_draft) urls.push_back(provider.introspection_draft->url);
  std::vector<std::string> hosts;
  for (const std::string& text : urls) {
    if (const auto url = parse_url(text)) {
      hosts.push_back(url->host);
    } else if (text == "accounts.google.com") {  // Google's scheme-less issuer
      hosts.push_back(text);
    }
  }
  return hosts;
}

}  // namespace

std::string_view plugin_by_name(std::string_view provider_name) {
  const std::string lower = base::to_lower(provider_name);
  for (const auto& [name, plugin] : kNames) {
    if (lower == name) return plugin;
  }
  return {};
}

std::string_view plugin_by_host(std::string_view host) {
  if (is_cognito_pool(host)) return "cognito";
  for (const auto& [pattern, plugin] : kHosts) {
    if (pattern.front() == '.' ? is_below(host, pattern) : host == pattern) return plugin;
  }
  return {};
}

bool has_host_of(const ProviderDraft& provider, std::string_view plugin) {
  for (const std::string& host : hosts_of(provider)) {
    if (plugin_by_host(host) == plugin) return true;
  }
  return false;
}

std::string choose_plugin(const Reader& entry, const ProviderDraft& provider) {
  if (!provider.plugin.empty()) return provider.plugin;
  std::string_view chosen = plugin_by_name(provider.name);
  std::string reason = "the name of the entry";
  for (const std::string& host : hosts_of(provider)) {
    const std::string_view by_host = plugin_by_host(host);
    if (by_host.empty() || by_host == chosen) continue;
    if (!chosen.empty()) {
      entry.fault_at_key(reason + " asks for the plugin " + base::json_string(chosen) + ", the host " + host + " for " +
                         base::json_string(by_host) + R"(; say which it is with "plugin": )" +
                         base::json_string(by_host) + " or " + base::json_string(chosen));
      break;
    }
    chosen = by_host;
    reason = "the host " + host;
  }
  return std::string(chosen.empty() ? "oidc" : chosen);
}

}  // namespace bearerd::settings
