#include "http/admin_providers.hpp"

#include <algorithm>
#include <ranges>

#include "http/admin_json.hpp"

namespace bearerd::http {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
using runtime::ProviderReadiness;

constexpr std::string_view kUnknownProvider = "the settings have no provider of this name";

std::string provider_names(const AdminCalls& calls) {
  constexpr std::size_t kMost = 32;
  std::string names;
  const auto settings = calls.settings();
  for (const settings::Provider& provider : settings->providers | std::views::take(kMost))
    names += (names.empty() ? "there are: " : ", ") + provider.name;
  if (settings->providers.size() > kMost) names += ", …";
  return names.empty() ? "there are none" : names;
}

AdminAnswer unknown_provider(const AdminCalls& calls) {
  return admin_refusal(404, "unknown_provider", kUnknownProvider, provider_names(calls));
}

std::optional<ProviderStatus> find_provider(const AdminCalls& calls, const std::string& name) {
  std::vector<ProviderStatus> all = calls.providers();
  const auto found = std::ranges::find(all, name, &ProviderStatus::name);
  if (found == all.end()) return std::nullopt;
  return std::move(*found);
}

Var age_json(const std::optional<base::WallTime>& since, base::WallTime now) {
  if (!since) return {};
  // A clock that was set back makes it one of the future.
  return static_cast<Poco::Int64>(
      std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(now - *since).count()));
}

// What an operator asks when it is not ready.
std::string why_not_ready(const ProviderStatus& provider) {
  switch (provider.readiness) {
    case ProviderReadiness::kReady:
      return {};
    case ProviderReadiness::kWaiting:
      return "its keys have not come yet";
    case ProviderReadiness::kDisabled:
      return "an operator switched it off";
    case ProviderReadiness::kFailed:
      break;
  }
  return provider.last_error.empty() ? "it has no keys" : "it has no keys: " + provider.last_error;
}

Object source_json(const KeySourceStatus& source) {
  Object item = new_object();
  item.set("issuer", text_or_null(source.issuer));
  item.set("url", text_or_null(source.url));
  item.set("files", strings_json(source.files));
  item.set("ready", source.keys.is_ready);
  item.set("keys", static_cast<Poco::UInt64>(source.keys.key_count));
  item.set("kids", strings_json(source.kids));
  item.set("stale", source.keys.is_stale);
  item.set("from_disk", source.keys.is_from_disk);
  const bool has_success = source.keys.last_success != base::WallTime{};
  item.set("last_success", has_success ? time_json(source.keys.last_success) : Var());
  item.set("last_error", text_or_null(source.keys.last_error));
  return item;
}

Object provider_json(const ProviderStatus& provider, base::WallTime now) {
  Object item = provider_summary_json(provider, now);
  item.set("enabled", provider.readiness != ProviderReadiness::kDisabled);
  item.set("issuers", strings_json(provider.issuers));
  item.set("issuer_pattern", text_or_null(provider.issuer_pattern));
  item.set("audiences", strings_json(provider.audiences));
  item.set("algorithms", strings_json(provider.algorithms));
  item.set("unchecked", strings_json(provider.unchecked));
  item.set("epoch", static_cast<Poco::UInt64>(provider.epoch));
  Array sources;
  for (const KeySourceStatus& source : provider.sources) sources.add(source_json(source));
  item.set("sources", sources);
  return item;
}

AdminAnswer provider_answer(const AdminCalls& calls, const std::string& name) {
  const auto provider = find_provider(calls, name);
  if (!provider) return unknown_provider(calls);
  return json_answer(to_text(provider_json(*provider, calls.clock->wall())));
}

AdminAnswer switch_provider(const AdminCalls& calls, const std::string& name, bool is_enabled) {
  if (!calls.has_provider(name)) return unknown_provider(calls);
  const auto done = calls.set_enabled(name, is_enabled);
  if (!done) return no_answer_refusal(done.error());
  if (!*done)
    return admin_refusal(503, "store_unavailable", "this can't be kept, so nothing was changed", done->error().text);
  return provider_answer(calls, name);
}

std::string_view name_of(RefreshResult result) {
  switch (result) {
    case RefreshResult::kFetched:
      return "fetched";
    case RefreshResult::kFailed:
      return "failed";
    case RefreshResult::kNothingToFetch:
      return "nothing_to_fetch";
    case RefreshResult::kPending:
      break;
  }
  return "pending";
}

}  // namespace

AdminAnswer no_such_provider(const AdminCalls& calls) {
  return admin_refusal(422, "unknown_provider", kUnknownProvider, provider_names(calls));
}

Object provider_summary_json(const ProviderStatus& provider, base::WallTime now) {
  Object item = new_object();
  item.set("name", provider.name);
  item.set("plugin", provider.plugin);
  item.set("plugin_version", provider.plugin_version);
  item.set("readiness", std::string(name(provider.readiness)));
  item.set("optional", provider.is_optional);
  item.set("keys", static_cast<Poco::UInt64>(provider.key_count));
  item.set("key_age_seconds", age_json(provider.last_success, now));
  item.set("stale", provider.is_stale);
  item.set("last_success", time_json(provider.last_success));
  item.set("last_error", text_or_null(provider.last_error));
  item.set("why", text_or_null(why_not_ready(provider)));
  item.set("allowed", static_cast<Poco::UInt64>(provider.allowed));
  return item;
}

AdminAnswer list_providers(const AdminCalls& calls, const AdminRequest&) {
  Array providers;
  for (const ProviderStatus& provider : calls.providers()) providers.add(provider_json(provider, calls.clock->wall()));
  Object root = new_object();
  root.set("providers", providers);
  return json_answer(to_text(root));
}

AdminAnswer get_provider(const AdminCalls& calls, const AdminRequest& request) {
  return provider_answer(calls, request.name);
}

AdminAnswer disable_provider(const AdminCalls& calls, const AdminRequest& request) {
  return switch_provider(calls, request.name, false);
}

AdminAnswer enable_provider(const AdminCalls& calls, const AdminRequest& request) {
  return switch_provider(calls, request.name, true);
}

AdminAnswer refresh_provider(const AdminCalls& calls, const AdminRequest& request) {
  if (!calls.has_provider(request.name)) return unknown_provider(calls);
  const RefreshResult result = calls.refresh(request.name);
  // A reload may have taken it away meanwhile.
  const auto provider = find_provider(calls, request.name);
  if (!provider) return unknown_provider(calls);
  Object root = new_object();
  root.set("result", std::string(name_of(result)));
  root.set("provider", provider_json(*provider, calls.clock->wall()));
  AdminAnswer answer = json_answer(to_text(root), result == RefreshResult::kPending ? 202 : 200);
  answer.audited.push_back({"result", std::string(name_of(result))});
  return answer;
}

}  // namespace bearerd::http
