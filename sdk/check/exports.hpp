// The dynamic symbols of an ELF file, without loading it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bearerd::check {

struct Export {
  std::string name;
  bool is_unique = false;  // STB_GNU_UNIQUE: shared by the whole process, and keeps the library mapped for ever
};

// What a 64-bit library defines for others, in its own order. kInvalid when it is no such file.
[[nodiscard]] base::Result<std::vector<Export>> read_exports(std::string_view elf);

}  // namespace bearerd::check
