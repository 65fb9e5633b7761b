#include "net/freshness.hpp"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.hpp"

namespace bearerd::net {
namespace {

using std::chrono::seconds;

constexpr seconds kNothingSaid{-1};
constexpr std::uint64_t kMost = 1ULL << 31U;  // RFC 9111 §1.2.2: what is larger counts as this

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view unquote(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

// Digits only; too many of them are the most that there is.
std::optional<seconds> delta_seconds(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return seconds(std::min(base::parse_decimal(text).value_or(kMost), kMost));
}

struct Directives {
  bool forbids_reuse = false;
  std::optional<seconds> max_age;
};

void read_directive(std::string_view directive, Directives& directives) {
  const std::size_t equals = directive.find('=');
  const std::string_view name = trim(directive.substr(0, equals));
  if (base::equals_ignoring_case(name, "no-store") || base::equals_ignoring_case(name, "no-cache"))
    directives.forbids_reuse = true;
  if (!base::equals_ignoring_case(name, "max-age") || equals == std::string_view::npos) return;
  // RFC 9111 §4.2.1: of conflicting or unusable values, the least.
  const seconds value = delta_seconds(unquote(trim(directive.substr(equals + 1)))).value_or(seconds{0});
  directives.max_age = directives.max_age ? std::min(*directives.max_age, value) : value;
}

Directives read_cache_control(std::string_view field) {
  Directives directives;
  while (!field.empty()) {
    const std::size_t comma = field.find(',');
    read_directive(trim(field.substr(0, comma)), directives);
    field.remove_prefix(comma == std::string_view::npos ? field.size() : comma + 1);
  }
  return directives;
}

std::optional<std::int64_t> http_date(std::string_view text) {
  Poco::DateTime date;
  int time_zone = 0;
  try {
    if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, std::string(text), date, time_zone))
      return std::nullopt;
  } catch (const Poco::Exception&) {
    return std::nullopt;
  }
  return date.timestamp().epochTime() - time_zone;
}

seconds until_expiry(const CacheFields& fields) {
  if (fields.expires.empty()) return kNothingSaid;
  const auto expires = http_date(trim(fields.expires));
  if (!expires) return seconds{0};  // RFC 9111 §5.3: "0" and the like are in the past
  const auto date = http_date(trim(fields.date));
  if (!date) return kNothingSaid;
  return seconds(std::max<std::int64_t>(0, *expires - *date));
}

}  // namespace

seconds freshness_of(const CacheFields& fields) {
  const Directives directives = read_cache_control(fields.cache_control);
  if (directives.forbids_reuse) return seconds{0};
  const seconds lifetime = directives.max_age.value_or(until_expiry(fields));
  if (lifetime < seconds{0}) return kNothingSaid;
  const seconds age = delta_seconds(trim(fields.age)).value_or(seconds{0});
  return std::max(seconds{0}, lifetime - age);
}

}  // namespace bearerd::net
