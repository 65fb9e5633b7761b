// The snippets of etc/ as they were when bearerctl was built: the same files that the tests start proxies with.
#pragma once

#include <span>
#include <string_view>

namespace bearerd::ctl {

struct EmbeddedFile {
  std::string_view name;  // below etc/
  std::string_view text;
};

[[nodiscard]] std::span<const EmbeddedFile> embedded_files() noexcept;

}  // namespace bearerd::ctl
