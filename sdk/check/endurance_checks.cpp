#include <malloc.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
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

// A token of somebody of his own: what one thread finds must never be another's.
struct Person {
  std::string name;
  Judgement alone;  // what is said of him when nobody else is asked about
};

std::vector<Person> people(const Session& session, Record& record, const Subject& subject, Faults& faults) {
  std::vector<Person> all;
  for (unsigned i = 0; i < kPeople; ++i) {
    Person person{"person-" + std::to_string(i), {}};
    Probe probe(record, BEARERD_KIND_STRING, person.name);
    person.alone = session.judge(probe, subject.type, Claimed::kText, faults);
    all.push_back(std::move(person));
  }
  return all;
}

// The token of --claims, parsed once and asked about by every thread: it is accepted, so identify() is in it.
class SharedToken {
 public:
  SharedToken(const Session& session, Record& record, const Subject& subject, Faults& faults)
      : document_(jose::ClaimsDocument::parse(subject.claims.value_or(usual_claims()))) {
    if (!document_) return;
    alone_ = judge(session, record, subject, faults);
  }
  [[nodiscard]] bool is_same(const Session& session, Record& record, const Subject& subject, Faults& faults) const {
    return !document_ || judge(session, record, subject, faults) == alone_;
  }

 private:
  [[nodiscard]] Judgement judge(const Session& session, Record& record, const Subject& subject, Faults& faults) const {
    const jose::Claims claims = document_->claims();
    Probe probe(record, claims);
    return session.judge(probe, subject.type, Claimed::kText, faults);
  }
  base::Result<jose::ClaimsDocument> document_;
  Judgement alone_;
};

std::size_t entries_of(const char* directory) {
  std::error_code ignored;
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory, ignored)) ++count;
  return count;
}

}  // namespace

Finding check_threads(const Subject& subject) {
  const auto opened = open_subject(subject);
  if (!opened) return {Outcome::kFailed, opened.error().text};
  Faults faults;
  Record record(false);
  const Session session(opened->library, opened->settings, record, faults);
  if (!session.is_open()) return {Outcome::kFailed, "refuses its settings: " + session.refusal()};
  const std::vector<Person> all = people(session, record, subject, faults);
  const SharedToken shared(session, record, subject, faults);

  std::mutex mutex;
  std::atomic<unsigned> running{kThreads};
  const auto ask = [&](unsigned thread) {
    Faults own;
    Record own_record(false);
    for (unsigned round = 0; round < kRounds; ++round) {
      const Person& person = all[(thread * 5 + round) % all.size()];
      Probe probe(own_record, BEARERD_KIND_STRING, person.name);
      const bool is_same = session.judge(probe, subject.type, Claimed::kText, own) == person.alone;
      if (!is_same || !shared.is_same(session, own_record, subject, own))
        own.add("says something else of a token when other threads ask about others");
    }
    const std::lock_guard lock(mutex);
    faults.take(own);
    --running;
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) threads.emplace_back(ask, i);
  // As a reload does it: other instances come and go while requests are answered.
  Faults coming_and_going;
  unsigned reloads = 0;
  while (running.load() > 0) {
    Record other(false);
    const Session another(opened->library, opened->settings, other, coming_and_going);
    ++reloads;
  }
  for (std::thread& thread : threads) thread.join();
  faults.take(coming_and_going);
  return faults.finding(std::to_string(kThreads) + " threads, " + std::to_string(2 * kThreads * kRounds) + " tokens, " +
                        std::to_string(reloads) + " instances made meanwhile");
}

Finding check_memory(const Subject& subject) {
  constexpr unsigned kLives = 200;
  constexpr std::size_t kWindows = 5;
  const auto opened = open_subject(subject);
  if (!opened) return {Outcome::kFailed, opened.error().text};
  const auto document = jose::ClaimsDocument::parse(subject.claims.value_or(usual_claims()));
  if (!document) return {Outcome::kFailed, "the claims: " + document.error().text};
  const jose::Claims claims = document->claims();
  Faults faults;
  const auto live_once = [&] {
    Record record(false);
    const Session session(opened->library, opened->settings, record, faults);
    Probe probe(record, claims);
    if (session.is_open()) static_cast<void>(session.judge(probe, subject.type, Claimed::kText, faults));
  };

  for (unsigned i = 0; i < kLives; ++i) live_once();  // what is made once may stay
  const std::size_t files = entries_of("/proc/self/fd"), tasks = entries_of("/proc/self/task");
  std::array<std::size_t, kWindows> in_use{};
  for (std::size_t& bytes : in_use) {
    for (unsigned i = 0; i < kLives; ++i) live_once();
    const auto state = ::mallinfo2();
    bytes = state.uordblks + state.hblkhd;
  }
  if (entries_of("/proc/self/fd") > files) faults.add("leaves files open");
  if (entries_of("/proc/self/task") > tasks) faults.add("leaves threads behind");
  std::size_t growing = 0;
  for (std::size_t i = 1; i < kWindows; ++i) growing += in_use[i] >= in_use[i - 1] + kLives ? 1U : 0U;
  const std::size_t grown = (in_use.back() - in_use.front()) / (kLives * (kWindows - 1));
  // A cache that fills once grows in one window; a leak grows in each.
  if (growing == kWindows - 1) {
    faults.add("loses memory: " + std::to_string(grown) +
               " bytes with each instance that is made, asked once and destroyed");
  }
  const bool is_measured = in_use.front() > 0;  // a sanitizer has an allocator of its own
  if (!is_measured && faults.empty()) return {Outcome::kSkipped, "this allocator does not say what is in use"};
  return faults.finding(std::to_string(kLives * (kWindows + 1)) + " instances made and destroyed, nothing lost");
}

}  // namespace bearerd::check
