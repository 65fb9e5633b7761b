// Which plugin serves an entry that does not say so itself.
#pragma once

#include <string>
#include <string_view>

#include "settings/provider_table.hpp"

namespace bearerd::settings {

// Empty when the name, or the host, says nothing.
[[nodiscard]] std::string_view plugin_by_name(std::string_view provider_name);
[[nodiscard]] std::string_view plugin_by_host(std::string_view host);

// True when one of the entry's URLs is on a host of `plugin`'s provider, whatever plugin serves the entry.
[[nodiscard]] bool has_host_of(const ProviderDraft& provider, std::string_view plugin);

// The name of the plugin. Tells a fault where the name and the hosts of the URLs disagree.
[[nodiscard]] std::string choose_plugin(const Reader& entry, const ProviderDraft& provider);

}  // namespace bearerd::settings
