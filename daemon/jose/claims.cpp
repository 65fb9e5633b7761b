#include "jose/claims.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "jose/strict_json.hpp"

namespace bearerd::jose {
namespace {

namespace dom = simdjson::dom;

// Above it a double no longer tells neighbouring integers apart, and no date is meant.
constexpr std::int64_t kLargestExact = std::int64_t{1} << 53;

constexpr std::size_t kMaxDocumentDepth = 16;

std::optional<dom::element> member(dom::element parent, std::string_view name) noexcept {
  dom::object object;
  dom::element value;
  if (parent.get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<dom::element> walk(dom::element root, const base::ClaimPath& path) noexcept {
  if (!path.literal.empty()) {
    if (const auto value = member(root, path.literal)) return value;
  }
  std::optional<dom::element> value = root;
  for (const std::string& segment : path.segments) {
    value = member(*value, segment);
    if (!value) return std::nullopt;
  }
  return value;
}

ClaimKind kind_of_element(dom::element value) noexcept {
  switch (value.type()) {
    case dom::element_type::NULL_VALUE:
      return ClaimKind::kNull;
    case dom::element_type::BOOL:
      return ClaimKind::kBoolean;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return ClaimKind::kNumber;
    case dom::element_type::STRING:
      return ClaimKind::kString;
    case dom::element_type::ARRAY:
      return ClaimKind::kArray;
    case dom::element_type::OBJECT:
      return ClaimKind::kObject;
  }
  return ClaimKind::kMissing;
}

std::optional<std::string_view> text_of(const std::optional<dom::element>& value) noexcept {
  std::string_view text;
  if (!value || value->get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<NumericDate> date_from(dom::element value) noexcept {
  std::int64_t seconds = 0;
  if (value.type() == dom::element_type::INT64 && value.get(seconds) == simdjson::SUCCESS) {
    if (seconds < 0 || seconds > kLargestExact) return std::nullopt;
    return NumericDate{seconds, false};
  }
  // What is left is a number with a fraction or an exponent, an integer beyond 2^63, or no number.
  double number = 0;
  if (value.type() != dom::element_type::DOUBLE || value.get(number) != simdjson::SUCCESS) return std::nullopt;
  // Written so that a NaN fails it too. -0.0 is not negative: it is 1970, as 0 is.
  if (!(number >= 0 && number <= static_cast<double>(kLargestExact))) return std::nullopt;
  const double whole = std::floor(number);
  return NumericDate{static_cast<std::int64_t>(whole), number != whole};
}

}  // namespace

ClaimKind Claims::kind_at(const base::ClaimPath& path) const noexcept {
  const auto value = walk(*root_, path);
  return value ? kind_of_element(*value) : ClaimKind::kMissing;
}

std::optional<std::string_view> Claims::string_at(const base::ClaimPath& path) const noexcept {
  return text_of(walk(*root_, path));
}

std::optional<bool> Claims::boolean_at(const base::ClaimPath& path) const noexcept {
  const auto value = walk(*root_, path);
  bool boolean = false;
  if (!value || value->get(boolean) != simdjson::SUCCESS) return std::nullopt;
  return boolean;
}

std::optional<std::int64_t> Claims::integer_at(const base::ClaimPath& path) const noexcept {
  const auto value = walk(*root_, path);
  std::int64_t number = 0;
  if (!value || value->type() != dom::element_type::INT64 || value->get(number) != simdjson::SUCCESS)
    return std::nullopt;
  if (number < -kLargestExact || number > kLargestExact) return std::nullopt;
  return number;
}

ClaimKind Claims::kind_of(std::string_view name) const noexcept {
  const auto value = member(*root_, name);
  return value ? kind_of_element(*value) : ClaimKind::kMissing;
}

std::optional<std::string_view> Claims::string_of(std::string_view name) const noexcept {
  return text_of(member(*root_, name));
}

base::Result<std::optional<NumericDate>> Claims::date_of(std::string_view name) const {
  const auto value = member(*root_, name);
  if (!value) return std::nullopt;
  const auto date = date_from(*value);
  if (!date) return base::fail(base::ErrorCode::kInvalid, "a date claim is not a number of seconds from 0 to 2^53");
  return date;
}

bool Claims::for_each_string(const base::ClaimPath& path, const std::function<bool(std::string_view)>& visit) const {
  const auto value = walk(*root_, path);
  if (!value) return false;
  if (const auto text = text_of(value)) {
    visit(*text);
    return true;
  }
  dom::array array;
  if (value->get(array) != simdjson::SUCCESS) return false;
  // Nothing of a mixed array is used: what the odd element meant to say is unknown.
  if (!std::all_of(array.begin(), array.end(), [](dom::element element) { return element.is_string(); })) return false;
  for (const dom::element element : array) {
    if (!visit(*text_of(element))) break;
  }
  return true;
}

bool Claims::for_each_object(const base::ClaimPath& path, const std::function<bool(const Claims&)>& visit) const {
  const auto value = walk(*root_, path);
  dom::array array;
  if (!value || value->get(array) != simdjson::SUCCESS) return false;
  if (!std::all_of(array.begin(), array.end(), [](dom::element element) { return element.is_object(); })) return false;
  for (const dom::element element : array) {
    if (!visit(Claims(element))) break;
  }
  return true;
}

bool Claims::for_each_member(const base::ClaimPath& path,
                             const std::function<bool(std::string_view, ClaimKind)>& visit) const {
  const auto value = walk(*root_, path);
  dom::object object;
  if (!value || value->get(object) != simdjson::SUCCESS) return false;
  for (const auto& field : object) {
    if (!visit(field.key, kind_of_element(field.value))) break;
  }
  return true;
}

struct ClaimsDocument::Parsed {
  dom::document document;
  dom::element root;
};

base::Result<ClaimsDocument> ClaimsDocument::parse(std::string_view json, std::size_t max_bytes) {
  if (json.size() > max_bytes) {
    return base::fail(base::ErrorCode::kTooLarge, "claims hold more than " + std::to_string(max_bytes) + " bytes");
  }
  PaddedBuffer text;
  std::copy(json.begin(), json.end(), text.prepare(json.size()));
  StrictJsonParser parser(max_bytes, kMaxDocumentDepth, json.size());
  auto parsed = std::make_unique<Parsed>();
  const auto root = parser.parse(text, parsed->document);
  if (!root) return base::fail(base::ErrorCode::kInvalid, "cannot read claims: " + std::string(describe(root.error())));
  parsed->root = *root;
  return ClaimsDocument(std::move(parsed));
}

ClaimsDocument::ClaimsDocument(std::unique_ptr<Parsed> parsed) noexcept : parsed_(std::move(parsed)) {}
ClaimsDocument::ClaimsDocument(ClaimsDocument&&) noexcept = default;
ClaimsDocument& ClaimsDocument::operator=(ClaimsDocument&&) noexcept = default;
ClaimsDocument::~ClaimsDocument() = default;

Claims ClaimsDocument::claims() const noexcept { return Claims(parsed_->root); }

}  // namespace bearerd::jose
