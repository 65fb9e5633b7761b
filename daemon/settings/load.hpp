// From files and environment to Settings, with every fault of every file found in one go.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "base/result.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

enum class Severity : unsigned char { kWarning = 1, kFault };

struct Problem {
  Severity severity = Severity::kFault;
  Location where;
  std::string path;  // identityProviders.auth0.jwksUrl
  std::string text;  // what is wrong, and what would be right
  // "FILE:LINE:COLUMN: path: text", with "warning: " before the text of a warning.
  [[nodiscard]] std::string display() const;
};

// A plugin's declaration of its own settings (see docs/plugin-abi.md for the JSON that it is parsed from).
struct PluginSetting {
  enum class Type : unsigned char { kString = 1, kInteger, kBoolean, kStringList, kUrl, kStringMap };
  std::string name, help;
  Type type = Type::kString;
  std::string default_json;  // empty: none
  bool is_required = false, is_secret = false;
  std::optional<std::int64_t> minimum, maximum;
  std::vector<std::string> choices;
};
struct PluginSchema {
  std::string description;
  std::vector<PluginSetting> settings;
  // Where the plugin finds roles without "rolePath": always, or once one of these settings is switched on.
  bool names_roles = false;
  std::vector<std::string> names_roles_with;
};
[[nodiscard]] base::Result<PluginSchema> parse_plugin_schema(std::string_view json);

// Who knows the plugins; implemented by the loader. Called during load() for each plugin that an entry names.
class PluginSchemas {
 public:
  virtual ~PluginSchemas() = default;
  // The schema lives as long as this object. An error's text says why the plugin can't be had.
  [[nodiscard]] virtual base::Result<const PluginSchema*> schema(const Plugins& plugins, std::string_view plugin) = 0;
};

// Settings to be tried: what stands for files, and whether others may be opened at all.
struct TrialFiles {
  std::map<std::string, std::string, std::less<>> files;  // content by path
  bool opens_files = false;
};

struct LoadRequest {
  std::string config_file;
  std::map<std::string, std::string> environment;  // the whole environment; aidial.* and BEARERD_* are taken
  PluginSchemas* plugin_schemas = nullptr;
  // Set on a reload: what was read at start and stays (listen, insecure).
  const Settings* running = nullptr;
  // Set when settings are only tried: then `running` is set too, and its plugin directories are used.
  const TrialFiles* trial = nullptr;
};

// A file that was read or looked for, in the state in which that was done: whoever watches compares with this stamp,
// not with one of its own, or a change between reading and watching is never seen.
struct WatchedFile {
  std::string path;
  base::FileStamp stamp;
};

// What could be read of settings that have a fault, so that faults which show in use alone are found in the same go.
// Another type than Settings, so that nobody serves it.
struct RefusedSettings {
  Settings as_read;
  std::set<std::string, std::less<>> faulty_entries;  // of identityProviders: only their files may be judged
};

struct LoadOutcome {
  std::shared_ptr<const Settings> settings;                  // null when there is a fault
  std::shared_ptr<const RefusedSettings> refused;            // null when there is none
  std::vector<Problem> problems;                             // warnings too, in file order
  std::vector<WatchedFile> files;                            // every one, keys and secrets too, in order of naming
  bool is_static_faulty = false, is_dynamic_faulty = false;  // for config_reloads_total{kind,result}
  std::vector<std::string> needs_restart;                    // paths whose change was left alone
  std::vector<std::string> unread_files;                     // of those to be tried; faults too
  bool is_partial = false;                                   // without identityProviders, as a dynamic file alone is
};

// Control thread. Reads files, opens no socket.
[[nodiscard]] LoadOutcome load(const LoadRequest& request);

// --config, else $BEARERD_SETTINGS, else $AIDIAL_SETTINGS, else /etc/bearerd/settings.json.
[[nodiscard]] std::string find_config_file(std::string_view option,
                                           const std::map<std::string, std::string>& environment);

}  // namespace bearerd::settings
