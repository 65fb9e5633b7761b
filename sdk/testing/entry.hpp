// One entry of identityProviders, read by the daemon's own loader: every rule of the settings and of the plugin's
// schema holds, and what they say about the entry is what an operator reads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "settings/load.hpp"

namespace bearerd::testing {

struct Fault {
  std::string setting;  // the key inside the entry; empty: the entry itself
  std::string text;
  bool is_warning = false;
};

struct Entry {
  std::shared_ptr<const settings::Settings> settings;  // one provider; null when there is a fault
  std::vector<Fault> faults;                           // warnings too
};

// `json` is the object behind the entry's name; the entry is called as `plugin` is. `directory` gets the settings file,
// and its folder "plugins" is where the daemon looks.
[[nodiscard]] Entry read_entry(const std::string& directory, const std::string& plugin, std::string_view json,
                               settings::PluginSchemas& schemas);

// As the operator's file would name it: without "identityProviders.<name>.".
[[nodiscard]] Fault as_fault(const settings::Problem& problem, const std::string& entry_name);

[[nodiscard]] bool has_fault(const std::vector<Fault>& faults) noexcept;

}  // namespace bearerd::testing
