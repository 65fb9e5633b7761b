// A plugin's own keys of an entry, checked against what the plugin declared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/provider_table.hpp"

namespace bearerd::settings {

// True when the schema declares this key of the entry. Names from the environment match in any case.
[[nodiscard]] const PluginSetting* find_setting(const PluginSchema& schema, const Member& member);

// True when the plugin finds roles by itself, with the settings of this entry.
[[nodiscard]] bool names_roles(const Reader& entry, const PluginSchema& schema);

// The JSON object for the plugin's create(): its own keys, defaults filled in, and the common ones that it may build
// on. `own` are the members of the entry that the daemon has no key for and the schema has. Fills the entry's
// plugin_urls.
[[nodiscard]] std::string plugin_settings(const Reader& entry, const PluginSchema& schema,
                                          const std::vector<const Member*>& own, ProviderDraft& provider);

// Of that object, what the schema declares, its secrets masked: for whoever may look at the settings in force.
[[nodiscard]] std::string shown_plugin_settings(std::string_view settings_json, const PluginSchema& schema);

}  // namespace bearerd::settings
