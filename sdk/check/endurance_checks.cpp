#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "jose/claims.hpp"
#include "sdk/check/checks.hpp"
#include "sdk/check/samples.hpp"
#include "sdk/check/session.hpp"

namespace bearerd::check {
namespace {

constexpr unsigned kThreads = 8;
constexpr unsigned kPeople = 32;
constexpr unsigned kRounds = 400;

// Threads that ask about different bearers at once. What is said of one must not depend on who else is asked about.
class Crowd {
 public:
  // Asks about each alone first.
  Crowd(const Subject& subject, Scene& scene)
      : subject_(subject),
        scene_(scene),
        document_(jose::ClaimsDocument::parse(subject.claims.value_or(usual_claims()))) {
    for (unsigned i = 0; i < kPeople; ++i) alone_.push_back(judge_person(i, scene.record, scene.faults));
    shared_ = judge_shared(scene.record, scene.faults);
  }

  void ask() {
    std::atomic<unsigned> running{kThreads};
    std::array<Faults, kThreads> faults;
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (unsigned i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        ask_alone(i, faults[i]);
        --running;
      });
    }
    // As a reload does it: other instances come and go while requests are answered.
    while (running.load() > 0) {
      const Session another(scene_.library, scene_.settings, scene_.record, scene_.faults);
      ++instances_;
    }
    for (std::thread& thread : threads) thread.join();
    for (const Faults& own : faults) scene_.faults.take(own);
  }

  [[nodiscard]] unsigned instances() const noexcept { return instances_; }

 private:
  void ask_alone(unsigned thread, Faults& faults) const {
    Record record(false);
    for (unsigned round = 0; round < kRounds; ++round) {
      const unsigned person = (thread * 5 + round) % kPeople;
      const bool is_same =
          judge_person(person, record, faults) == alone_[person] && judge_shared(record, faults) == shared_;
      if (!is_same) faults.add("says something else of a token when other threads ask about others");
    }
  }

  // In a token of his own, every claim is his name.
  [[nodiscard]] Judgement judge_person(unsigned person, Record& record, Faults& faults) const {
    Probe probe(record, BEARERD_KIND_STRING, "person-" + std::to_string(person));
    return scene_.session.judge(probe, subject_.type, Claimed::kText, faults);
  }

  // The token of --claims, parsed once: it is accepted, so identify() is in it.
  [[nodiscard]] Judgement judge_shared(Record& record, Faults& faults) const {
    if (!document_) return {};
    const jose::Claims claims = document_->claims();
    Probe probe(record, claims);
    return scene_.session.judge(probe, subject_.type, Claimed::kText, faults);
  }

  const Subject& subject_;
  Scene& scene_;
  base::Result<jose::ClaimsDocument> document_;
  std::vector<Judgement> alone_;
  Judgement shared_;
  unsigned instances_ = 0;
};

std::size_t entries_of(const char* directory) {
  std::error_code ignored;
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory, ignored)) ++count;
  return count;
}

constexpr unsigned kLives = 200;
constexpr std::size_t kWindows = 5;
using InUse = std::array<std::size_t, kWindows>;  // bytes, after each window of lives

// A cache that fills once grows in one window; a leak grows in each.
bool is_leak(const InUse& in_use) {
  for (std::size_t i = 1; i < kWindows; ++i) {
    if (in_use[i] < in_use[i - 1] + kLives) return false;
  }
  return true;
}

// An instance is made, asked once and destroyed.
void live_once(const Subject& subject, Scene& scene, const jose::Claims& claims) {
  const Session session(scene.library, scene.settings, scene.record, scene.faults);
  Probe probe(scene.record, claims);
  if (session.is_open()) static_cast<void>(session.judge(probe, subject.type, Claimed::kText, scene.faults));
}

Finding live_often(const Subject& subject, Scene& scene) {
  const auto document = jose::ClaimsDocument::parse(subject.claims.value_or(usual_claims()));
  if (!document) return {Outcome::kFailed, "the claims: " + document.error().text};
  const jose::Claims claims = document->claims();
  for (unsigned i = 0; i < kLives; ++i) live_once(subject, scene, claims);  // what is made once may stay
  const std::size_t files = entries_of("/proc/self/fd"), tasks = entries_of("/proc/self/task");
  InUse in_use{};
  for (std::size_t& bytes : in_use) {
    for (unsigned i = 0; i < kLives; ++i) live_once(subject, scene, claims);
    const auto state = ::mallinfo2();
    bytes = state.uordblks + state.hblkhd;
  }
  if (entries_of("/proc/self/fd") > files) scene.faults.add("leaves files open");
  if (entries_of("/proc/self/task") > tasks) scene.faults.add("leaves threads behind");
  if (is_leak(in_use)) {
    const std::size_t each = (in_use.back() - in_use.front()) / (kLives * (kWindows - 1));
    scene.faults.add("loses memory: " + std::to_string(each) +
                     " bytes with each instance that is made, asked once and destroyed");
  }
  const bool is_measured = in_use.front() > 0;  // a sanitizer has an allocator of its own
  if (!is_measured && scene.faults.empty()) return {Outcome::kSkipped, "this allocator does not say what is in use"};
  return scene.faults.finding(std::to_string(kLives * (kWindows + 1)) + " instances made and destroyed, nothing lost");
}

}  // namespace

Finding check_threads(const Subject& subject) {
  return look_at(subject, false, [&](Scene& scene) {
    Crowd crowd(subject, scene);
    crowd.ask();
    return scene.faults.finding(std::to_string(kThreads) + " threads, " + std::to_string(2 * kThreads * kRounds) +
                                " tokens, " + std::to_string(crowd.instances()) + " instances made meanwhile");
  });
}

Finding check_memory(const Subject& subject) {
  return look_at(subject, false, [&](Scene& scene) { return live_often(subject, scene); });
}

}  // namespace bearerd::check
