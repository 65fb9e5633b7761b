#include "http/admin_schemas.hpp"

namespace bearerd::http {
namespace {

constexpr AdminSchema kSchemas[] = {
    {"OpenApi", ""},
    {"HttpProblem", "title:string status:integer code:string ~detail:string ~problems:SettingsProblem[]"},
    {"SettingsProblem",
     "severity:fault|warning file:string line:integer column:integer path:string text:string display:string"},
    {"Generations", "static:integer dynamic:integer"},
    {"Status",
     "version:string revision:string pid:integer started_at:time uptime_seconds:integer ready:boolean "
     "generations:Generations last_reload:LastReload? files:string[]? providers:ProviderSummary[] listeners:string[] "
     "cached_verdicts:integer revocations:integer dropped_log_lines:integer "
     "log_level:debug|info|notice|warning|error log_level_set:boolean? decisions_per_second:number "
     "decisions:integer{} warnings:string[]"},
    {"LastReload", "result:applied|unchanged|refused at:time problems:SettingsProblem[]"},
    {"Reload", "result:applied|unchanged generations:Generations problems:SettingsProblem[] needs_restart:string[]"},
    {"Reloads", "reloads:PastReload[]"},
    {"PastReload",
     "result:applied|unchanged|refused at:time cause:string generations:Generations problems:SettingsProblem[] "
     "needs_restart:string[]"},
    {"ProviderSummary",
     "name:string plugin:string plugin_version:string readiness:ready|waiting|failed|disabled optional:boolean "
     "keys:integer key_age_seconds:integer? stale:boolean last_success:time? last_error:string? why:string? "
     "allowed:integer"},
    {"Providers", "providers:Provider[]"},
    {"Provider",
     "name:string plugin:string plugin_version:string readiness:ready|waiting|failed|disabled optional:boolean "
     "keys:integer key_age_seconds:integer? stale:boolean last_success:time? last_error:string? why:string? "
     "allowed:integer enabled:boolean issuers:string[] issuer_pattern:string? audiences:string[] algorithms:string[] "
     "unchecked:string[] epoch:integer sources:KeySource[]"},
    {"KeySource",
     "issuer:string? url:string? files:string[] ready:boolean keys:integer kids:string[] stale:boolean "
     "from_disk:boolean last_success:time? "
     "last_error:string?"},
    {"Refresh", "result:fetched|failed|pending|nothing_to_fetch provider:Provider"},
    {"Plugins", "plugins:Plugin[]"},
    {"Plugin",
     "name:string version:string abi:string file:string digest:string description:string? providers:string[] "
     "settings:PluginSetting[]"},
    {"PluginSetting",
     "name:string type:string|integer|boolean|stringList|url|stringMap help:string required:boolean secret:boolean "
     "default:any minimum:integer? maximum:integer? choices:string[]"},
    {"Settings", ""},
    {"LogLevelWish", "level:debug|info|notice|warning|error? ~seconds:integer"},
    {"LogLevel", "level:debug|info|notice|warning|error? seconds:integer?"},
    {"Flushed", "result:flushed verdicts:integer"},
    {"UsageReport", "caller:string deployment:string ~tokens:integer ~cost:number ~idempotency_key:string"},
    {"Recorded", "result:counted|repeated"},
    {"UsagePage", "usage:UsageRow[] next:string?"},
    {"UsageRow", "caller:string deployment:string? windows:UsageWindow{}"},
    {"UsageWindow", "used:number limit:number? left:number?"},
    {"RevocationDraft",
     "~provider:string ~jti:string ~session:string ~subject:string ~caller:string ~key:string ~issued_before:time "
     "~until:time"},
    {"Revocation",
     "id:string kind:jti|session|subject|subject_issued_before|key|provider_issued_before issued_before:time? "
     "until:time? added_at:time"},
    {"RevocationPage", "revocations:Revocation[] next:string?"},
    {"Removed", "result:removed"},
    {"ExplainWish",
     "~token:string ~api_key:string ~endpoint:verify|nginx|forward|envoy ~method:string ~uri:string ~host:string "
     "~resource:string ~client_address:string ~forwarded_for:string ~claims:boolean"},
    {"Explanation",
     "decision:allow|deny|error reason:string retry_after:integer? statuses:integer{} provider:string? "
     "deployment:string? route:string? steps:ExplainedStep[] generations:Generations"},
    {"ExplainedStep", "check:string outcome:passed|failed|not_reached|not_asked why:string? details:string[]"},
    {"CheckWish", "~config_file:string ~files:string{} ~against_recent:boolean"},
    {"Checked",
     "result:good|faulty problems:SettingsProblem[] needs_restart:string[] unread_files:string[] partial:boolean "
     "comparison:Comparison?"},
    {"Comparison",
     "compared:integer unjudged:integer unjudged_by:integer{} first:time? last:time? changed:integer "
     "allow_to_deny:integer deny_to_allow:integer already_changed:integer other_reason:integer "
     "changes:DecisionChange[] "
     "changes_left_out:integer"},
    {"DecisionChange",
     "count:integer users:integer before:Verdict after:Verdict provider:string deployment:string? route:string? "
     "roles:string[] last:ChangedRequest"},
    {"Verdict", "decision:allow|deny|error reason:string"},
    {"ChangedRequest", "at:time method:string? path:string? resource:string?"},
    {"Decisions", "decisions:PastDecision[] next:string more:boolean capacity:integer left_out:integer"},
    {"PastDecision",
     "number:integer at:time decision:allow|deny|error reason:string provider:string user:string? project:string? "
     "roles:string[]? "
     "deployment:string? route:string? limit:string? method:string? host:string? path:string? resource:string? "
     "generations:Generations"},
    {"AcceptedLoss", "result:accepted set_aside:string?"},
};

}  // namespace

std::span<const AdminSchema> admin_schemas() { return kSchemas; }

}  // namespace bearerd::http
