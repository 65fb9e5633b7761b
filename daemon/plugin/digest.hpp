// The name of a library's content.
#pragma once

#include <string>
#include <string_view>

namespace bearerd::plugin {

// SHA-256, 64 characters of small hex; empty when OpenSSL fails.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace bearerd::plugin
