// Secrets and keys that the settings name as files.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "settings/reader.hpp"

namespace bearerd::settings {

enum class LineEnd : unsigned char { kKept = 1, kDropped };

// Faults name `reader`'s key. Absent after one.
[[nodiscard]] std::optional<std::string> read_public_file(const Reader& reader, const std::string& file);
// Refused when somebody else may read it. systemd gives credentials a mode of its own, so the group's right to read is
// no fault below $CREDENTIALS_DIRECTORY.
[[nodiscard]] std::optional<std::string> read_secret_file(const Reader& reader, const std::string& file,
                                                          LineEnd line_end);

// For a file that turned out to hold secrets after it was read.
[[nodiscard]] bool is_private(const Context& context, const std::string& file, const struct stat& status);
void fault_not_private(const Reader& reader, const std::string& file);

// A JWK Set, whose mode matters when it holds symmetric or private keys.
[[nodiscard]] std::optional<std::string> read_key_set_file(const Reader& reader, const std::string& file);

}  // namespace bearerd::settings
