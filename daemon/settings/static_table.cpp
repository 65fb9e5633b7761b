#include "settings/static_table.hpp"

#include <array>

namespace bearerd::settings {
namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "notice", "warning", "error"};
constexpr std::string_view kFormats[] = {"auto", "json", "text"};
constexpr std::string_view kDecisions[] = {"refusals", "all"};
constexpr std::string_view kRoutes[] = {"allow", "deny"};
constexpr std::string_view kOnFailure[] = {"local", "refuse"};
constexpr std::string_view kStores[] = {"embedded", "redis"};
constexpr std::string_view kFunctions[] = {"EQUAL", "CONTAIN", "REGEX", "TRUE", "FALSE"};

constexpr Traits start(std::int64_t minimum = 0, std::int64_t maximum = std::numeric_limits<std::int64_t>::max()) {
  return {.phase = Phase::kStart, .minimum = minimum, .maximum = maximum};
}
constexpr Traits between(std::int64_t minimum, std::int64_t maximum) {
  return {.minimum = minimum, .maximum = maximum};
}
constexpr Traits one_of(std::span<const std::string_view> choices, Phase phase = Phase::kRunning) {
  return {.phase = phase, .choices = choices};
}
constexpr Traits kHeader{.format = Format::kHeaderName};

constexpr Field<Listen> kListen[] = {
    field<Listen, &Listen::verify>(
        "verify", "Where proxies ask. Beyond loopback only with `tls` or `insecure.remoteVerify`.", start()),
    field<Listen, &Listen::metrics>("metrics", "Where Prometheus scrapes; may be anywhere. An empty list: nowhere.",
                                    start()),
    field<Listen, &Listen::admin>("admin",
                                  "Where `bearerctl` talks. TCP only with TLS (`adminTls` or `tls`) and "
                                  "`admin.providers`. An empty list: nowhere.",
                                  start()),
    field<Listen, &Listen::tls>("tls", "With it, TLS on all TCP addresses of `verify`; UNIX sockets stay plain.",
                                start()),
    field<Listen, &Listen::admin_tls>("adminTls", "The certificate of the TCP addresses of `admin`.",
                                      {.phase = Phase::kStart, .default_note = "`tls`"}),
    field<Listen, &Listen::threads>("threads", "Event loops of the verify listener; 0: one per core, at most 4.",
                                    start(0, 256)),
    field<Listen, &Listen::max_connections>("maxConnections", "Connections of the verify listener, over all loops.",
                                            start(1, 1'000'000)),
    field<Listen, &Listen::max_header_bytes>("maxHeaderBytes", "Request line and headers together; more is 431.",
                                             start(1024, 1'048'576)),
    field<Listen, &Listen::max_body_bytes>(
        "maxBodyBytes", "A body is drained and ignored up to here; more closes the connection.", start(0, 16'777'216)),
    field<Listen, &Listen::header_timeout>("headerTimeoutMs", "From a request's first byte to its end.",
                                           start(100, 600'000)),
    field<Listen, &Listen::idle_timeout>("idleTimeoutMs", "How long an idle keep-alive connection is held.",
                                         start(1000, 86'400'000)),
    field<Listen, &Listen::drain_timeout>("drainTimeoutMs", "How long a stop waits for requests in flight.",
                                          start(0, 600'000)),
};

constexpr Traits kStartFile{.phase = Phase::kStart, .format = Format::kFile};

constexpr Field<TlsFiles> kTls[] = {
    field<TlsFiles, &TlsFiles::certificate_file>(
        "certificateFile", "PEM certificate chain, the server's first. A changed file is taken in within a second.",
        kStartFile),
    field<TlsFiles, &TlsFiles::key_file>("keyFile", "Its PEM private key, without a passphrase.", kStartFile),
};

constexpr Field<Plugins> kPlugins[] = {
    field<Plugins, &Plugins::directories>(
        "directories", "Where plugins are looked for, in this order.",
        {.format = Format::kFile, .needs_element = true, .default_note = "where they were installed"}),
    field<Plugins, &Plugins::allow_own_user>(
        "allowOwnUser",
        "Take plugins that belong to the daemon's own user, not only to root. For development and tests."),
};

constexpr Field<Verify> kVerify[] = {
    field<Verify, &Verify::realm>("realm", "The realm in `WWW-Authenticate`."),
    field<Verify, &Verify::resource>(
        "resource",
        "The resource identifier of RFC 9728. Set: its metadata is served, and `WWW-Authenticate` points to it.",
        {.format = Format::kUrl}),
    field<Verify, &Verify::scopes_supported>("scopesSupported", "For the metadata of RFC 9728."),
    field<Verify, &Verify::resource_name>("resourceName", "For the metadata of RFC 9728."),
    field<Verify, &Verify::wait>("waitMs", "How long a request waits for one fetch of keys. Envoy gives up at 200.",
                                 between(0, 60'000)),
    field<Verify, &Verify::hide_unknown>("hideUnknown", "Answer 403, not 404, for an unknown deployment."),
    field<Verify, &Verify::expose_reasons>("exposeReasons",
                                           "Send `X-Bearerd-Reason` on `/verify/forward` and `/verify/envoy` too, "
                                           "where the proxy relays it to the public."),
    field<Verify, &Verify::strip_credentials>("stripCredentials",
                                              "Make Envoy remove `authorization` and `api-key` before the upstream."),
    field<Verify, &Verify::max_identity_bytes>("maxIdentityBytes", "All identity headers together.",
                                               between(256, 65'536)),
    field<Verify, &Verify::max_token_bytes>("maxTokenBytes", "A longer token is refused as `too_large`.",
                                            between(1024, 65'536)),
    field<Verify, &Verify::identity_headers>("identityHeaders", "Names of the identity headers.",
                                             {.default_note = "see below"}),
    field<Verify, &Verify::resource_rules>(
        "resourceRules",
        "Patterns of whole paths, each with one group that holds a deployment's name, percent-encoded; the first that "
        "matches counts. An empty list: paths name no deployment.",
        {.format = Format::kCapture, .default_note = "DIAL Core's URLs, once there is a deployment"}),
    field<Verify, &Verify::default_route>(
        "defaultRoute", "What becomes of a path that no resource rule and no route matches.",
        {.choices = kRoutes, .default_note = "`deny` once there is a route, else `allow`"}),
    field<Verify, &Verify::introspection_clients>(
        "introspectionClients", "Who may ask `/introspect` (RFC 7662). None: there is no such endpoint.",
        {.default_note = "none"}),
};

constexpr Field<IdentityHeaderNames> kIdentityHeaders[] = {
    field<IdentityHeaderNames, &IdentityHeaderNames::user>("user", "User id.", kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::name>("name", "Display name.", kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::email>("email", "E-mail address.", kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::groups>("groups", "Roles, joined by commas.", kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::provider>("provider", "Name of the provider entry.", kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::project>("project", "Project of the token or the API key.",
                                                              kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::user_key>(
        "userKey", "The salted hash that stands for the user in logs.", kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::caller>("caller", "Opaque key of the caller, for usage reports.",
                                                             kHeader),
    field<IdentityHeaderNames, &IdentityHeaderNames::groups_omitted>("groupsOmitted", "`1` when the roles did not fit.",
                                                                     kHeader),
};

constexpr Field<Cache> kCache[] = {
    field<Cache, &Cache::verdict_life>("verdictSeconds", "How long a verified token is remembered; 0: not at all.",
                                       between(0, 86'400)),
    field<Cache, &Cache::verdict_entries>("verdictEntries", "How many are remembered, over all loops.",
                                          start(0, 16'777'216)),
    field<Cache, &Cache::opaque_life>("opaqueSeconds",
                                      "How long a provider's word about a token is used: introspection, user info, "
                                      "groups. Never past the token's `exp`.",
                                      between(1, 300)),
};

constexpr Field<LogSettings> kLog[] = {
    field<LogSettings, &LogSettings::level>("level", "The least level that is logged.", one_of(kLevels)),
    field<LogSettings, &LogSettings::format>("format", "`auto`: text on a terminal, JSON elsewhere.", one_of(kFormats)),
    field<LogSettings, &LogSettings::logs_allows>("decisions", "Which decisions are logged.", one_of(kDecisions)),
    field<LogSettings, &LogSettings::refusals_per_second>(
        "refusalsPerSecond", "Lines per provider and reason; the number left out is logged.", between(1, 100'000)),
};

constexpr Field<State> kState[] = {
    field<State, &State::directory>("directory", "Where the daemon keeps what outlives it.",
                                    {.phase = Phase::kStart,
                                     .format = Format::kFile,
                                     .default_note = "`$STATE_DIRECTORY`, else `/var/lib/bearerd`"}),
    field<State, &State::key_file>(
        "keyFile", "The daemon's own key, made at the first start.",
        {.phase = Phase::kStart, .format = Format::kFile, .default_note = "`state.key` in `state.directory`"}),
    field<State, &State::revocations_file>(
        "revocationsFile", "What is revoked, as a file of your own; a change in it is taken in as in other settings.",
        kStartFile),
    field<State, &State::longest_token_life>(
        "longestTokenLifeSeconds",
        "The longest life of any token: a revocation that does not say when it ends is kept for so long.",
        start(60, 31'536'000)),
    field<State, &State::store>("store", "Where usage is counted: in this daemon, or in a Redis that several share.",
                                one_of(kStores, Phase::kStart)),
    field<State, &State::redis>("redis", "Where the Redis is, for `\"store\": \"redis\"`.", start()),
};

constexpr Field<Redis> kRedis[] = {
    field<Redis, &Redis::address>(
        "address", "`host:port` or `unix:/path`. Not encrypted: keep it on a network of yours.", start()),
    field<Redis, &Redis::user>("user", "The user of Redis' access lists; none: the default one.", start()),
    field<Redis, &Redis::password_file>("passwordFile", "Its password, in a file that only the daemon can read.",
                                        kStartFile),
    field<Redis, &Redis::deadline>("deadlineMs", "How long a request waits for its counters.", start(1, 10'000)),
    field<Redis, &Redis::connections>("connections", "Connections, each with a thread.", start(1, 64)),
    field<Redis, &Redis::refuses_on_failure>(
        "onFailure", "While Redis does not answer: go on with what this daemon counts alone, or refuse with 503.",
        one_of(kOnFailure, Phase::kStart)),
};

constexpr Field<Admin> kAdmin[] = {
    field<Admin, &Admin::providers>("providers",
                                    "Provider entries whose tokens may reach the admin listener over TCP; each needs "
                                    "an `audience`, and none may have `disableJwtVerification`."),
    field<Admin, &Admin::recent_decisions>("recentDecisions",
                                           "How many of the last decisions are kept in memory, for `bearerctl tail` "
                                           "and `check --against-recent`; 0: none. "
                                           "A change forgets those kept.",
                                           between(0, 65'536)),
};

constexpr Field<Insecure> kInsecure[] = {
    field<Insecure, &Insecure::remote_verify>(
        "remoteVerify", "Let `listen.verify` reach beyond loopback, where tokens travel in clear.", start()),
    field<Insecure, &Insecure::accept_unbound>("acceptUnbound",
                                               "Google and Entra entries that take tokens made for anybody.", start()),
    field<Insecure, &Insecure::accept_unverified>(
        "acceptUnverified", "Entries whose `disableJwtVerification` is obeyed: anybody can forge their tokens.",
        start()),
};

constexpr Field<ConfigFiles> kConfig[] = {
    field<ConfigFiles, &ConfigFiles::files>(
        "files", "The dynamic settings, merged in this order.",
        {.format = Format::kFile, .default_note = "`aidial.config.json` beside the settings, if it is there"}),
    field<ConfigFiles, &ConfigFiles::reload>(
        "reload", "Files are watched; this is the interval of the poll that stands in where watching fails.",
        between(100, 86'400'000)),
    field<ConfigFiles, &ConfigFiles::merge>("jsonMergeStrategy", "How several files become one.",
                                            {.default_note = "see below"}),
};

constexpr Field<MergeStrategy> kMerge[] = {
    field<MergeStrategy, &MergeStrategy::overwrites_arrays>(
        "overwriteArrays", "A later file's list replaces an earlier one; otherwise the two are joined."),
};

constexpr Field<ApiKeyValidation> kApiKeys[] = {
    field<ApiKeyValidation, &ApiKeyValidation::proxy_count>(
        "proxyCount", "Trusted proxies in `X-Forwarded-For` before the one that calls us.", between(0, 64)),
};

constexpr Field<Access> kAccess[] = {
    field<Access, &Access::admin>("admin", "Who may do everything over TCP: an object with `rules`.",
                                  {.default_note = "nobody"}),
    field<Access, &Access::observe>("observe", "Who may look.", {.default_note = "nobody"}),
    field<Access, &Access::usage>("usage", "Who may report usage.", {.default_note = "nobody"}),
};

constexpr Field<RuleList> kRuleList[] = {
    field<RuleList, &RuleList::rules>("rules", "Any rule that matches grants."),
};

constexpr Field<Rule> kRule[] = {
    field<Rule, &Rule::source>("source", "`roles`, or the name of a claim."),
    field<Rule, &Rule::function>("function", "`EQUAL` and `CONTAIN` ignore case; `REGEX` matches the whole value.",
                                 {.choices = kFunctions, .default_note = "required"}),
    field<Rule, &Rule::targets>("targets", "What the values are compared with; any may match."),
};

base::Result<void> check_target(RuleFunction function, const std::string& target) {
  const auto compiled =
      function == RuleFunction::kRegex ? Regex::compile(target) : Regex::compile_ignoring_case(target);
  if (!compiled) return tl::make_unexpected(compiled.error());
  return {};
}

void check_rule(const Reader& reader, const Rule& rule) {
  const bool looks_at_values = rule.function != RuleFunction::kTrue && rule.function != RuleFunction::kFalse;
  if (reader.node.find("function") == nullptr)
    return reader.fault("a rule needs a function: " + choices_of(one_of(kFunctions)));
  if (looks_at_values && rule.source.empty()) reader.fault(R"(a rule needs a source: "roles" or the name of a claim)");
  if (looks_at_values && rule.targets.empty()) reader.fault("a rule needs targets");
  if (!looks_at_values) return;
  for (const std::string& target : rule.targets) {
    if (const auto checked = check_target(rule.function, target); !checked) reader.fault(checked.error().text);
  }
}

}  // namespace

Listen default_listen() {
  Listen listen;
  listen.verify.push_back({.is_unix = false, .host = "127.0.0.1", .port = 9180, .path = {}});
  listen.metrics.push_back({.is_unix = false, .host = "127.0.0.1", .port = 9181, .path = {}});
  listen.admin.push_back({.is_unix = true, .host = {}, .port = 0, .path = "/run/bearerd/admin.sock"});
  return listen;
}

Plugins default_plugins() { return {{BEARERD_DEFAULT_PLUGIN_DIRECTORY}, false}; }

template <>
std::span<const Field<Listen>> fields_of<Listen>() {
  return kListen;
}
template <>
std::span<const Field<TlsFiles>> fields_of<TlsFiles>() {
  return kTls;
}
template <>
std::span<const Field<Plugins>> fields_of<Plugins>() {
  return kPlugins;
}
template <>
std::span<const Field<Verify>> fields_of<Verify>() {
  return kVerify;
}
template <>
std::span<const Field<IdentityHeaderNames>> fields_of<IdentityHeaderNames>() {
  return kIdentityHeaders;
}
template <>
std::span<const Field<Cache>> fields_of<Cache>() {
  return kCache;
}
template <>
std::span<const Field<LogSettings>> fields_of<LogSettings>() {
  return kLog;
}
template <>
std::span<const Field<State>> fields_of<State>() {
  return kState;
}
template <>
std::span<const Field<Redis>> fields_of<Redis>() {
  return kRedis;
}
template <>
std::span<const Field<Admin>> fields_of<Admin>() {
  return kAdmin;
}
template <>
std::span<const Field<Insecure>> fields_of<Insecure>() {
  return kInsecure;
}
template <>
std::span<const Field<ConfigFiles>> fields_of<ConfigFiles>() {
  return kConfig;
}
template <>
std::span<const Field<MergeStrategy>> fields_of<MergeStrategy>() {
  return kMerge;
}
template <>
std::span<const Field<ApiKeyValidation>> fields_of<ApiKeyValidation>() {
  return kApiKeys;
}
template <>
std::span<const Field<Access>> fields_of<Access>() {
  return kAccess;
}
template <>
std::span<const Field<RuleList>> fields_of<RuleList>() {
  return kRuleList;
}
template <>
std::span<const Field<Rule>> fields_of<Rule>() {
  return kRule;
}

void Codec<std::vector<Rule>>::read(const Reader& reader, const Traits&, std::vector<Rule>& out) {
  out.clear();
  if (!reader.node.is_array()) return reader.fault_kind("a list of rules");
  for (const Node& element : reader.node.elements) {
    const Reader at_rule = reader.at(element);
    Rule rule;
    const std::size_t faults = reader.context.problems.fault_count();
    read_strictly(at_rule, rule);
    if (reader.context.problems.fault_count() == faults) check_rule(at_rule, rule);
    out.push_back(std::move(rule));
  }
}

std::string Codec<std::vector<Rule>>::show(const Traits&, const std::vector<Rule>&) { return {}; }
std::string Codec<std::vector<Rule>>::type(const Traits&) { return "list of rules, see below"; }
std::string Codec<std::vector<Rule>>::json(const Traits&, const std::vector<Rule>& value) {
  std::vector<std::string> rules;
  rules.reserve(value.size());
  for (const Rule& rule : value) rules.push_back(family_json(rule));
  return json_list(rules);
}

}  // namespace bearerd::settings
