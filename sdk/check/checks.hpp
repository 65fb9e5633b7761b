// Each check of the contract, as it runs in its own process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "plugin/library.hpp"
#include "sdk/check/contract.hpp"
#include "sdk/check/session.hpp"

namespace bearerd::check {

// The file alone.
[[nodiscard]] Finding check_symbols(const Subject& subject);
[[nodiscard]] Finding check_loading(const Subject& subject);
[[nodiscard]] Finding check_unloading(const Subject& subject);

// What the operator writes.
[[nodiscard]] Finding check_schema(const Subject& subject);
[[nodiscard]] Finding check_settings(const Subject& subject);
[[nodiscard]] Finding check_odd_settings(const Subject& subject);

// What tokens say.
[[nodiscard]] Finding check_verdicts(const Subject& subject);
[[nodiscard]] Finding check_speed(const Subject& subject);
[[nodiscard]] Finding check_threads(const Subject& subject);
[[nodiscard]] Finding check_memory(const Subject& subject);
[[nodiscard]] Finding check_fetching(const Subject& subject);
[[nodiscard]] Finding check_token(const Subject& subject);

// Shared by them.
[[nodiscard]] base::Result<std::shared_ptr<const plugin::Library>> open_library(const Subject& subject);

// The settings as the daemon would hand them to create(); the error names what it refuses.
[[nodiscard]] base::Result<std::string> settings_for_plugin(const Subject& subject, const plugin::Library& library);

// A plugin that is open and has an instance.
struct Scene {
  const std::shared_ptr<const plugin::Library>& library;
  const std::string& settings;
  const Session& session;
  Record& record;
  Faults& faults;
};

// Makes the scene, with a record that notes which claims are asked for when `notes_paths`; fails when the plugin or its
// settings are not to be had. What is found in destroy() comes too late for `look`: check_settings() tells it.
[[nodiscard]] Finding look_at(const Subject& subject, bool notes_paths, const std::function<Finding(Scene&)>& look);

}  // namespace bearerd::check
