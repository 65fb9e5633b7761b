#include "sdk/check/report.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace bearerd::check {
namespace {

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kSkipped:
      return "skipped";
    case Outcome::kFailed:
      break;
  }
  return "failed";
}

ctl::Colour colour(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kPassed:
      return ctl::Colour::kGood;
    case Outcome::kSkipped:
      return ctl::Colour::kDim;
    case Outcome::kFailed:
      break;
  }
  return ctl::Colour::kBad;
}

std::size_t count(const Report& report, Outcome outcome) {
  return static_cast<std::size_t>(std::count_if(report.rows.begin(), report.rows.end(),
                                                [&](const Row& row) { return row.finding.outcome == outcome; }));
}

bool has_passed(const Report& report) { return !report.has_failed() && !report.is_incomplete; }

}  // namespace

std::string render_table(const Report& report, const ctl::Look& look) {
  std::vector<std::vector<ctl::Cell>> rows{{{"check"}, {"outcome"}, {"what was found"}}};
  for (const Row& row : report.rows) {
    const Outcome outcome = row.finding.outcome;
    rows.push_back(
        {{std::string(row.name)}, {std::string(name(outcome)), colour(outcome)}, {ctl::printable(row.finding.detail)}});
  }
  // What is wrong must be read whole, whatever the width of the terminal.
  const ctl::Look wide{look.has_colours, 0};
  return ctl::table(wide, rows) + "\n" + ctl::printable(report.plugin) + ": " +
         std::to_string(count(report, Outcome::kPassed)) + " passed, " +
         std::to_string(count(report, Outcome::kFailed)) + " failed, " +
         std::to_string(count(report, Outcome::kSkipped)) + " skipped\n";
}

std::string render_json(const Report& report) {
  std::string json = R"({"plugin":)" + base::json_string(report.plugin) + R"(,"passed":)" +
                     (has_passed(report) ? "true" : "false") + R"(,"checks":[)";
  for (const Row& row : report.rows) {
    if (json.back() != '[') json += ',';
    json += R"({"name":)" + base::json_string(row.name) + R"(,"outcome":)" +
            base::json_string(name(row.finding.outcome)) + R"(,"detail":)" + base::json_string(row.finding.detail) +
            '}';
  }
  return json + "]}\n";
}

}  // namespace bearerd::check
