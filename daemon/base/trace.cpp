#include "base/trace.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace bearerd::base {
namespace {

constexpr std::size_t kMaxDetails = 100;
constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxValue = 200;

constexpr std::array<std::string_view, kCheckCount + 1> kNames{
    "",         "request",   "credential", "api_key",   "client_address", "shape",           "issuer",
    "provider", "algorithm", "key",        "signature", "expiry",         "not_before",      "issued_at",
    "age",      "audience",  "tenant",     "binding",   "token_type",     "required_claims", "plugin",
    "identity", "roles",     "revocation", "resource",  "route",          "permission",      "limits"};

std::string cut(std::string_view text, std::size_t most) {
  std::string out(cut_at_character(text, most));
  return out.size() < text.size() ? out + "…" : out;
}

}  // namespace

std::string_view name(Check check) noexcept {
  const auto place = static_cast<std::size_t>(check);
  return place <= kCheckCount ? kNames[place] : kNames[0];
}

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kNotAsked:
      return "not_asked";
    case Outcome::kNotReached:
      break;
  }
  return "not_reached";
}

std::string excerpt(std::string_view text) { return '"' + cut(text, kMaxValue) + '"'; }

std::string Trace::claim(std::string_view value) const { return shows_claims_ ? excerpt(value) : "(not shown)"; }

Step& Trace::step_of(Check check) {
  const auto found = std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) { return step.check == check; });
  return found != steps_.end() ? *found : steps_.emplace_back(Step{check, Outcome::kNotReached, {}, {}});
}

void Trace::tell(Check check, Outcome outcome, std::string_view why) {
  Step& step = step_of(check);
  step.outcome = outcome;
  step.why = cut(why, kMaxText);
}

void Trace::detail(Check check, std::string_view text) {
  std::vector<std::string>& details = step_of(check).details;
  if (details.size() < kMaxDetails) {
    details.push_back(cut(text, kMaxText));
  } else if (details.size() == kMaxDetails) {
    details.emplace_back("… and more");
  }
}

void Trace::expect(Check first, Check last) {
  for (auto place = static_cast<std::uint8_t>(first); place <= static_cast<std::uint8_t>(last); ++place)
    step_of(static_cast<Check>(place)) = {static_cast<Check>(place), Outcome::kNotReached, {}, {}};
}

bool Trace::has_failed() const noexcept {
  return std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.outcome == Outcome::kFailed; });
}

std::vector<Step> Trace::steps() const {
  std::vector<Step> told = steps_;
  const auto by_check = [](const Step& a, const Step& b) { return a.check < b.check; };
  std::sort(told.begin(), told.end(), by_check);
  return told;
}

}  // namespace bearerd::base
