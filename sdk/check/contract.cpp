#include "sdk/check/contract.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sdk/check/apart.hpp"
#include "sdk/check/checks.hpp"
#include "sdk/check/samples.hpp"

namespace bearerd::check {
namespace {

struct Check {
  std::string_view name;
  Finding (*run)(const Subject&);
  std::string_view needs;  // a check that must have passed for this one to make sense
};

constexpr std::string_view kSilence = "silence";
constexpr std::array kChecks{
    Check{"symbols", &check_symbols, ""},
    Check{"loading", &check_loading, ""},
    Check{"schema", &check_schema, "loading"},
    Check{"settings", &check_settings, "loading"},
    Check{"odd-settings", &check_odd_settings, "settings"},
    Check{"verdicts", &check_verdicts, "settings"},
    Check{"speed", &check_speed, "verdicts"},
    Check{"threads", &check_threads, "verdicts"},
    Check{"memory", &check_memory, "verdicts"},
    Check{"fetching", &check_fetching, "settings"},
    Check{"unloading", &check_unloading, "settings"},
    Check{"token", &check_token, "settings"},
    Check{kSilence, nullptr, "verdicts"},  // what was heard of the plugin in the others
};

const Check* find_check(std::string_view name) noexcept {
  const auto* found =
      std::find_if(kChecks.begin(), kChecks.end(), [&](const Check& check) { return check.name == name; });
  return found == kChecks.end() ? nullptr : found;
}

// Whether `only` is this check, or needs it.
bool is_wanted(std::string_view name, std::string_view only) noexcept {
  if (only.empty()) return true;
  for (const Check* check = find_check(only); check != nullptr; check = find_check(check->needs)) {
    if (check->name == name) return true;
  }
  return false;
}

const Row* find_row(const Report& report, std::string_view name) {
  const auto found =
      std::find_if(report.rows.begin(), report.rows.end(), [&](const Row& row) { return row.name == name; });
  return found == report.rows.end() ? nullptr : &*found;
}

// What a plugin writes by itself lands between the daemon's log lines; what it writes may be anybody's.
Finding silence_of(const std::string& output, const std::string& errors) {
  Faults faults;
  if (!output.empty()) faults.add("writes to standard output");
  if (!errors.empty()) faults.add("writes to standard error: Host::log() is the way");
  if ((output + errors).find(kPrivateMark) != std::string::npos) faults.add("what it writes holds claims of a token");
  return faults.finding("nothing written, no claim logged");
}

class Runner {
 public:
  explicit Runner(const Subject& subject) : subject_(subject) { report_.plugin = subject.name; }

  Report run() {
    for (const Check& check : kChecks) {
      if (is_wanted(check.name, subject_.only)) report_.rows.push_back({check.name, look(check)});
    }
    const Row* settings = find_row(report_, "settings");
    report_.is_incomplete = settings != nullptr && settings->finding.outcome == Outcome::kSkipped &&
                            find_row(report_, "loading")->finding.outcome == Outcome::kPassed;
    return std::move(report_);
  }

 private:
  Finding look(const Check& check) {
    const Row* needed = find_row(report_, check.needs);
    if (needed != nullptr && needed->finding.outcome != Outcome::kPassed)
      return {Outcome::kSkipped, std::string(check.needs) + " did not pass"};
    if (check.name == kSilence) return silence_of(output_, errors_);
    if (check.name == "token" && !subject_.claims) return {Outcome::kSkipped, "no --claims FILE was given"};
    Apart apart = run_apart([&] { return check.run(subject_); }, subject_.limit);
    // A process that died tells why on standard error: a sanitizer's report, an assertion's text.
    if (apart.has_died) {
      report_.errors += apart.errors;
    } else if (check.name != "token") {  // there the daemon's own log line is on standard error
      output_ += apart.output;
      errors_ += apart.errors;
    }
    return std::move(apart.finding);
  }

  const Subject& subject_;
  Report report_;
  std::string output_, errors_;
};

}  // namespace

bool is_check(std::string_view name) noexcept { return find_check(name) != nullptr; }

bool Report::has_failed() const noexcept {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.finding.outcome == Outcome::kFailed; });
}

Report check_contract(const Subject& subject) { return Runner(subject).run(); }

}  // namespace bearerd::check
