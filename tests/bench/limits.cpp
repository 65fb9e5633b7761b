// What counting costs in the stores that the daemon has: 200,000 callers and 50 deployments, both as Zipf has it, over
// three simulated days.
//   bench_limits [CHECKS] [CHECKS OF REDIS]
// Ends with 1 where a window holds anything else than its whole buckets (docs/limits.md), or a check of Redis takes
// more than one round trip. Without a redis-server here only the embedded store is measured.
#include <malloc.h>

#include <Poco/Redis/Command.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <latch>
#include <random>
#include <vector>

#include "integration/state/redis_server.hpp"
#include "state/embedded_store.hpp"
#include "state/redis_link.hpp"
#include "state/redis_store.hpp"
#include "support/manual_clock.hpp"

namespace {

using namespace bearerd::state;

constexpr std::size_t kCallers = 200'000, kDeployments = 50;
constexpr std::int64_t kStart = bearerd::test::ManualClock::kStart,
                       kLength = 3 * kDay + 7 * kHour + 1397;  // ends within a bucket

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

// Of the busiest callers, for the deployment that is asked for most.
bool tell_errors(const std::vector<Event>& events, const std::vector<CallerId>& callers, UsageStore& store) {
  constexpr std::size_t kSample = 200;
  const std::int64_t now = events.back().second;
  bool is_exact = true;
  for (const Window window : {Window::kRequestsHour, Window::kRequestsDay}) {
    const WindowShape& shape = shape_of(window);
    std::vector<std::int64_t> in_buckets(kSample), without_buckets(kSample);
    for (const Event& event : events) {
      if (event.caller >= kSample || event.deployment != 1) continue;
      if (event.second >= shape.begin(now)) ++in_buckets[event.caller];
      if (event.second > now - shape.seconds()) ++without_buckets[event.caller];
    }
    double sum_of_errors = 0, greatest = 0;
    std::size_t compared = 0, wrong = 0;
    for (std::size_t rank = 0; rank < kSample; ++rank) {
      const auto page = store.list({callers[rank], {}, 1});
      std::int64_t used = 0;
      if (page && !page->callers.empty()) {
        for (const auto& counter : page->callers[0].counters) {
          if (counter.deployment == 1) used = used_in(shape, counter.entries, now);
        }
      }
      if (used != in_buckets[rank]) ++wrong;
      const auto exact = static_cast<double>(without_buckets[rank]);
      if (exact == 0) continue;
      const double error = std::abs(static_cast<double>(used) - exact) / exact;
      sum_of_errors += error;
      greatest = std::max(greatest, error);
      ++compared;
    }
    const double mean = sum_of_errors / static_cast<double>(std::max<std::size_t>(1, compared));
    std::printf("%-14s against a window without buckets: mean error %.2f %%, greatest %.2f %% (%zu counters)\n",
                std::string(shape.name).c_str(), 100 * mean, 100 * greatest, compared);
    std::printf("%-14s against an exact count of its whole buckets: %zu of %zu differ: %s\n",
                std::string(shape.name).c_str(), wrong, kSample, wrong == 0 ? "met" : "MISSED");
    is_exact = is_exact && wrong == 0;
  }
  return is_exact;
}

double nanoseconds(clockid_t clock) {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}
// Of this thread: the machine may have other things to do.
double cpu_nanoseconds() { return nanoseconds(CLOCK_THREAD_CPUTIME_ID); }

// Large blocks are mapped apart from the heap.
double bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

bool is_counted(const LimitAnswer& answer) {
  const auto* const standing = std::get_if<Standing>(&answer);
  return standing != nullptr && !standing->reached;
}

void insist(bool is_so, const char* what) {
  if (is_so) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(70);
}

bool simulate_embedded(const std::vector<Event>& events, const std::vector<CallerId>& callers) {
  const bearerd::test::TemporaryFolder folder;
  bearerd::test::ManualClock clock;
  bearerd::observe::Metrics metrics;
  const EmbeddedStoreOptions options{folder.path() + "/usage.db", &clock, nullptr, &metrics,
                                     std::chrono::milliseconds(0)};
  const double memory = bytes_in_use();
  auto store = std::make_unique<EmbeddedStore>(options);
  const Limits limits = generous();
  constexpr std::size_t kChecksBetweenWrites = 50'000;
  double checking = 0, writing = 0;
  for (std::size_t next = 0; next < events.size();) {
    const double begin = cpu_nanoseconds();
    for (const std::size_t end = std::min(next + kChecksBetweenWrites, events.size()); next < end; ++next) {
      const Event& event = events[next];
      insist(is_counted(store->check({{callers[event.caller], event.deployment}, limits, event.second}, nullptr)),
             "a check was refused");
    }
    const double checked = cpu_nanoseconds();
    store->write();
    checking += checked - begin;
    writing += cpu_nanoseconds() - checked;
  }
  insist(store->fault().empty(), store->fault().c_str());
  const double bytes = bytes_in_use() - memory;
  const auto counters = static_cast<double>(store->counters());
  const auto checks = static_cast<double>(events.size());
  std::printf("embedded: %zu checks, %.0f counters, %.1f MiB: %.0f bytes an active counter\n", events.size(), counters,
              bytes / 1048576, bytes / counters);
  std::printf("processor time: %.0f ns a check with all ten limits, and %.0f ns of the thread that writes behind\n",
              checking / checks, writing / checks);
  clock.advance(std::chrono::seconds(events.back().second - kStart));
  store.reset();
  const auto size = static_cast<double>(std::filesystem::file_size(options.path));
  std::printf("the file: %.1f MiB, %.0f bytes a counter; what follows is read from it\n", size / 1048576,
              size / counters);
  store = std::make_unique<EmbeddedStore>(options);
  return tell_errors(events, callers, *store);
}

// One busy caller, twice a second for three days: its list is as long as lists get.
void tell_busy(const CallerId& caller) {
  bearerd::test::ManualClock clock;
  bearerd::observe::Metrics metrics;
  EmbeddedStore store({"", &clock, nullptr, &metrics, std::chrono::milliseconds(0)});
  const Limits limits = generous();
  constexpr std::int64_t kChecks = 2 * 3 * kDay;
  const double begin = cpu_nanoseconds();
  for (std::int64_t i = 0; i < kChecks; ++i) {
    insist(is_counted(store.check({{caller, 1}, limits, kStart + i / 2}, nullptr)), "a check was refused");
  }
  std::printf("processor time: %.0f ns a check of one caller that asks twice a second\n",
              (cpu_nanoseconds() - begin) / static_cast<double>(kChecks));
}

// As Redis itself counts them.
struct RedisCounts {
  double reads = 0, scripts = 0, pings = 0;
};
RedisCounts counts_of(RedisLink& link) {
  const auto info = link.with<std::string>([](Poco::Redis::Client& client) -> bearerd::base::Result<std::string> {
    Poco::Redis::Command command("INFO");
    command << "all";
    return text_of(client.execute<Poco::Redis::BulkString>(command));
  });
  insist(info.has_value(), "redis does not tell what it did");
  const auto find = [&](const std::string& name) {
    const std::size_t place = info->find(name);
    return place == std::string::npos ? 0.0 : std::strtod(info->c_str() + place + name.size(), nullptr);
  };
  return {find("total_reads_processed:"), find("cmdstat_evalsha:calls="), find("cmdstat_ping:calls=")};
}

// `at_once`: of so many questions all wait for an answer together, as those of busy event loops do.
bool ask_redis(std::span<const Event> events, const std::vector<CallerId>& callers, RedisStore& store, RedisLink& link,
               std::size_t at_once) {
  const Limits limits = generous();
  const RedisCounts before = counts_of(link);
  const double begin = nanoseconds(CLOCK_MONOTONIC), cpu_begin = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  for (std::size_t next = 0; next < events.size(); next += at_once) {
    const auto batch = events.subspan(next, std::min(at_once, events.size() - next));
    std::latch answered(static_cast<std::ptrdiff_t>(batch.size()));
    const std::function<void()> resume = [&] { answered.count_down(); };
    std::vector<std::shared_ptr<PendingStanding>> pending;
    for (const Event& event : batch) {
      const auto answer = store.check({{callers[event.caller], event.deployment}, limits, event.second}, &resume);
      const auto* const one = std::get_if<std::shared_ptr<PendingStanding>>(&answer);
      insist(one != nullptr, "redis was not asked");
      pending.push_back(*one);
    }
    answered.wait();
  }
  const auto checks = static_cast<double>(events.size());
  const double cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin, wall = nanoseconds(CLOCK_MONOTONIC) - begin;
  const RedisCounts after = counts_of(link);
  // Redis had read the second INFO when it answered that.
  const double reads = (after.reads - before.reads - 1) / checks, scripts = (after.scripts - before.scripts) / checks;
  const bool is_met = reads <= 1 && scripts == 1 && store.fault().empty();
  std::printf(
      "redis, %zu at once: %.0f checks: %.3f reads and %.3f scripts a check, %.1f us of time, %.1f us of our processor "
      "time; at most 1 round trip: %s\n",
      at_once, checks, reads, scripts, wall / checks / 1000, cpu / checks / 1000, is_met ? "met" : "MISSED");
  return is_met;
}

bool simulate_redis(const std::vector<Event>& events, const std::vector<CallerId>& callers) {
  if (!RedisServer::is_installed()) {
    std::printf("redis: not measured, there is no redis-server here\n");
    return true;
  }
  const RedisServer server;
  const bearerd::base::SystemClock clock;
  bearerd::observe::Metrics metrics;
  RedisStore store({server.settings(), &clock, nullptr, &metrics});
  RedisLink link(server.settings());
  // Each connection says hello, as the server's first visitor did; that is no part of a check.
  const double hellos = server.settings().connections + 1;
  for (int tries = 0; !store.is_up() || counts_of(link).pings < hellos; ++tries) {
    insist(tries < 10'000, "redis was not reached");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const std::span all(events);
  bool is_met = ask_redis(all.first(events.size() / 2), callers, store, link, 1);
  is_met = ask_redis(all.subspan(events.size() / 2), callers, store, link, 64) && is_met;
  return tell_errors(events, callers, store) && is_met;
}

}  // namespace

int main(int argc, char** argv) {
  const auto count = [&](int place, std::size_t normal) {
    return argc > place ? std::strtoull(argv[place], nullptr, 10) : normal;
  };
  std::mt19937_64 random(1);
  const auto callers = make_callers(random);
  bool is_met = simulate_embedded(make_events(count(1, 5'000'000), random), callers);
  tell_busy(callers[0]);
  is_met = simulate_redis(make_events(count(2, 100'000), random), callers) && is_met;
  return is_met ? 0 : 1;
}
