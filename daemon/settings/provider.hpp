// identityProviders: reading the entries and judging them.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "settings/provider_table.hpp"

namespace bearerd::settings {

struct ProviderSurroundings {
  const Insecure& insecure;  // the running one: a reload can't widen what is accepted
  const Plugins& plugins;
  PluginSchemas* schemas;   // null: plugin keys are not checked
  bool has_others = false;  // besides the entry that is read
};

// In file order. Faults are told; `faulty` gets the names of the entries that have one.
[[nodiscard]] std::vector<Provider> read_providers(const Reader& reader, const ProviderSurroundings& around,
                                                   std::set<std::string, std::less<>>& faulty);

}  // namespace bearerd::settings
