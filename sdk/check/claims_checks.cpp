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

Finding judge_everything(const Subject& subject, Scene& scene) {
  const std::string claims = subject.claims.value_or(usual_claims());
  Shower shower(scene.session, subject, scene.record, scene.faults);
  shower.show("{}");
  shower.show(claims);
  for (const Uniform& object : uniform_objects()) shower.show(object);
  // By now the plugin has said which claims it looks at.
  for_each_spoilt(claims, paths_to_spoil(scene.record, claims),
                  [&](const std::string& spoilt) { shower.show(spoilt); });
  if (scene.record.has_late_look())
    scene.faults.add("looks into its settings after create() has returned: copy what is kept");
  if (scene.record.logged().find(kPrivateMark) != std::string::npos) scene.faults.add("logs what stands in a token");
  return scene.faults.finding(std::to_string(shower.shown()) +
                              " tokens judged: wrong types, deep, huge, NUL, no UTF-8");
}

// The median: a busy machine makes some calls slow, a plugin that waits makes all of them slow.
std::chrono::nanoseconds median_time(const Subject& subject, Scene& scene, const jose::Claims& claims) {
  std::array<std::chrono::nanoseconds, 201> times{};
  for (auto& time : times) {
    Probe probe(scene.record, claims);
    const auto begin = std::chrono::steady_clock::now();
    static_cast<void>(scene.session.judge(probe, subject.type, Claimed::kText, scene.faults));
    time = std::chrono::steady_clock::now() - begin;
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

Finding take_the_time(const Subject& subject, Scene& scene) {
  constexpr std::chrono::microseconds kMost{1000};
  const auto document = jose::ClaimsDocument::parse(subject.claims.value_or(usual_claims()));
  if (!document) return {Outcome::kFailed, "the claims: " + document.error().text};
  const std::chrono::nanoseconds median = median_time(subject, scene, document->claims());
  const std::string text =
      std::to_string(median.count() / 1000) + "." + std::to_string(median.count() / 100 % 10) + " µs";
  if (median > kMost) scene.faults.add("takes " + text + " for a token: check() and identify() must never wait");
  return scene.faults.finding(text + " for a token");
}

}  // namespace

Finding check_verdicts(const Subject& subject) {
  return look_at(subject, true, [&](Scene& scene) { return judge_everything(subject, scene); });
}

Finding check_speed(const Subject& subject) {
  return look_at(subject, false, [&](Scene& scene) { return take_the_time(subject, scene); });
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
