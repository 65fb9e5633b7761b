#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/reason.hpp"
#include "jose/claims.hpp"
#include "sdk/check/checks.hpp"
#include "sdk/check/samples.hpp"
#include "sdk/check/session.hpp"
#include "sdk/testing/workbench.hpp"

namespace bearerd::check {
namespace {

// Shows tokens to one instance, and notes what comes of it.
class Shower {
 public:
  Shower(const Session& session, const Subject& subject, Record& record, Faults& faults)
      : session_(session), subject_(subject), record_(record), faults_(faults) {}

  // Text that the daemon's own parser refuses never reaches a plugin.
  void show(std::string_view json) {
    const auto document = jose::ClaimsDocument::parse(json);
    if (!document) return;
    const jose::Claims claims = document->claims();
    Probe probe(record_, claims);
    judge(probe, subject_.type, Claimed::kText);
    judge(probe, "", Claimed::kText);
  }

  void show(const Uniform& object) {
    Probe probe(record_, object.kind, object.text);
    const Claimed claimed = object.is_text ? Claimed::kText : Claimed::kBytes;
    judge(probe, subject_.type, claimed);
    judge(probe, object.is_text && !object.text.empty() ? object.text : "at+jwt", claimed);
  }

  [[nodiscard]] std::size_t shown() const noexcept { return shown_; }

 private:
  void judge(Probe& probe, std::string_view type, Claimed claimed) {
    ++shown_;
    static_cast<void>(session_.judge(probe, type, claimed, faults_));
  }

  const Session& session_;
  const Subject& subject_;
  Record& record_;
  Faults& faults_;
  std::size_t shown_ = 0;
};

std::set<Path> paths_to_spoil(const Record& record, std::string_view claims) {
  std::set<Path> paths = record.paths();
  paths.merge(member_paths(claims));
  return paths;
}

}  // namespace

Finding check_verdicts(const Subject& subject) {
  const auto opened = open_subject(subject);
  if (!opened) return {Outcome::kFailed, opened.error().text};
  Faults faults;
  Record record(true);
  const Session session(opened->library, opened->settings, record, faults);
  if (!session.is_open()) return {Outcome::kFailed, "refuses its settings: " + session.refusal()};
  const std::string claims = subject.claims.value_or(usual_claims());

  Shower shower(session, subject, record, faults);
  shower.show("{}");
  shower.show(claims);
  for (const Uniform& object : uniform_objects()) shower.show(object);
  // By now the plugin has said which claims it looks at.
  for_each_spoilt(claims, paths_to_spoil(record, claims), [&](const std::string& spoilt) { shower.show(spoilt); });
  if (record.has_late_look()) faults.add("looks into its settings after create() has returned: copy what is kept");
  if (record.logged().find(kPrivateMark) != std::string::npos) faults.add("logs what stands in a token");
  return faults.finding(std::to_string(shower.shown()) + " tokens judged: wrong types, deep, huge, NUL, no UTF-8");
}

Finding check_speed(const Subject& subject) {
  constexpr std::size_t kTries = 201;
  constexpr std::chrono::microseconds kMost{1000};
  const auto opened = open_subject(subject);
  if (!opened) return {Outcome::kFailed, opened.error().text};
  Faults faults;
  Record record(false);
  const Session session(opened->library, opened->settings, record, faults);
  if (!session.is_open()) return {Outcome::kFailed, "refuses its settings: " + session.refusal()};
  const auto document = jose::ClaimsDocument::parse(subject.claims.value_or(usual_claims()));
  if (!document) return {Outcome::kFailed, "the claims: " + document.error().text};
  const jose::Claims claims = document->claims();

  std::array<std::chrono::nanoseconds, kTries> times{};
  for (auto& time : times) {
    Probe probe(record, claims);
    const auto begin = std::chrono::steady_clock::now();
    static_cast<void>(session.judge(probe, subject.type, Claimed::kText, faults));
    time = std::chrono::steady_clock::now() - begin;
  }
  // The median: a busy machine makes some calls slow, a plugin that waits makes all of them slow.
  std::nth_element(times.begin(), times.begin() + kTries / 2, times.end());
  const std::chrono::nanoseconds median = times[kTries / 2];
  const std::string text =
      std::to_string(median.count() / 1000) + "." + std::to_string(median.count() / 100 % 10) + " µs";
  if (median > kMost) faults.add("takes " + text + " for a token: check() and identify() must never wait");
  return faults.finding(text + " for a token");
}

Finding check_token(const Subject& subject) {
  const testing::Workbench bench(subject.file, subject.settings);
  if (!bench.is_open()) {
    for (const testing::Fault& fault : bench.faults()) {
      if (!fault.is_warning)
        return {Outcome::kFailed, "the daemon refuses the entry: " + fault.setting + ": " + fault.text};
    }
    return {Outcome::kFailed, "the daemon refuses the entry"};
  }
  testing::Question question;
  question.claims = *subject.claims;
  question.type = subject.type;
  // A token from the archive is judged when it was fresh.
  if (const auto document = jose::ClaimsDocument::parse(*subject.claims)) {
    question.now = document->claims().integer_at(base::ClaimPath::from_text("iat"));
  }
  const testing::Answer answer = bench.ask(question);
  if (answer.reason == base::Reason::kOk) return {Outcome::kPassed, "the daemon lets it in, and knows who it is"};
  std::string why = "the daemon refuses the token of --claims: " + std::string(base::name(answer.reason));
  if (answer.reason == base::Reason::kMissingClaim)
    why += " (a claim that is required, or the user: is there one whom identify(), userIdPath or sub names?)";
  return {Outcome::kFailed, std::move(why)};
}

}  // namespace bearerd::check
