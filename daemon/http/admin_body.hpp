// What the bodies and queries of admin calls have in common: strict, and refused with a text that says why.
#pragma once

#include <Poco/JSON/Object.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace bearerd::http {

[[nodiscard]] tl::unexpected<base::Error> invalid_call(std::string text);

// One JSON object, shallow, with no member but `known`. kDenied: a member is there twice, so it means two things.
[[nodiscard]] base::Result<Poco::JSON::Object::Ptr> parse_body(std::string_view body,
                                                               std::span<const std::string_view> known);
[[nodiscard]] base::Result<std::string> text_member(const Poco::JSON::Object& object, const std::string& name);

// Calls `visit` with name and decoded value of each parameter, until one is refused, as one that is there twice is.
// `wanted` says what the query may have.
using VisitParameter = std::function<base::Result<void>(std::string_view name, std::string_view value)>;
[[nodiscard]] base::Result<void> for_each_parameter(std::string_view query, std::string_view wanted,
                                                    const VisitParameter& visit);
// "limit": 1 to 200.
[[nodiscard]] base::Result<std::size_t> parse_page_size(std::string_view value);

}  // namespace bearerd::http
