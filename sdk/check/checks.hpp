// Each check of the contract, as it runs in its own process.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "plugin/library.hpp"
#include "sdk/check/contract.hpp"

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

// Both, for checks that come after these had passed.
struct Opened {
  std::shared_ptr<const plugin::Library> library;
  std::string settings;
};
[[nodiscard]] base::Result<Opened> open_subject(const Subject& subject);

}  // namespace bearerd::check
