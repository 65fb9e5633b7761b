// The admin API's answers as JSON: names in snake_case, times in RFC 3339, members always there (null when unknown).
#pragma once

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "settings/load.hpp"

namespace bearerd::http {

// Its members keep the order in which they were set.
[[nodiscard]] Poco::JSON::Object new_object();
[[nodiscard]] std::string to_text(const Poco::JSON::Object& object);
[[nodiscard]] Poco::Dynamic::Var time_json(base::WallTime time);
// Null when absent.
[[nodiscard]] Poco::Dynamic::Var time_json(const std::optional<base::WallTime>& time);
// Null when empty.
[[nodiscard]] Poco::Dynamic::Var text_or_null(std::string_view text);
[[nodiscard]] Poco::JSON::Array strings_json(const std::vector<std::string>& texts);
[[nodiscard]] Poco::JSON::Array problems_json(const std::vector<settings::Problem>& problems);

}  // namespace bearerd::http
