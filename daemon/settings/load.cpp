#include "settings/load.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"
#include "settings/digest.hpp"
#include "settings/dynamic.hpp"
#include "settings/environment.hpp"
#include "settings/merge.hpp"
#include "settings/parse.hpp"
#include "settings/provider.hpp"
#include "settings/revocations_file.hpp"
#include "settings/static_settings.hpp"

namespace bearerd::settings {
namespace {

constexpr std::string_view kDefaultFile = "/etc/bearerd/settings.json";
constexpr std::string_view kDefaultDynamicFile = "aidial.config.json";

std::string directory_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : file.substr(0, slash);
}

// One load from its first file to its digests.
class Loading {
 public:
  explicit Loading(const LoadRequest& request)
      : request_(request),
        context_{request.environment, problems_, outcome_.files, directory_of(request.config_file), request.trial} {}

  LoadOutcome run() {
    const ConfigFiles config = load_static();
    outcome_.is_static_faulty = problems_.has_faults();
    const std::size_t faults = problems_.fault_count();
    load_dynamic(config);
    if (request_.trial != nullptr && !problems_.has_faults()) refuse_unread(*request_.trial);
    outcome_.is_dynamic_faulty = problems_.fault_count() != faults;
    if (problems_.has_faults()) {
      outcome_.refused = std::make_shared<const RefusedSettings>(std::move(refused_));
    } else {
      outcome_.settings = std::make_shared<const Settings>(std::move(settings_));
    }
    outcome_.problems = problems_.take(outcome_.files);
    return std::move(outcome_);
  }

 private:
  std::optional<Node> read_json(const std::string& file, const Reader* named_by) {
    auto content = context_.read(file, kMaxFileBytes);
    const auto name = std::make_shared<const std::string>(file);
    if (!content && named_by != nullptr) {
      named_by->fault(content.error().text);
      return std::nullopt;
    }
    if (!content) {
      problems_.fault({name, 0, 0}, {}, content.error().text);
      return std::nullopt;
    }
    auto root = parse_json(content->bytes, name, problems_);
    base::wipe(content->bytes);  // salts and API keys
    return root;
  }

  std::optional<Node> read_tree(const std::string& file, const Reader* named_by) {
    auto root = read_json(file, named_by);
    if (!root || root->is_object()) return root;
    problems_.fault(root->where, {}, "the settings are an object: { … }");
    return std::nullopt;
  }

  ConfigFiles load_static() {
    auto tree = read_tree(request_.config_file, nullptr);
    if (!tree) return {};
    root_ = std::move(*tree);
    apply_environment(root_, request_.environment, problems_);
    const Reader root{context_, root_, root_.where, {}};
    ConfigFiles config = read_static(root, settings_);
    const Insecure candidate = settings_.insecure;
    if (request_.running != nullptr) outcome_.needs_restart = keep_running(settings_, *request_.running);
    if (request_.trial != nullptr) use_running_plugins(root);
    read_entries(root);
    check_against_providers(root, settings_, candidate);
    load_revocations();
    settings_.static_digest = static_digest();
    return config;
  }

  // Who sends settings to be tried must not choose what is mapped into the daemon.
  void use_running_plugins(const Reader& root) {
    if (settings_.plugins == request_.running->plugins) return;
    if (const Member* plugins = root_.find("plugins"))
      root.at(*plugins).warn_at_key("tried with the plugins of the running settings, not with these");
    settings_.plugins = request_.running->plugins;
  }

  void read_entries(const Reader& root) {
    const Member* entries = root_.find("identityProviders");
    outcome_.is_partial = entries == nullptr;
    if (entries == nullptr) return root.fault(R"(there is no "identityProviders"; at least one provider is needed)");
    const ProviderSurroundings around{settings_.insecure, settings_.plugins, request_.plugin_schemas};
    settings_.providers = read_providers(root.at(*entries), around, refused_.faulty_entries);
  }

  // After what is read at start only was put back: the file is the one that the daemon started with.
  void load_revocations() {
    const std::string& file = settings_.state.revocations_file;
    if (file.empty()) return;
    const Reader named_by = at_key("state", "revocationsFile");
    const auto tree = read_json(file, &named_by);
    if (!tree) return;
    settings_.revocations = read_revocations({context_, *tree, tree->where, {}}, settings_.providers);
    std::string text;
    append_canonical(text, *tree);
    settings_.revocations_digest = digest_of(text);
  }

  // Whoever sends a file wants it tried: under a path that nobody reads it would pass whatever it says.
  void refuse_unread(const TrialFiles& trial) {
    std::string read;
    for (const WatchedFile& file : outcome_.files) read += (read.empty() ? "" : ", ") + base::json_string(file.path);
    for (const auto& [path, content] : trial.files) {
      const bool is_read =
          std::ranges::any_of(outcome_.files, [&](const WatchedFile& file) { return names(trial, path, file.path); });
      if (is_read) continue;
      outcome_.unread_files.push_back(path);
      problems_.fault({std::make_shared<const std::string>(path), 0, 0}, {},
                      "the settings do not read this file, so nothing of it was tried; they read " + read);
    }
  }

  // The providers' digests stand for the files that their entries name.
  [[nodiscard]] std::string static_digest() const {
    std::string text;
    append_canonical(text, root_);
    for (const Provider& provider : settings_.providers) text += "\n" + provider.digest;
    for (const IntrospectionClient& client : settings_.verify.introspection_clients) {
      text += "\n" + digest_of(client.secret.as_text());
    }
    return digest_of(text + "\n" + settings_.revocations_digest);
  }

  void load_dynamic(const ConfigFiles& config) {
    Node merged = make_object({});
    const Reader named_by = at_key("config", "files");
    for (const std::string& file : config.files) merge_file(file, &named_by, config.merge, merged);
    if (!names_files()) read_default_file(merged, config.merge);
    const Reader root{context_, merged, merged.where, {}};
    settings_.dynamic = read_dynamic(root);
    warn_about_unknown_providers(root, settings_.providers);
    hide_api_keys(merged);
    settings_.dynamic_digest = digest_of(dynamic_canonical(merged));
  }

  [[nodiscard]] Reader at_key(std::string_view section, std::string_view key) {
    const Reader root{context_, root_, root_.where, {}};
    const Member* outer = root_.find(section);
    const Member* inner = outer != nullptr ? outer->value.find(key) : nullptr;
    return inner != nullptr ? root.at(*outer).at(*inner) : root;
  }

  // An empty list names none, and means it.
  [[nodiscard]] bool names_files() const {
    const Member* config = root_.find("config");
    const Member* files = config != nullptr ? config->value.find("files") : nullptr;
    return files != nullptr && files->value.kind != NodeKind::kNull;
  }

  // DIAL Core's own default; ours only where it is there.
  void read_default_file(Node& merged, const MergeStrategy& merge) {
    const std::string file = context_.resolve(kDefaultDynamicFile);
    const auto there = context_.read(file, kMaxFileBytes);
    const bool is_absent = !there && there.error().code == base::ErrorCode::kNotFound;
    if (is_absent) return refuse_loss(file);
    merge_file(file, nullptr, merge, merged);
  }

  // Guards that go with their file would leave everything open, and nobody has said so.
  void refuse_loss(const std::string& file) {
    std::error_code ignored;
    const bool is_link = std::filesystem::is_symlink(file, ignored);
    if (!is_link && !was_in_force(file)) return;
    problems_.fault({std::make_shared<const std::string>(file), 0, 0}, {},
                    std::string(is_link ? "this link leads nowhere" : "the file was in force and is gone") +
                        R"(; put it back, or say "config": {"files": []} to go on without it)");
  }

  [[nodiscard]] bool was_in_force(const std::string& file) const {
    if (request_.running == nullptr) return false;
    return std::ranges::any_of(request_.running->dynamic_files,
                               [&](const std::string& each) { return is_same_path(each, file); });
  }

  void merge_file(const std::string& file, const Reader* named_by, const MergeStrategy& merge, Node& merged) {
    auto tree = read_tree(file, named_by);
    if (!tree) return;
    settings_.dynamic_files.push_back(file);
    if (!merged.where.file) merged.where = tree->where;
    merge_into(merged, std::move(*tree), merge.overwrites_arrays);
  }

  const LoadRequest& request_;
  LoadOutcome outcome_;
  Problems problems_;
  Context context_;
  Node root_;
  RefusedSettings refused_;  // until it turns out that there is no fault
  Settings& settings_ = refused_.as_read;
};

}  // namespace

LoadOutcome load(const LoadRequest& request) {
  const base::FileStamp before = base::stamp_of_path(request.config_file);
  // Running out of memory over a hostile file must not take the running daemon with it.
  try {
    return Loading(request).run();
  } catch (const std::exception& error) {
    LoadOutcome outcome;
    outcome.files.push_back({request.config_file, before});
    outcome.is_static_faulty = outcome.is_dynamic_faulty = true;
    outcome.refused = std::make_shared<const RefusedSettings>();
    outcome.problems.push_back(
        {Severity::kFault, {request.config_file, 0, 0}, {}, std::string("could not be loaded: ") + error.what()});
    return outcome;
  }
}

std::string find_config_file(std::string_view option, const std::map<std::string, std::string>& environment) {
  if (!option.empty()) return std::string(option);
  for (const char* variable : {"BEARERD_SETTINGS", "AIDIAL_SETTINGS"}) {
    const auto found = environment.find(variable);
    if (found != environment.end() && !found->second.empty()) return found->second;
  }
  return std::string(kDefaultFile);
}

}  // namespace bearerd::settings
