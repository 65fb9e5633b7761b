// One plugin file, open: the only place that knows the dynamic loader.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "bearerd/plugin_abi.h"
#include "settings/load.hpp"

namespace bearerd::plugin {

// Immutable; whoever holds it keeps the code mapped, and the last one to let go unmaps it.
class Library {
 public:
  // Opens the private copy at `path` with immediate binding and local scope, and believes nothing about it before its
  // size, name and functions were looked at. `name` is what the plugin must call itself.
  [[nodiscard]] static base::Result<std::shared_ptr<const Library>> open(const std::string& path,
                                                                         const std::string& name);
  virtual ~Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  [[nodiscard]] const bearerd_plugin& entry() const noexcept { return *entry_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  [[nodiscard]] const settings::PluginSchema& schema() const noexcept { return schema_; }
  [[nodiscard]] std::string abi() const;

 protected:
  Library() = default;
  const bearerd_plugin* entry_ = nullptr;
  std::string name_, version_;
  settings::PluginSchema schema_;
};

}  // namespace bearerd::plugin
