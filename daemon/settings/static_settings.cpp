#include "settings/static_settings.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "settings/address.hpp"
#include "settings/dynamic_table.hpp"
#include "settings/identity_headers.hpp"
#include "settings/secret_file.hpp"
#include "settings/slip.hpp"

namespace bearerd::settings {
namespace {

constexpr std::array<std::string_view, 12> kSections{
    "listen", "plugins",           "verify",          "cache", "log", "state", "admin", "insecure", "config",
    "access", "identityProviders", "apiKeyValidation"};

// DIAL Core's other parts; whatever else is there may be newer than we are.
constexpr std::array<std::string_view, 13> kOthers{
    "redis",       "storage",  "encryption",   "vertx",     "server",          "client",          "resources",
    "invitations", "toolsets", "applications", "analytics", "codeInterpreter", "perRequestApiKey"};

bool is_listed(const auto& list, const auto& name) { return std::find(list.begin(), list.end(), name) != list.end(); }

// Unknown sections belong to DIAL Core's other parts, unless they look like one of ours misspelled.
void warn_about_slips(const Reader& root) {
  const std::vector<std::string_view> known(kSections.begin(), kSections.end());
  for (const Member& member : root.node.members) {
    if (is_listed(kSections, member.key) || is_listed(kOthers, member.key)) continue;
    const auto is_meant = [&](std::string_view name) { return is_near(member.key, name); };
    if (std::ranges::any_of(known, is_meant))
      root.at(member).warn_at_key("unknown section" + suggestion(member.key, known));
  }
}

// A guard in the wrong file looks closed and is open. Of a name that DIAL Core has in both files nobody can tell.
void warn_about_misplaced(const Reader& root) {
  for (const Member& member : root.node.members) {
    const bool is_misplaced = is_listed(kDynamicSections, member.key) && !is_listed(kOthers, member.key);
    if (is_misplaced && member.value.kind != NodeKind::kNull)
      root.at(member).warn_at_key("belongs into a file of config.files; here it is ignored");
  }
}

const Member* find_section(const Reader& root, std::string_view name) {
  const Member* member = root.node.find(name);
  return member == nullptr || member->value.kind == NodeKind::kNull ? nullptr : member;
}

template <class Section>
void read_section(const Reader& root, std::string_view name, Section& out) {
  if (const Member* member = find_section(root, name)) read_strictly(root.at(*member), out);
}

template <class Section>
void read_shared_section(const Reader& root, std::string_view name, Section& out) {
  if (const Member* member = find_section(root, name)) read_leniently(root.at(*member), out);
}

// DIAL Core's section too, so other keys may be there; but a right under a wrong name is nobody's.
void read_access(const Reader& root, Access& out) {
  const Member* member = find_section(root, "access");
  if (member == nullptr) return;
  const Reader section = root.at(*member);
  const auto rights = names_of<Access>();
  for (const Member* unknown : read_known(section, out)) {
    const std::string_view meant = meant_key(unknown->key, rights, rights);
    if (meant.empty()) continue;
    section.at(*unknown).fault_at_key("unknown key, so nobody has the right that it should grant (did you mean " +
                                      base::json_string(meant) + "?)");
  }
}

// The reader of "listen.verify", or of whatever stands nearest to it.
Reader at_path(const Reader& root, std::string_view section, std::string_view key) {
  const Member* outer = find_section(root, section);
  if (outer == nullptr) return root;
  const Reader at_section = root.at(*outer);
  const Member* inner = at_section.node.find(key);
  return inner == nullptr ? at_section : at_section.at(*inner);
}

bool is_beyond_loopback(const std::vector<Address>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(), [](const Address& address) { return !is_local(address); });
}

bool has_tcp(const std::vector<Address>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(), [](const Address& address) { return !address.is_unix; });
}

void check_addresses_differ(const Reader& root, const Listen& listen) {
  std::vector<Address> seen;
  for (const auto& [key, addresses] : {std::pair{"verify", &listen.verify}, std::pair{"metrics", &listen.metrics},
                                       std::pair{"admin", &listen.admin}}) {
    for (const Address& address : *addresses) {
      const bool is_chosen_by_system = !address.is_unix && address.port == 0;
      if (!is_chosen_by_system && is_listed(seen, address)) {
        at_path(root, "listen", key).fault_at_key(address.display() + " is listened on twice");
      }
      seen.push_back(address);
    }
  }
}

void check_tls_files(const Reader& reader, const std::optional<TlsFiles>& tls) {
  if (!tls) return;
  if (tls->certificate_file.empty()) reader.fault("needs certificateFile");
  if (tls->key_file.empty()) reader.fault("needs keyFile");
}

void check_listen(const Reader& root, const Listen& listen, const Insecure& insecure) {
  if (listen.verify.empty()) at_path(root, "listen", "verify").fault("nothing is listened on for questions");
  check_tls_files(at_path(root, "listen", "tls"), listen.tls);
  if (listen.admin_tls != listen.tls) check_tls_files(at_path(root, "listen", "adminTls"), listen.admin_tls);
  if (is_beyond_loopback(listen.verify) && !listen.tls && !insecure.remote_verify) {
    at_path(root, "listen", "verify")
        .fault(
            R"(beyond loopback tokens travel in clear; add "tls": {"certificateFile": …, "keyFile": …}, or "insecure": {"remoteVerify": true})");
  }
  if (has_tcp(listen.admin) && !listen.admin_tls) {
    at_path(root, "listen", "admin")
        .fault(
            R"(over TCP the admin API is served with TLS only; add "adminTls": {"certificateFile": …, "keyFile": …}, or use a UNIX socket: "unix:/path")");
  }
  check_addresses_differ(root, listen);
}

void complete_state(const Context& context, State& state) {
  // systemd lists several directories with colons between; the first is ours.
  const std::string given = context.variable("STATE_DIRECTORY");
  if (state.directory.empty()) state.directory = given.substr(0, given.find(':'));
  if (state.directory.empty()) state.directory = "/var/lib/bearerd";
  if (state.key_file.empty()) state.key_file = state.directory + "/state.key";
}

bool is_redis_address(std::string_view address) {
  if (address.starts_with("unix:/")) return true;
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto port = base::parse_decimal(address.substr(colon + 1));
  return port && *port > 0 && *port <= 65'535;
}

void complete_redis(const Reader& root, State& state) {
  if (state.store == StateStore::kRedis && !state.redis) state.redis.emplace();
  if (!state.redis) return;
  const Reader reader = at_path(root, "state", "redis");
  if (state.store != StateStore::kRedis) {
    reader.fault_at_key(R"(has no effect without "store": "redis"; add that, or leave this out)");
  }
  if (!is_redis_address(state.redis->address)) reader.fault(R"("address" has to be "host:port" or "unix:/path")");
  if (state.redis->password_file.empty()) return;
  if (const auto password = read_secret_file(reader, state.redis->password_file, LineEnd::kDropped)) {
    state.redis->password = base::Secret(*password);
  }
}

template <class T>
void append_differing(std::vector<std::string>& paths, std::string_view section, const T& a, const T& b) {
  for (std::string& path : differing(section, a, b)) paths.push_back(std::move(path));
}

}  // namespace

ConfigFiles read_static(const Reader& root, Settings& out) {
  warn_about_slips(root);
  warn_about_misplaced(root);
  out.listen = default_listen();
  out.plugins = default_plugins();
  read_section(root, "listen", out.listen);
  read_section(root, "plugins", out.plugins);
  read_section(root, "verify", out.verify);
  if (const Member* verify = find_section(root, "verify")) {
    check_identity_headers_differ(root.at(*verify), out.verify.identity_headers);
  }
  read_section(root, "cache", out.cache);
  read_section(root, "log", out.log);
  read_section(root, "state", out.state);
  read_section(root, "admin", out.admin);
  read_section(root, "insecure", out.insecure);
  if (!out.listen.admin_tls) out.listen.admin_tls = out.listen.tls;
  complete_state(root.context, out.state);
  complete_redis(root, out.state);
  check_listen(root, out.listen, out.insecure);
  for (const char* key : {"tls", "adminTls"})
    out.where[join_path("listen", key)] = at_path(root, "listen", key).key_where.location();
  out.where["admin.providers"] = at_path(root, "admin", "providers").node.where.location();

  ApiKeyValidation keys;
  read_shared_section(root, "apiKeyValidation", keys);
  out.proxy_count = keys.proxy_count;
  Access access;
  read_access(root, access);
  out.admin_rules = std::move(access.admin.rules);
  out.observe_rules = std::move(access.observe.rules);
  out.usage_rules = std::move(access.usage.rules);
  ConfigFiles config;
  read_shared_section(root, "config", config);
  out.reload_poll = config.reload;
  out.config_files = config.files;
  out.overwrites_arrays = config.merge.overwrites_arrays;
  return config;
}

std::vector<std::string> keep_running(Settings& settings, const Settings& running) {
  std::vector<std::string> paths;
  append_differing(paths, "listen", settings.listen, running.listen);
  append_differing(paths, "insecure", settings.insecure, running.insecure);
  append_differing(paths, "state", settings.state, running.state);
  if (settings.cache.verdict_entries != running.cache.verdict_entries) paths.emplace_back("cache.verdictEntries");
  settings.cache.verdict_entries = running.cache.verdict_entries;
  settings.listen = running.listen;
  settings.insecure = running.insecure;
  settings.state = running.state;
  return paths;
}

void check_against_providers(const Reader& root, const Settings& settings, const Insecure& candidate) {
  const auto find = [&](const std::string& name) {
    return std::find_if(settings.providers.begin(), settings.providers.end(),
                        [&](const Provider& provider) { return provider.name == name; });
  };
  for (const std::string& name : settings.admin.providers) {
    const auto found = find(name);
    const Reader reader = at_path(root, "admin", "providers");
    if (found == settings.providers.end()) {
      reader.fault("there is no provider " + base::json_string(name));
    } else if (found->is_unverified) {
      reader.fault("anybody can forge tokens of the provider " + base::json_string(name) +
                   ": its \"disableJwtVerification\" must go before they may reach the admin listener");
    } else if (found->audience.empty()) {
      reader.fault("the provider " + base::json_string(name) +
                   " needs an \"audience\" before its tokens may reach the admin listener");
    }
  }
  if (has_tcp(settings.listen.admin) && settings.admin.providers.empty()) {
    at_path(root, "listen", "admin")
        .warn(
            R"(nobody gets in over TCP: no provider's tokens are taken there; name one in "admin": {"providers": […]})");
  }
  const bool is_anyone_granted =
      !settings.admin_rules.empty() || !settings.observe_rules.empty() || !settings.usage_rules.empty();
  if (has_tcp(settings.listen.admin) && !is_anyone_granted) {
    at_path(root, "listen", "admin")
        .warn(
            R"(nobody has a right over TCP: no rule grants one; add "access": {"admin": {"rules": [{"source": "roles", "function": "EQUAL", "targets": ["…"]}]}})");
  }
  const auto warn_about_strangers = [&](const std::vector<std::string>& names, std::string_view key) {
    for (const std::string& name : names) {
      if (find(name) == settings.providers.end())
        at_path(root, "insecure", key).warn("there is no provider " + base::json_string(name));
    }
  };
  warn_about_strangers(candidate.accept_unbound, "acceptUnbound");
  warn_about_strangers(candidate.accept_unverified, "acceptUnverified");
}

}  // namespace bearerd::settings
