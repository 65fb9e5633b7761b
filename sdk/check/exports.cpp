#include "sdk/check/exports.hpp"

#include <elf.h>

#include <cstring>
#include <optional>

namespace bearerd::check {
namespace {

// A copy of the struct at `offset`, whatever its alignment; nothing when it does not lie in the file.
template <class T>
std::optional<T> read_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string name_at(std::string_view bytes, const Elf64_Shdr& names, std::uint32_t index) {
  if (names.sh_offset > bytes.size() || index >= names.sh_size || bytes.size() - names.sh_offset < names.sh_size)
    return {};
  const std::string_view rest = bytes.substr(names.sh_offset + index, names.sh_size - index);
  return std::string(rest.substr(0, rest.find('\0')));
}

bool is_export(const Elf64_Sym& symbol) {
  const unsigned bind = ELF64_ST_BIND(symbol.st_info);
  const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  return symbol.st_shndx != SHN_UNDEF && symbol.st_shndx != SHN_ABS && bind != STB_LOCAL &&
         (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

tl::unexpected<base::Error> no_library() {
  return base::fail(base::ErrorCode::kInvalid, "is no 64-bit shared library of this machine's byte order");
}

bool is_library(const Elf64_Ehdr& header) {
  return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
         header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_type == ET_DYN;
}

}  // namespace

base::Result<std::vector<Export>> read_exports(std::string_view elf) {
  const auto header = read_at<Elf64_Ehdr>(elf, 0);
  if (!header || !is_library(*header)) return no_library();
  std::vector<Export> exports;
  for (std::uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto section = read_at<Elf64_Shdr>(elf, header->e_shoff + i * sizeof(Elf64_Shdr));
    if (!section) return no_library();
    if (section->sh_type != SHT_DYNSYM) continue;
    const auto names = read_at<Elf64_Shdr>(elf, header->e_shoff + section->sh_link * sizeof(Elf64_Shdr));
    if (!names) return no_library();
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section->sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = read_at<Elf64_Sym>(elf, section->sh_offset + at);
      if (!symbol) return no_library();
      if (!is_export(*symbol)) continue;
      exports.push_back({name_at(elf, *names, symbol->st_name), ELF64_ST_BIND(symbol->st_info) == STB_GNU_UNIQUE});
    }
  }
  return exports;
}

}  // namespace bearerd::check
