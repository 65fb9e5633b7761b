#include "settings/regex.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

namespace bearerd::settings {
namespace {

// What a pattern may cost in compiled form; ten times what any real issuer pattern takes.
constexpr std::int64_t kMaxRegexMemory = 1 << 20;
constexpr std::size_t kMaxPatternBytes = 4096;

struct Mend {
  std::string_view sign, advice;
};

// What Java takes and linear-time matching can't, with what to write instead.
constexpr std::array kMends{
    Mend{"(?=",
         "look-ahead can't be matched in linear time; name the allowed values, such as \"(a|b)\", or use exact values"},
    Mend{"(?!",
         "look-ahead can't be matched in linear time; name the allowed values, such as \"(a|b)\", or use exact values"},
    Mend{"(?<=", "look-behind can't be matched in linear time; write what stands before into the pattern itself"},
    Mend{"(?<!", "look-behind can't be matched in linear time; write what stands before into the pattern itself"},
    Mend{"(?<", "write a plain group \"(…)\": groups are not referred to by name here"},
    Mend{"(?>", "write a plain group \"(?:…)\": there is no backtracking that it could prevent"},
    Mend{"*+", "write \"*\" for \"*+\": there is no backtracking that it could prevent"},
    Mend{"++", "write \"+\" for \"++\": there is no backtracking that it could prevent"},
    Mend{"?+", "write \"?\" for \"?+\": there is no backtracking that it could prevent"},
    Mend{"&&", "write the characters of the class out: \"&&\" in a class is Java's own"},
};

std::string mend_for(std::string_view pattern) {
  for (const Mend& mend : kMends) {
    if (pattern.find(mend.sign) != std::string_view::npos) return ": " + std::string(mend.advice);
  }
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    if (pattern[i + 1] >= '1' && pattern[i + 1] <= '9') {
      return ": a back-reference can't be matched in linear time; write the repeated part out";
    }
    ++i;
  }
  return {};
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos; }

}  // namespace

base::Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern) {
  return compile_as(Kind::kPattern, pattern);
}

base::Result<std::shared_ptr<const Regex>> Regex::compile_ignoring_case(std::string_view text) {
  return compile_as(Kind::kAnyCase, text);
}

base::Result<std::shared_ptr<const Regex>> Regex::compile_as(Kind kind, std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes) {
    return base::fail(base::ErrorCode::kTooLarge,
                      "the pattern is longer than " + std::to_string(kMaxPatternBytes) + " bytes");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);  // the pattern may come from anywhere; we tell it ourselves
  options.set_max_mem(kMaxRegexMemory);
  options.set_literal(kind == Kind::kAnyCase);
  options.set_case_sensitive(kind != Kind::kAnyCase);
  const bool is_ascii = std::ranges::all_of(pattern, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  // Byte for byte: no byte of UTF-8 behind ASCII folds into ASCII.
  if (kind == Kind::kAnyCase && is_ascii) options.set_encoding(re2::RE2::Options::EncodingLatin1);
  auto expression = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!expression->ok()) {
    return base::fail(base::ErrorCode::kInvalid,
                      "the pattern can't be taken (" + expression->error() + ")" + mend_for(pattern));
  }
  return std::shared_ptr<const Regex>(new Regex(std::move(expression)));
}

Regex::Regex(std::unique_ptr<re2::RE2> expression) noexcept : expression_(std::move(expression)) {}
Regex::~Regex() = default;

bool Regex::matches_whole(std::string_view text) const noexcept {
  return expression_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::ANCHOR_BOTH, nullptr,
                            0);
}

bool Regex::matches_part(std::string_view text) const noexcept {
  return expression_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, nullptr,
                            0);
}

std::optional<std::string_view> Regex::capture(std::string_view text) const noexcept {
  std::array<re2::StringPiece, 2> found;
  const bool is_match =
      groups() > 0 && expression_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                                         re2::RE2::ANCHOR_BOTH, found.data(), static_cast<int>(found.size()));
  if (!is_match || found[1].data() == nullptr) return std::nullopt;
  return std::string_view(found[1].data(), found[1].size());
}

int Regex::groups() const noexcept { return expression_->NumberOfCapturingGroups(); }

std::vector<std::string_view> Regex::split(std::string_view text) const {
  std::vector<std::string_view> parts;
  const auto keep = [&](std::string_view part) {
    if (!is_blank(part)) parts.push_back(part);
  };
  const re2::StringPiece whole(text.data(), text.size());
  std::size_t part_begin = 0, search = 0;
  re2::StringPiece match;
  while (search <= text.size() && expression_->Match(whole, search, text.size(), re2::RE2::UNANCHORED, &match, 1)) {
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    // An empty match separates nothing and would never end.
    if (match.empty()) {
      search = begin + 1;
      continue;
    }
    keep(text.substr(part_begin, begin - part_begin));
    part_begin = search = begin + match.size();
  }
  keep(text.substr(part_begin));
  return parts;
}

const std::string& Regex::text() const noexcept { return expression_->pattern(); }

}  // namespace bearerd::settings
