#include "jose/strict_json.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace bearerd::jose {
namespace {

namespace dom = simdjson::dom;

// Names of different lengths need no look at their bytes; the order itself does not matter.
bool orders_before(std::string_view a, std::string_view b) noexcept {
  return a.size() != b.size() ? a.size() < b.size() : std::memcmp(a.data(), b.data(), a.size()) < 0;
}

bool has_byte_order_mark(const PaddedBuffer& text) noexcept {
  return text.size() >= 3 && std::memcmp(text.data(), "\xEF\xBB\xBF", 3) == 0;
}

// Up to this many names, comparing every pair is faster than sorting.
constexpr std::size_t kFewNames = 12;

}  // namespace

std::string_view describe(JsonFault fault) noexcept {
  switch (fault) {
    case JsonFault::kTooLarge:
      return "the text is too large";
    case JsonFault::kNotObject:
      return "the text is no JSON object";
    case JsonFault::kTooDeep:
      return "the text is nested too deeply";
    case JsonFault::kDuplicateName:
      return "a member name occurs twice in one object";
    case JsonFault::kNotJson:
      break;
  }
  return "the text is not valid JSON";
}

std::uint8_t* PaddedBuffer::prepare(std::size_t size) {
  if (bytes_.size() < size + simdjson::SIMDJSON_PADDING) bytes_.resize(size + simdjson::SIMDJSON_PADDING);
  size_ = size;
  return bytes_.data();
}

StrictJsonParser::StrictJsonParser(std::size_t max_bytes, std::size_t max_depth, std::size_t warm_bytes)
    : max_bytes_(max_bytes), max_depth_(max_depth) {
  // One level more than we allow, so that our own check names the fault.
  if (parser_.allocate(std::max<std::size_t>(warm_bytes, 64), max_depth + 1) != simdjson::SUCCESS)
    throw std::bad_alloc();
  names_.reserve(64);
}

tl::expected<dom::element, JsonFault> StrictJsonParser::parse(const PaddedBuffer& text, dom::document& document) {
  if (text.size() > max_bytes_) return tl::make_unexpected(JsonFault::kTooLarge);
  // RFC 8259 §8.1: newer simdjson versions skip the mark, which would give one token two spellings.
  if (has_byte_order_mark(text)) return tl::make_unexpected(JsonFault::kNotJson);
  dom::element root;
  const simdjson::error_code error = parser_.parse_into_document(document, text.data(), text.size(), false).get(root);
  if (error == simdjson::DEPTH_ERROR) return tl::make_unexpected(JsonFault::kTooDeep);
  if (error != simdjson::SUCCESS) return tl::make_unexpected(JsonFault::kNotJson);
  if (!root.is_object()) return tl::make_unexpected(JsonFault::kNotObject);
  names_.clear();
  JsonFault fault{};
  if (!check(root, 1, fault)) return tl::make_unexpected(fault);
  return root;
}

bool StrictJsonParser::check(dom::element value, std::size_t depth, JsonFault& fault) {
  dom::object object;
  dom::array array;
  const bool is_object = value.get(object) == simdjson::SUCCESS;
  const bool is_array = !is_object && value.get(array) == simdjson::SUCCESS;
  if (!is_object && !is_array) return true;
  if (depth > max_depth_) {
    fault = JsonFault::kTooDeep;
    return false;
  }
  if (is_object) return check_object(object, depth, fault);
  return std::all_of(array.begin(), array.end(),
                     [&](dom::element element) { return check(element, depth + 1, fault); });
}

bool StrictJsonParser::check_object(dom::object object, std::size_t depth, JsonFault& fault) {
  const std::size_t first = names_.size();
  for (const auto& member : object) names_.push_back(member.key);  // unescaped, so "a\u0075d" meets "aud"
  const bool has_duplicate = has_equal_names(first);
  names_.resize(first);
  if (has_duplicate) {
    fault = JsonFault::kDuplicateName;
    return false;
  }
  for (const auto& member : object) {
    if (!check(member.value, depth + 1, fault)) return false;
  }
  return true;
}

bool StrictJsonParser::has_equal_names(std::size_t first) {
  const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(first);
  if (names_.size() - first > kFewNames) {
    std::sort(begin, names_.end(), orders_before);
    return std::adjacent_find(begin, names_.end()) != names_.end();
  }
  for (auto name = begin; name != names_.end(); ++name) {
    if (std::find(begin, name, *name) != name) return true;
  }
  return false;
}

}  // namespace bearerd::jose
