#include "http/header_field.hpp"

#include <array>

#include "base/ascii.hpp"

namespace bearerd::http {
namespace {

struct Row {
  std::string_view name;
  HeaderField field;
};

// Grouped by length: match_header() looks at one group only.
constexpr std::array kRows{
    Row{"host", HeaderField::kHost},
    Row{"expect", HeaderField::kExpect},
    Row{"api-key", HeaderField::kApiKey},
    Row{"connection", HeaderField::kConnection},
    Row{"content-type", HeaderField::kContentType},
    Row{"x-request-id", HeaderField::kRequestId},
    Row{"authorization", HeaderField::kAuthorization},
    Row{"content-length", HeaderField::kContentLength},
    Row{"x-original-uri", HeaderField::kOriginalUri},
    Row{"x-original-host", HeaderField::kOriginalHost},
    Row{"x-forwarded-uri", HeaderField::kForwardedUri},
    Row{"x-forwarded-for", HeaderField::kForwardedFor},
    Row{"x-original-proto", HeaderField::kOriginalProto},
    Row{"x-forwarded-host", HeaderField::kForwardedHost},
    Row{"x-original-method", HeaderField::kOriginalMethod},
    Row{"x-forwarded-proto", HeaderField::kForwardedProto},
    Row{"transfer-encoding", HeaderField::kTransferEncoding},
    Row{"x-forwarded-method", HeaderField::kForwardedMethod},
    Row{"x-bearerd-resource", HeaderField::kResource},
};

constexpr std::size_t kLongest = 18;

struct Group {
  std::uint8_t begin = 0, end = 0;
};

constexpr std::array<Group, kLongest + 1> make_groups() noexcept {
  std::array<Group, kLongest + 1> groups{};
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    Group& group = groups[kRows[i].name.size()];
    if (group.end == 0) group.begin = static_cast<std::uint8_t>(i);
    group.end = static_cast<std::uint8_t>(i + 1);
  }
  return groups;
}

constexpr std::array<Group, kLongest + 1> kGroups = make_groups();

enum class Likeness : std::uint8_t { kDifferent = 1, kSame, kUnderscored };

// From the end: the names share their beginnings.
Likeness compare(std::string_view name, std::string_view wanted) noexcept {
  bool is_underscored = false;
  for (std::size_t i = name.size(); i-- > 0;) {
    if (base::to_lower(name[i]) == wanted[i]) continue;
    if (name[i] != '_' || wanted[i] != '-') return Likeness::kDifferent;
    is_underscored = true;
  }
  return is_underscored ? Likeness::kUnderscored : Likeness::kSame;
}

}  // namespace

HeaderMatch match_header(std::string_view name) noexcept {
  if (name.size() > kLongest) return {};
  const Group group = kGroups[name.size()];
  for (std::size_t i = group.begin; i < group.end; ++i) {
    const Likeness likeness = compare(name, kRows[i].name);
    if (likeness != Likeness::kDifferent) return {kRows[i].field, likeness == Likeness::kUnderscored};
  }
  return {};
}

}  // namespace bearerd::http
