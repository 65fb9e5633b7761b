#include "base/claim_path.hpp"

#include <algorithm>

namespace bearerd::base {

ClaimPath ClaimPath::from_text(std::string_view text) {
  ClaimPath path;
  path.literal = text;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t dot = text.find('.', begin);
    path.segments.emplace_back(text.substr(begin, dot == std::string_view::npos ? dot : dot - begin));
    if (dot == std::string_view::npos) return path;
    begin = dot + 1;
  }
}

ClaimPath ClaimPath::from_segments(std::vector<std::string> segments) {
  ClaimPath path;
  path.segments = std::move(segments);
  return path;
}

std::string ClaimPath::display() const {
  if (!literal.empty()) return literal;
  std::string text;
  for (const std::string& segment : segments) {
    text += '.';
    text += segment;
  }
  return text.substr(std::min<std::size_t>(1, text.size()));
}

}  // namespace bearerd::base
