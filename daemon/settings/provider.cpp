#include "settings/provider.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "settings/digest.hpp"
#include "settings/plugin_choice.hpp"
#include "settings/plugin_settings.hpp"
#include "settings/provider_checks.hpp"
#include "settings/secret_file.hpp"

namespace bearerd::settings {
namespace {

// Names stand in metrics labels, URLs of the admin API and log lines.
constexpr std::size_t kMaxNameBytes = 64;

// Keys that refuse tokens; misspelled, they would let them pass.
constexpr std::array<std::string_view, 8> kGuards{"audience",           "requiredClaims", "issuer",
                                                  "issuerPattern",      "algorithms",     "tokenUse",
                                                  "maxTokenAgeSeconds", "requireExp"};

void check_name(const Reader& entry, const std::string& name) {
  if (name == "none" || name == "api_key") {
    entry.fault_at_key("the name " + base::json_string(name) + " has a meaning of its own in metrics; choose another");
  }
  const bool is_printable =
      std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '/'; });
  if (name.empty() || name.size() > kMaxNameBytes || !is_printable) {
    entry.fault_at_key("a provider's name has 1 to " + std::to_string(kMaxNameBytes) +
                       " printable ASCII characters, without spaces or slashes");
  }
}

// The files that an entry names, and all that they hold, for the digest.
class EntryFiles {
 public:
  explicit EntryFiles(const Reader& entry) : entry_(entry) {}

  void read(ProviderDraft& p) {
    p.jwks_file_text = keep(p.jwks_file, "jwksFile", &read_key_set_file);
    p.public_key_text = keep(p.public_key_file, "publicKeyFile", &read_public_file);
    if (p.public_key_text.find("PRIVATE KEY") != std::string::npos) {
      at("publicKeyFile").fault(p.public_key_file + " holds a private key; give the public one only");
      p.public_key_text.clear();
    }
    read_certificates(p);
    p.hmac_secret = base::Secret(keep(p.hmac_secret_file, "hmacSecretFile", &read_exactly));
    if (!p.logging_salt_file.empty()) {
      p.logging_salt = base::Secret(keep(p.logging_salt_file, "loggingSaltFile", &read_line));
    }
    if (p.introspection_draft) read_introspection(p);
  }

  [[nodiscard]] const std::string& contents() const noexcept { return contents_; }

 private:
  using ReadFile = std::optional<std::string> (*)(const Reader&, const std::string&);

  // A secret of an HMAC is taken byte for byte: a line end may be part of it.
  static std::optional<std::string> read_exactly(const Reader& reader, const std::string& file) {
    return read_secret_file(reader, file, LineEnd::kKept);
  }
  static std::optional<std::string> read_line(const Reader& reader, const std::string& file) {
    return read_secret_file(reader, file, LineEnd::kDropped);
  }

  [[nodiscard]] Reader at(std::string_view key) const {
    const Member* member = entry_.node.find(key);
    return member == nullptr ? entry_ : entry_.at(*member);
  }

  std::string keep(const std::string& file, std::string_view key, ReadFile read_file) {
    if (file.empty()) return {};
    const std::string text = read_file(at(key), file).value_or(std::string());
    contents_ += std::string(key) + "=" + std::to_string(text.size()) + ":" + text;
    return text;
  }

  // Keys that were fetched under one set of authorities say nothing under another, though the file's name is the same.
  void read_certificates(ProviderDraft& p) {
    const std::string text = keep(p.ca_file, "caFile", &read_public_file);
    if (text.empty()) return;  // not set, or told already
    if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      at("caFile").fault(p.ca_file + " holds no PEM certificate: there is no line -----BEGIN CERTIFICATE-----");
    }
    p.ca_file_digest = digest_of(text);
  }

  void read_introspection(ProviderDraft& p) {
    const IntrospectionDraft& draft = *p.introspection_draft;
    if (draft.url.empty() || draft.client_id.empty() || draft.client_secret_file.empty()) {
      return at("introspection").fault(R"(this needs "url", "clientId" and "clientSecretFile")");
    }
    const std::string secret = keep(draft.client_secret_file, "introspection", &read_line);
    p.introspection = Introspection{draft.url, draft.client_id, base::Secret(secret), draft.authentication};
  }

  const Reader& entry_;
  std::string contents_;
};

// ["resource_access", "my.client", "roles"] is both one path and three.
std::optional<base::ClaimPath> as_one_path(const std::vector<base::ClaimPath>& paths) {
  std::vector<std::string> segments;
  segments.reserve(paths.size());
  for (const base::ClaimPath& path : paths) segments.push_back(path.literal);
  const bool is_flat = std::ranges::none_of(segments, &std::string::empty);
  if (paths.size() < 2 || !is_flat) return std::nullopt;
  return base::ClaimPath::from_segments(std::move(segments));
}

class EntryReader {
 public:
  EntryReader(const Reader& entry, const ProviderSurroundings& around) : entry_(entry), around_(around) {}

  Provider read(const std::string& name) {
    draft_ = default_provider();
    draft_.name = name;
    check_name(entry_, name);
    const std::size_t faults = entry_.context.problems.fault_count();
    const std::vector<const Member*> unknown = read_known(entry_, draft_);
    if (!entry_.node.is_object()) return draft_;
    const bool is_readable = entry_.context.problems.fault_count() == faults;
    complete();
    EntryFiles files(entry_);
    files.read(draft_);
    take_plugin_keys(unknown);
    // A key that could not be read would make these judge what the operator did not write.
    if (is_readable) judge();
    draft_.digest = digest(files.contents());
    return draft_;
  }

 private:
  void complete() {
    draft_.role_paths = draft_.roles.paths;
    draft_.role_list_path = as_one_path(draft_.roles.paths);
    draft_.role_function = draft_.roles.function;
    if (draft_.issuer_pattern) draft_.issuer_pattern_text = draft_.issuer_pattern->text();
    draft_.plugin = choose_plugin(entry_, draft_);
    draft_.where[""] = entry_.key_where.location();
    for (const Member& member : entry_.node.members) draft_.where[member.key] = member.where.location();
  }

  void take_plugin_keys(const std::vector<const Member*>& unknown) {
    static const PluginSchema none;
    const PluginSchema* found = find_schema();
    const PluginSchema& schema = found != nullptr ? *found : none;
    std::vector<const Member*> own;
    for (const Member* member : unknown) {
      if (find_setting(schema, *member) != nullptr) {
        own.push_back(member);
        draft_.plugin_keys.push_back(member->key);
      } else if (found != nullptr) {
        tell_unknown(*member, schema);
      }
    }
    draft_.plugin_names_roles = names_roles(entry_, schema);
    draft_.plugin_settings_json = plugin_settings(entry_, schema, own, draft_);
    draft_.plugin_settings_shown = shown_plugin_settings(draft_.plugin_settings_json, schema);
  }

  const PluginSchema* find_schema() {
    if (around_.schemas == nullptr) return nullptr;
    const auto schema = around_.schemas->schema(around_.plugins, draft_.plugin);
    if (schema) return *schema;
    const Member* key = entry_.node.find("plugin");
    const Reader at = key != nullptr ? entry_.at(*key) : entry_;
    at.fault_at_key("the plugin " + base::json_string(draft_.plugin) + " can't be had: " + schema.error().text);
    return nullptr;
  }

  void tell_unknown(const Member& member, const PluginSchema& schema) const {
    if (fault_slip(entry_.at(member), member.key, {}, kGuards)) return;
    std::vector<std::string_view> known = names_of<ProviderDraft>();
    for (const PluginSetting& setting : schema.settings) known.push_back(setting.name);
    entry_.at(member).warn_at_key("unknown key" + suggestion(member.key, known));
  }

  void judge() {
    check_sources(entry_, draft_);
    check_unverified(entry_, draft_, around_.insecure);
    check_bound(entry_, draft_, around_.insecure);
    check_issuer_pattern(entry_, draft_);
    check_algorithms(entry_, draft_);
    warn_about_unchecked(entry_, draft_, around_.has_others);
    warn_about_ignored(entry_, draft_);
  }

  [[nodiscard]] std::string digest(const std::string& files) const {
    std::string text = draft_.name + "\n" + draft_.plugin + "\n" + draft_.plugin_settings_json + "\n";
    text += draft_.is_unverified ? "unverified\n" : "verified\n";
    append_canonical(text, entry_.node);
    return digest_of(text + "\n" + files);
  }

  const Reader& entry_;
  const ProviderSurroundings& around_;
  ProviderDraft draft_;
};

using Names = std::set<std::string, std::less<>>;

void check_issuers_differ(const Reader& reader, const std::vector<Provider>& providers, Names& faulty) {
  std::map<std::string, std::string_view> owners;
  for (const Provider& provider : providers) {
    for (const std::string& issuer : provider.issuers) {
      const auto [owner, is_new] = owners.try_emplace(issuer, provider.name);
      const Member* entry = reader.node.find(provider.name);
      const Member* key = entry != nullptr ? entry->value.find("issuer") : nullptr;
      if (is_new || key == nullptr || owner->second == provider.name) continue;
      faulty.insert(provider.name);
      reader.at(*entry).at(*key).fault("the issuer " + base::json_string(issuer) + " stands in " +
                                       base::json_string(owner->second) +
                                       " already; a token can belong to one entry only");
    }
  }
}

}  // namespace

std::vector<Provider> read_providers(const Reader& reader, const ProviderSurroundings& around, Names& faulty) {
  std::vector<Provider> providers;
  if (!reader.node.is_object()) {
    reader.fault_kind("an object with an entry for each provider");
    return providers;
  }
  if (reader.node.members.empty()) reader.fault("this needs at least one provider");
  ProviderSurroundings surroundings = around;
  surroundings.has_others = reader.node.members.size() > 1;
  for (const Member& member : reader.node.members) {
    const Reader entry = reader.at(member);
    const std::size_t faults = reader.context.problems.fault_count();
    providers.push_back(EntryReader(entry, surroundings).read(member.key));
    if (reader.context.problems.fault_count() != faults) faulty.insert(member.key);
  }
  check_issuers_differ(reader, providers, faulty);
  return providers;
}

}  // namespace bearerd::settings
