// Counters in a Redis that several daemons share. Event loops hand their questions to a few connection threads, which
// ask for all that wait in one round trip. What Redis answers is mirrored here, so that this daemon can go on alone
// from the last known counts when Redis is gone; what it counts then, it adds there when Redis is back.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"
#include "state/redis_connection.hpp"
#include "state/store_fault.hpp"
#include "state/usage_memory.hpp"
#include "state/usage_store.hpp"

namespace bearerd::state {

struct RedisStoreOptions {
  settings::Redis redis;
  const base::Clock* clock = nullptr;
  observe::Log* log = nullptr;  // may be null
  observe::Metrics* metrics = nullptr;
};

class RedisStore final : public UsageStore {
 public:
  // Connects in the background.
  explicit RedisStore(RedisStoreOptions options);
  ~RedisStore() override;

  [[nodiscard]] LimitAnswer check(const LimitQuestion& question, const std::function<void()>* resume) override;
  [[nodiscard]] base::Result<Recorded> record(const UsageReport& report) override;
  [[nodiscard]] base::Result<UsagePage> list(const PageWish& wish) override;
  [[nodiscard]] std::string fault() const override { return fault_.text(); }
  [[nodiscard]] std::size_t counters() const override { return mirror_.counters(); }
  [[nodiscard]] bool is_up() const noexcept { return is_up_.load(std::memory_order_relaxed); }

 private:
  class Job;
  using Jobs = std::vector<std::shared_ptr<Job>>;
  using Given = std::variant<Standing, NoStanding>;

  void run(const std::stop_token& stop, bool sweeps);
  [[nodiscard]] Jobs take_jobs(const std::stop_token& stop);
  void ask(RedisConnection& connection, const Jobs& jobs);
  void reconnect(RedisConnection& connection);
  [[nodiscard]] bool pay_debts(RedisConnection& connection);
  void fail(const base::Error& error, const Jobs& jobs);
  // What the settings say for a Redis that does not answer. `is_owed`: Redis is to learn of it later.
  [[nodiscard]] Given answer_alone(const LimitQuestion& question, bool is_owed);
  [[nodiscard]] bool push(std::shared_ptr<Job> job);
  void owe(RedisCall call);
  [[nodiscard]] bool owes();
  void tell_damage(const RedisCall& call, const RedisReply& reply);
  void note_lateness() noexcept;
  // Says whether answers came too late just now, or takes that back.
  void tell_lateness();
  void set_fault(const std::string& text);

  const RedisStoreOptions options_;
  UsageMemory mirror_;
  std::atomic<bool> is_up_{false};
  std::atomic<base::SteadyTime> late_until_{base::SteadyTime::min()};
  std::mutex queue_mutex_;
  std::condition_variable_any wake_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::mutex reconnect_mutex_;
  std::mutex debts_mutex_;
  std::deque<RedisCall> debts_;
  StoreFault fault_{*options_.metrics};
  std::mutex list_mutex_;
  RedisConnection list_connection_;
  std::vector<std::jthread> threads_;  // last: they use what is above
};

}  // namespace bearerd::state
