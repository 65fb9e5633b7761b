// What counting costs: 200,000 callers and 50 deployments, both as Zipf has it, over three simulated days. Prints the
// memory of an active counter, the time of a check, and how far the bucketed windows are from windows without buckets.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "state/usage_memory.hpp"

namespace {

using namespace bearerd::state;

constexpr std::size_t kCallers = 200'000, kDeployments = 50;
constexpr std::int64_t kStart = 1'767'225'600, kLength = 3 * kDay + 7 * kHour + 1397;  // ends within a bucket

// Rank 1 is the most frequent.
class Zipf {
 public:
  Zipf(std::size_t count, double exponent) {
    double sum = 0;
    for (std::size_t rank = 1; rank <= count; ++rank) {
      sum += 1.0 / std::pow(static_cast<double>(rank), exponent);
      up_to_.push_back(sum);
    }
  }
  std::size_t draw(std::mt19937_64& random) const {
    const double wanted = std::uniform_real_distribution<double>(0, up_to_.back())(random);
    return static_cast<std::size_t>(std::lower_bound(up_to_.begin(), up_to_.end(), wanted) - up_to_.begin());
  }

 private:
  std::vector<double> up_to_;
};

std::vector<CallerId> make_callers(std::mt19937_64& random) {
  std::vector<CallerId> callers(kCallers);
  for (CallerId& caller : callers) {
    for (auto& byte : caller.bytes) byte = static_cast<std::uint8_t>(random());
  }
  return callers;
}

Limits generous() {
  Limits limits;
  limits.most.fill(1'000'000'000'000);
  return limits;
}

struct Event {
  std::size_t caller = 0;
  std::uint64_t deployment = 0;
  std::int64_t second = 0;
};

std::vector<Event> make_events(std::size_t count, std::mt19937_64& random) {
  const Zipf callers(kCallers, 1.0), deployments(kDeployments, 1.0);
  std::vector<Event> events(count);
  for (Event& event : events) {
    event.caller = callers.draw(random);
    event.deployment = deployments.draw(random) + 1;
    event.second = kStart + static_cast<std::int64_t>(random() % kLength);
  }
  std::ranges::sort(events, {}, &Event::second);
  return events;
}

void print_errors(const std::vector<Event>& events, const std::vector<CallerId>& callers, UsageMemory& memory) {
  const std::int64_t now = events.back().second;
  for (const WindowShape& shape : kWindows) {
    if (shape.quantity != Quantity::kRequests) continue;
    double sum_of_errors = 0, greatest = 0;
    std::size_t compared = 0;
    for (std::size_t rank = 0; rank < 200; ++rank) {
      std::int64_t exact = 0;
      for (const Event& event : events) {
        if (event.caller == rank && event.deployment == 1 && event.second > now - shape.seconds()) ++exact;
      }
      if (exact == 0) continue;
      for (const auto& counter : memory.list({callers[rank], {}, 1}).callers.at(0).counters) {
        if (counter.deployment != 1) continue;
        const auto used = static_cast<double>(used_in(shape, counter.entries, now));
        const double error = std::abs(used - static_cast<double>(exact)) / static_cast<double>(exact);
        sum_of_errors += error;
        greatest = std::max(greatest, error);
        ++compared;
      }
    }
    std::printf("%-14s against a window without buckets: mean error %.2f %%, greatest %.2f %% (%zu counters)\n",
                std::string(shape.name).c_str(),
                100 * sum_of_errors / static_cast<double>(std::max<std::size_t>(1, compared)), 100 * greatest,
                compared);
  }
}

// Of this thread: the machine may have other things to do.
double cpu_nanoseconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct Costs {
  double check = 0, row = 0;  // ns of processor time
};

Costs measure(const std::vector<Event>& events, const std::vector<CallerId>& callers, UsageMemory& memory) {
  const Limits limits = generous();
  constexpr std::size_t kChecksBetweenWrites = 50'000;
  std::size_t refused = 0, taken = 0;
  double checking = 0, taking = 0;
  for (std::size_t next = 0; next < events.size();) {
    const double begin = cpu_nanoseconds();
    for (const std::size_t end = std::min(next + kChecksBetweenWrites, events.size()); next < end; ++next) {
      const Event& event = events[next];
      if (memory.check({{callers[event.caller], event.deployment}, limits, event.second}).reached) ++refused;
    }
    const double checked = cpu_nanoseconds();
    // As the thread does that writes behind.
    for (auto rows = memory.take_changed(4096); !rows.empty(); rows = memory.take_changed(4096)) taken += rows.size();
    checking += checked - begin;
    taking += cpu_nanoseconds() - checked;
  }
  if (refused > 0) std::printf("%zu were refused: the limits are too low for this\n", refused);
  return {checking / static_cast<double>(events.size()), taking / static_cast<double>(taken)};
}

// One busy caller, twice a second for three days: its list is as long as lists get.
double measure_busy(const CallerId& caller) {
  UsageMemory memory;
  const Limits limits = generous();
  constexpr std::int64_t kChecks = 2 * 3 * kDay;
  std::size_t refused = 0;
  const double begin = cpu_nanoseconds();
  for (std::int64_t i = 0; i < kChecks; ++i) {
    if (memory.check({{caller, 1}, limits, kStart + i / 2}).reached) ++refused;
  }
  return refused > 0 ? 0 : (cpu_nanoseconds() - begin) / static_cast<double>(kChecks);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5'000'000;
  std::mt19937_64 random(1);
  const auto callers = make_callers(random);
  const auto events = make_events(count, random);
  UsageMemory memory;
  const std::size_t before = mallinfo2().uordblks;
  const Costs costs = measure(events, callers, memory);
  const std::size_t bytes = mallinfo2().uordblks - before;
  std::printf("%zu checks, %zu counters, %.1f MiB: %.0f bytes an active counter\n", events.size(), memory.counters(),
              static_cast<double>(bytes) / 1048576.0,
              static_cast<double>(bytes) / static_cast<double>(memory.counters()));
  std::printf("processor time: %.0f ns a check with all ten limits, %.0f ns a row for the file\n", costs.check,
              costs.row);
  std::printf("processor time: %.0f ns a check of one caller that asks twice a second\n", measure_busy(callers[0]));
  print_errors(events, callers, memory);
  return 0;
}
