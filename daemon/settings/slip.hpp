// Keys that were misspelled where unknown keys are let pass. A guard under a wrong name is no guard, and nobody sees
// it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "settings/reader.hpp"

namespace bearerd::settings {

// Whether no more than two letters, one of a short name, tell `wrong` from `name`; in any case.
[[nodiscard]] bool is_near(std::string_view wrong, std::string_view name);

// The key that `wrong` was meant to be; empty when it is likely a key of somebody else. One of `known` when only case,
// "_" or "-" differ; one of `guards` when no more than two letters do.
[[nodiscard]] std::string_view meant_key(std::string_view wrong, const std::vector<std::string_view>& known,
                                         std::span<const std::string_view> guards);

// Tells the fault at `member`, an unknown key; true when it did.
bool fault_slip(const Reader& member, std::string_view key, const std::vector<std::string_view>& known,
                std::span<const std::string_view> guards);

}  // namespace bearerd::settings
