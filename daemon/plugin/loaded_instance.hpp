// An instance behind the C border: calls go through here, and nothing unexpected comes back.
#pragma once

#include <memory>
#include <string_view>

#include "plugin/instance.hpp"
#include "plugin/library.hpp"

namespace bearerd::plugin {

// `settings_json`: the object that the plugin's create() may look into. The instance keeps `host`.
[[nodiscard]] tl::expected<std::shared_ptr<const Instance>, Loader::Refusal> make_instance(
    std::shared_ptr<const Library> library, std::shared_ptr<const PluginDescription> description,
    std::shared_ptr<const bearerd_host> host, std::string_view settings_json);

}  // namespace bearerd::plugin
