// identityProviders: reading the entries and judging them.
#pragma once

#include <vector>

#include "settings/provider_table.hpp"

namespace bearerd::settings {

struct ProviderSurroundings {
  const Insecure& insecure;  // the running one: a reload can't widen what is accepted
  const Plugins& plugins;
  PluginSchemas* schemas;  // null: plugin keys are not checked
};

// In file order. Faults are told; the list is good only when there are none.
[[nodiscard]] std::vector<Provider> read_providers(const Reader& reader, const ProviderSurroundings& around);

}  // namespace bearerd::settings
