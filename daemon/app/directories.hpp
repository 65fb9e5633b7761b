// Where the daemon may keep things, as systemd says or by the usual places.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace bearerd::app {

using Environment = std::map<std::string, std::string>;
[[nodiscard]] Environment read_environment(char** environment);

// $CACHE_DIRECTORY (its first entry) or /var/cache/bearerd.
[[nodiscard]] std::string cache_directory(const Environment& environment);

// Of a file that exists or will, from the working directory on: what is relative to it has an absolute name then too.
[[nodiscard]] std::string absolute_name(const std::string& file);

// Makes the directory (0700) when it is missing; refuses one that is not ours alone.
[[nodiscard]] base::Result<void> make_private_directory(const std::string& path);

}  // namespace bearerd::app
