#include "http/admin_table.hpp"

#include <array>

#include "http/admin_check.hpp"
#include "http/admin_control.hpp"
#include "http/admin_decisions.hpp"
#include "http/admin_explain.hpp"
#include "http/admin_openapi.hpp"
#include "http/admin_plugins.hpp"
#include "http/admin_providers.hpp"
#include "http/admin_revocations.hpp"
#include "http/admin_settings.hpp"
#include "http/admin_status.hpp"
#include "http/admin_usage.hpp"

namespace bearerd::http {
namespace {

constexpr std::array kCalls{
    AdminCall{"GET", "/v1/openapi.json", Right::kObserve, false, &get_openapi, "getOpenApi", "This document.", "", "",
              "OpenApi"},
    AdminCall{"GET", "/v1/status", Right::kObserve, false, &get_status, "getStatus", "What runs.", "", "", "Status"},
    AdminCall{"POST", "/v1/reload", Right::kAdmin, true, &post_reload, "reload",
              "Read the settings again; with faults, nothing is changed.", "", "", "Reload"},
    AdminCall{"GET", "/v1/reloads", Right::kObserve, false, &list_reloads, "listReloads",
              "The last loads of the settings, newest first.", "", "", "Reloads"},
    AdminCall{"GET", "/v1/providers", Right::kObserve, false, &list_providers, "listProviders",
              "Every provider: readiness, keys, what is not checked.", "", "", "Providers"},
    AdminCall{"GET", "/v1/providers/{name}", Right::kObserve, false, &get_provider, "getProvider", "One provider.", "",
              "", "Provider"},
    AdminCall{"POST", "/v1/providers/{name}/refresh", Right::kAdmin, true, &refresh_provider, "refreshProvider",
              "Fetch its keys now. 202: not over within a few seconds; it goes on.", "", "", "Refresh", 200, "202"},
    AdminCall{"POST", "/v1/providers/{name}/disable", Right::kAdmin, true, &disable_provider, "disableProvider",
              "Refuse its tokens from now on, remembered ones too, until it is enabled; a restart changes nothing.", "",
              "", "Provider"},
    AdminCall{"POST", "/v1/providers/{name}/enable", Right::kAdmin, true, &enable_provider, "enableProvider",
              "Take its tokens again.", "", "", "Provider"},
    AdminCall{"GET", "/v1/plugins", Right::kObserve, false, &list_plugins, "listPlugins", "Every plugin that serves.",
              "", "", "Plugins"},
    AdminCall{"GET", "/v1/plugins/{name}", Right::kObserve, false, &get_plugin, "getPlugin",
              "One plugin, with the keys that it takes in a provider's entry.", "", "", "Plugin"},
    AdminCall{"GET", "/v1/settings", Right::kObserve, false, &get_settings, "getSettings",
              "The settings in force, defaults filled in. What is secret shows as \"***\".", "", "", "Settings"},
    AdminCall{"PUT", "/v1/log-level", Right::kAdmin, true, &put_log_level, "setLogLevel",
              "Log from another level on, for some seconds or until the next restart; null: what the settings say.", "",
              "LogLevelWish", "LogLevel"},
    AdminCall{"POST", "/v1/cache/flush", Right::kAdmin, true, &flush_cache, "flushCache",
              "Forget every verified token; each is verified anew.", "", "", "Flushed"},
    AdminCall{"GET", "/v1/usage", Right::kObserve, false, &list_usage, "listUsage", "What callers used, and have left.",
              "caller limit after", "", "UsagePage"},
    // Traffic, not a change by somebody: it is counted, and leaves no audit line.
    AdminCall{"POST", "/v1/usage", Right::kUsage, false, &record_usage, "recordUsage",
              "Report what a caller used of a deployment.", "", "UsageReport", "Recorded"},
    AdminCall{"GET", "/v1/revocations", Right::kObserve, false, &list_revocations, "listRevocations",
              "What is revoked by calls.", "limit after", "", "RevocationPage"},
    AdminCall{"POST", "/v1/revocations", Right::kAdmin, true, &add_revocation, "revoke",
              "Refuse tokens that are good in themselves: on disk and in force when it is answered.", "",
              "RevocationDraft", "Revocation", 201},
    AdminCall{"DELETE", "/v1/revocations", Right::kAdmin, true, &end_revocation, "endRevocation",
              "Take such tokens again.", "id", "", "Removed", 200, "404"},
    AdminCall{"POST", "/v1/revocations/accept-loss", Right::kAdmin, true, &accept_loss, "acceptLoss",
              "Start anew when the list can't be read; 409 when it can.", "", "", "AcceptedLoss", 200, "409"},
    AdminCall{"POST", kCheckPath, Right::kAdmin, false, &check_settings, "checkSettings",
              "Try settings without applying them, and say which of the last decisions would change.", "", "CheckWish",
              "Checked"},
    AdminCall{"GET", "/v1/decisions", Right::kObserve, false, &list_decisions, "listDecisions",
              "The last decisions, the oldest first.", "after limit provider reason decision", "", "Decisions"},
    // Changes nothing, but who looks into other people's tokens is written down.
    AdminCall{"POST", "/v1/explain", Right::kObserve, true, &explain_request, "explain",
              "What would be answered to a request, and how every check comes out.", "", "ExplainWish", "Explanation"},
};

}  // namespace

std::span<const AdminCall> admin_calls_table() { return kCalls; }

}  // namespace bearerd::http
