#include "jose/b64token.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <span>

namespace bearerd::jose {
namespace {

constexpr std::size_t kLanes = 16;
using Characters [[gnu::vector_size(kLanes)]] = std::uint8_t;
using Mask [[gnu::vector_size(kLanes)]] = std::int8_t;  // what comparing Characters gives: 0 or -1

class Alphabets {
 public:
  void look_at(std::span<const char, kLanes> text) noexcept {
    Characters c;
    std::memcpy(&c, text.data(), kLanes);
    // Differences of unsigned bytes wrap, so one comparison tests both ends of a range.
    const Mask is_letter = (c | 0x20) - 'a' <= 'z' - 'a';
    const Mask is_digit = c - '0' <= '9' - '0';
    const Mask is_plain = is_letter | is_digit | (c == '-') | (c == '.') | (c == '_');
    const Mask is_extra = (c == '~') | (c == '+') | (c == '/');
    plain_ &= is_plain;
    fit_ &= is_plain | is_extra;
  }

  [[nodiscard]] bool are_all_plain() const noexcept { return is_full(plain_); }
  [[nodiscard]] bool do_all_fit() const noexcept { return is_full(fit_); }

 private:
  static bool is_full(const Mask& mask) noexcept {
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), &mask, kLanes);
    return (halves[0] & halves[1]) == ~std::uint64_t{0};
  }

  Mask plain_ = Mask{} == Mask{};
  Mask fit_ = Mask{} == Mask{};
};

}  // namespace

Alphabet alphabet_of(std::string_view text) noexcept {
  std::string_view body = text;
  while (body.ends_with('=')) body.remove_suffix(1);
  if (body.empty()) return Alphabet::kForeign;
  const bool is_padded = body.size() != text.size();
  Alphabets seen;
  for (; body.size() >= kLanes; body.remove_prefix(kLanes)) seen.look_at(std::span(body).first<kLanes>());
  std::array<char, kLanes> rest;
  rest.fill('A');
  body.copy(rest.data(), body.size());
  seen.look_at(rest);
  if (!seen.do_all_fit()) return Alphabet::kForeign;
  return seen.are_all_plain() && !is_padded ? Alphabet::kCompact : Alphabet::kB64Token;
}

}  // namespace bearerd::jose
