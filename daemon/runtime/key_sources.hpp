// Which keys a provider's settings and its plugin point at.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "keys/key_store.hpp"
#include "plugin/instance.hpp"
#include "runtime/snapshot.hpp"
#include "settings/load.hpp"

namespace bearerd::runtime {

struct KeySources {
  std::vector<BoundKeys> bound;
  jose::KeySet fixed;  // the keys from files, for the default list of algorithms
  bool has_url_keys = false;
};

// Faults (a key file that can't be read as keys) are appended to `problems`. Settings win over what the plugin
// declares.
[[nodiscard]] KeySources open_key_sources(
    const settings::Provider& settings, const plugin::Trust& trust,
    const std::function<std::shared_ptr<keys::KeySource>(const keys::KeySourceSettings&)>& open,
    std::vector<settings::Problem>& problems);

// Of an entry that is faulty otherwise: whether the keys in its files are keys.
void check_key_files(const settings::Provider& settings, std::vector<settings::Problem>& problems);

[[nodiscard]] settings::Problem problem_at(const settings::Provider& provider, std::string_view key,
                                           settings::Severity severity, std::string text);

}  // namespace bearerd::runtime
