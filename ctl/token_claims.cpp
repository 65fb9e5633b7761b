#include "ctl/token_claims.hpp"

#include <Poco/UUIDGenerator.h>

#include <array>

#include "base/file.hpp"
#include "base/text.hpp"
#include "ctl/terminal.hpp"
#include "jose/claims.hpp"

namespace bearerd::ctl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::int64_t kUsualLife = 300;            // an assertion is used at once, and once
constexpr std::int64_t kLastSecond = 253402300799;  // of the year 9999
constexpr std::size_t kMaxClaimsBytes = 64U * 1024U;

class ClaimsText {
 public:
  void add(std::string_view name, std::string_view json) {
    text_ += (text_.empty() ? "" : ",") + base::json_string(name) + ':';
    text_ += json;
  }
  // The inside of a JSON object.
  void add_members(std::string_view members) {
    if (members.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
    if (!text_.empty()) text_ += ',';
    text_ += members;
  }
  [[nodiscard]] std::string object() const { return '{' + text_ + '}'; }

 private:
  std::string text_;
};

bool is_json_value(const std::string& json) { return jose::ClaimsDocument::parse("{\"v\":" + json + '}').has_value(); }

// "name=text" or "name:=JSON".
Result<void> add_own_claim(ClaimsText& claims, const std::string& given) {
  const std::size_t equals = given.find('=');
  if (equals == std::string::npos || equals == 0)
    return fail(ErrorCode::kInvalid, "--claim takes NAME=TEXT or NAME:=JSON");
  const bool is_json = given[equals - 1] == ':';
  const std::string name = given.substr(0, equals - (is_json ? 1 : 0)), value = given.substr(equals + 1);
  if (name.empty()) return fail(ErrorCode::kInvalid, "--claim takes NAME=TEXT or NAME:=JSON");
  // Not `1,"admin":true`: one value, as it is promised.
  if (is_json && (!is_json_value(value) || !is_json_value('[' + value + "]")))
    return fail(ErrorCode::kInvalid, "--claim " + printable(name) + ": what follows := is no JSON");
  claims.add(name, is_json ? value : base::json_string(value));
  return {};
}

Result<void> add_file(ClaimsText& claims, const std::string& path) {
  const auto content = base::read_file(path, kMaxClaimsBytes);
  if (!content) return tl::make_unexpected(content.error());
  if (const auto parsed = jose::ClaimsDocument::parse(content->bytes); !parsed)
    return fail(ErrorCode::kInvalid, path + ": " + parsed.error().text);
  const std::string& text = content->bytes;
  const std::size_t begin = text.find('{') + 1;
  claims.add_members(std::string_view(text).substr(begin, text.rfind('}') - begin));
  return {};
}

void add_text(ClaimsText& claims, std::string_view name, const std::optional<std::string>& value) {
  if (value) claims.add(name, base::json_string(*value));
}

// One is a string, several are a list (RFC 7519 §4.1.3).
void add_audiences(ClaimsText& claims, const CommandLine& line) {
  const auto [first, last] = line.options.equal_range("audience");
  if (first == last) return;
  std::string list;
  for (auto at = first; at != last; ++at) list += (list.empty() ? "" : ",") + base::json_string(at->second);
  claims.add("aud", std::next(first) == last ? list : '[' + list + ']');
}

Result<void> add_times(ClaimsText& claims, const CommandLine& line, base::Timestamp now) {
  const auto issued_at = parse_time(line.option("issued-at").value_or("now"), now);
  if (!issued_at) return fail(ErrorCode::kInvalid, "--issued-at: " + issued_at.error().text);
  const auto life = parse_span(line.option("expires-in").value_or(std::to_string(kUsualLife)));
  if (!life) return fail(ErrorCode::kInvalid, "--expires-in: " + life.error().text);
  claims.add("iat", std::to_string(issued_at->seconds));
  if (const auto given = line.option("not-before")) {
    const auto not_before = parse_time(*given, now);
    if (!not_before) return fail(ErrorCode::kInvalid, "--not-before: " + not_before.error().text);
    claims.add("nbf", std::to_string(not_before->seconds));
  }
  claims.add("exp", std::to_string(issued_at->seconds + *life));
  return {};
}

}  // namespace

Result<base::Timestamp> parse_time(const std::string& text, base::Timestamp now) {
  if (text == "now") return now;
  if (const auto seconds = base::parse_decimal(text); seconds && *seconds <= std::uint64_t{kLastSecond})
    return base::Timestamp{static_cast<std::int64_t>(*seconds)};
  if (const auto time = base::parse_timestamp(text)) return *time;
  return fail(ErrorCode::kInvalid, "write now, seconds since 1970, or a time such as 2026-11-25T03:00:00Z");
}

Result<std::int64_t> parse_span(std::string_view text) {
  constexpr std::array<std::pair<char, std::uint64_t>, 4> kUnits{{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}}};
  constexpr std::uint64_t kLongest = 36'600ULL * 86'400ULL;  // a hundred years
  std::uint64_t unit = 1;
  for (const auto& [letter, seconds] : kUnits) {
    if (!text.ends_with(letter)) continue;
    unit = seconds;
    text.remove_suffix(1);
    break;
  }
  const auto count = base::parse_decimal(text);
  if (!count || *count == 0 || *count > kLongest / unit)
    return fail(ErrorCode::kInvalid, "write a time from now on, such as 300, 10m, 8h or 7d");
  return static_cast<std::int64_t>(*count * unit);
}

Result<std::string> build_claims(const CommandLine& line, base::Timestamp now) {
  ClaimsText claims;
  add_text(claims, "iss", line.option("issuer"));
  add_text(claims, "sub", line.option("subject"));
  add_audiences(claims, line);
  add_text(claims, "upn", line.option("upn"));
  const std::string jti =
      line.option("jti").value_or(Poco::UUIDGenerator::defaultGenerator().createRandom().toString());
  if (!jti.empty()) claims.add("jti", base::json_string(jti));
  if (auto added = add_times(claims, line, now); !added) return tl::make_unexpected(added.error());
  const auto [first, last] = line.options.equal_range("claim");
  for (auto at = first; at != last; ++at) {
    if (auto added = add_own_claim(claims, at->second); !added) return tl::make_unexpected(added.error());
  }
  if (const auto path = line.option("claims")) {
    if (auto added = add_file(claims, *path); !added) return tl::make_unexpected(added.error());
  }
  std::string object = claims.object();
  if (const auto parsed = jose::ClaimsDocument::parse(object); !parsed)
    return fail(ErrorCode::kInvalid, "the claims make no token (is one given twice?): " + parsed.error().text);
  return object;
}

}  // namespace bearerd::ctl
