// Explains what a test asks, without the test's noticing, and compares.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/trace.hpp"
#include "world.hpp"

namespace bearerd::test {

// What the fakes remember of being asked is as before at the end.
class UnchangedFakes {
 public:
  explicit UnchangedFakes(World& world) : world_(world) {
    for (const Entry& entry : world.entries)
      kept_.push_back({entry.plugin->checks, entry.keys != nullptr ? entry.keys->wanted_names : Names{},
                       entry.keys != nullptr ? entry.keys->waiters.size() : 0});
  }
  ~UnchangedFakes() {
    std::size_t i = 0;
    for (Entry& entry : world_.entries) {
      const Kept& kept = kept_[i++];
      entry.plugin->checks = kept.checks;
      if (entry.keys == nullptr) continue;
      entry.keys->wanted_names = kept.wanted_names;
      entry.keys->waiters.resize(kept.waiters);
    }
  }
  UnchangedFakes(const UnchangedFakes&) = delete;
  UnchangedFakes& operator=(const UnchangedFakes&) = delete;

 private:
  using Names = std::vector<std::string>;
  struct Kept {
    int checks;
    Names wanted_names;
    std::size_t waiters;
  };
  World& world_;
  std::vector<Kept> kept_;
};

inline void expect_one_failure(const base::Trace& trace, base::Reason reason) {
  std::string failed;
  int failures = 0;
  for (const base::Step& step : trace.steps()) {
    EXPECT_TRUE(step.outcome == base::Outcome::kNotReached || !step.why.empty()) << name(step.check);
    EXPECT_TRUE(failures == 0 || step.outcome != base::Outcome::kPassed) << name(step.check) << " behind " << failed;
    if (step.outcome != base::Outcome::kFailed) continue;
    ++failures;
    failed += std::string(name(step.check)) + ": " + step.why + "\n";
  }
  EXPECT_EQ(failures, reason == base::Reason::kOk ? 0 : 1) << name(reason) << "\n" << failed;
}

struct Explained {
  std::optional<verify::Decision> decision;
  bool was_asked = false;
  std::vector<base::Step> steps;
};

inline Explained explain(World& world, verify::WorkerOptions options, verify::Request request,
                         const verify::Attempt& attempt) {
  const UnchangedFakes unchanged(world);
  options.cache_entries = 0;
  options.log = nullptr;
  verify::DecisionWorker worker(options);
  base::Trace trace(false);
  request.trace = &trace;
  verify::Attempt alike;
  alike.is_expired = attempt.is_expired;
  if (attempt.resume) alike.resume = [] {};
  Explained explained{worker.decide(request, alike), true, trace.steps()};
  if (explained.decision) expect_one_failure(trace, explained.decision->reason);
  return explained;
}

inline void expect_same(const Explained& explained, const std::optional<verify::Decision>& decision) {
  ASSERT_EQ(explained.decision.has_value(), decision.has_value()) << "one of them waits";
  if (!decision) return;
  EXPECT_EQ(name(explained.decision->reason), name(decision->reason));
  EXPECT_EQ(explained.decision->retry_after, decision->retry_after);
  EXPECT_EQ(explained.decision->identity == nullptr, decision->identity == nullptr);
}

}  // namespace bearerd::test
