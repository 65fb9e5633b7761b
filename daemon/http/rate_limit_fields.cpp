#include "http/rate_limit_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bearerd::http {
namespace {

using state::Quantity;
using state::WindowShape;
using state::WindowStanding;

constexpr std::int64_t kMostInField = 999'999'999'999'999;  // RFC 9651 §3.3.1
constexpr std::int64_t kNanoInMicro = 1000;

std::int64_t in_field(const WindowShape& shape, std::int64_t value) noexcept {
  return std::min(shape.quantity == Quantity::kCost ? value / kNanoInMicro : value, kMostInField);
}

void append_parameter(std::string& out, std::string_view name, std::int64_t value) {
  std::array<char, 20> digits;
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(name).append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_policy(std::string& out, const WindowShape& shape, const WindowStanding& window) {
  append_parameter(out, ";q=", in_field(shape, window.limit));
  // Requests are the draft's default unit.
  if (shape.quantity == Quantity::kTokens) out.append(";qu=\"tokens\"");
  if (shape.quantity == Quantity::kCost) out.append(";qu=\"microdollars\"");
  append_parameter(out, ";w=", shape.seconds());
}

void append_state(std::string& out, const WindowShape& shape, const WindowStanding& window) {
  append_parameter(out, ";r=", in_field(shape, window.left()));
  if (window.seconds_to_more > 0) append_parameter(out, ";t=", window.seconds_to_more);
}

template <class Append>
void append_field(std::string& out, std::string_view name, const state::Standing& standing, Append append) {
  out.append(name);
  std::string_view separator = ": ";
  for (const WindowStanding& window : standing.limited()) {
    const WindowShape& shape = state::shape_of(window.window);
    out.append(separator).append("\"").append(shape.name).append("\"");
    append(out, shape, window);
    separator = ", ";
  }
  out.append("\r\n");
}

}  // namespace

void append_rate_limit_fields(std::string& out, const state::Standing& standing) {
  if (standing.limited().empty()) return;
  append_field(out, "RateLimit-Policy", standing, append_policy);
  append_field(out, "RateLimit", standing, append_state);
}

}  // namespace bearerd::http
