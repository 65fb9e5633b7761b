#include "state/redis_store.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace bearerd::state {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxQueued = 8192;
constexpr std::size_t kJobsAtOnce = 64;  // of one round trip
constexpr std::size_t kMaxDebts = 100'000;
constexpr std::chrono::milliseconds kReconnectEvery = 500ms;
constexpr std::chrono::minutes kSweepEvery = 10min;
constexpr std::chrono::seconds kLateFor = 10s;  // how long one late answer is told

RedisCall call_of(const LimitQuestion& question) {
  RedisCall call;
  call.key = question.key;
  call.limits = question.limits;
  call.requests = question.counts ? 1 : 0;
  call.now = question.now;
  return call;
}

RedisCall call_of(const UsageReport& report) {
  RedisCall call;
  call.key = report.key;
  call.tokens = report.tokens;
  call.nanodollars = report.nanodollars;
  call.idempotency_key = report.idempotency_key;
  call.now = report.now;
  return call;
}

Standing standing_of(const RedisReply& reply, const RedisCall& call) {
  Standing standing = stand(reply.usage, reply.cost, call.limits, call.now);
  // The request that was let in may be the last one: that one is not refused.
  if (reply.outcome == RedisReply::Outcome::kCounted) {
    standing.reached.reset();
    standing.retry_after = 0s;
  }
  return standing;
}

}  // namespace

// One call that waits for Redis.
class RedisStore::Job final : public PendingStanding {
 public:
  Job(RedisStore& store, RedisCall wanted, base::SteadyTime deadline, std::function<void()> resume)
      : call(std::move(wanted)), store_(store), deadline_(deadline), resume_(std::move(resume)) {}

  [[nodiscard]] base::SteadyTime deadline() const noexcept override { return deadline_; }
  [[nodiscard]] std::optional<std::variant<Standing, NoStanding>> find() override {
    const std::lock_guard lock(mutex_);
    return given_;
  }
  [[nodiscard]] std::variant<Standing, NoStanding> give_up() override {
    const std::lock_guard lock(mutex_);
    if (given_) return *given_;
    has_given_up_ = true;
    store_.note_lateness();
    const Given given = store_.answer_alone(question(), !is_sent_);
    const auto* standing = std::get_if<Standing>(&given);
    is_owed_when_failed_ = is_sent_ && is_counting_check() && standing != nullptr && !standing->reached;
    return given;
  }
  [[nodiscard]] LimitQuestion question() const { return {call.key, call.limits, call.now, call.requests > 0}; }
  // False: nobody waits any more, and what was let in is owed already.
  [[nodiscard]] bool begin_sending() {
    const std::lock_guard lock(mutex_);
    is_sent_ = !has_given_up_;
    return is_sent_;
  }
  [[nodiscard]] bool is_counting_check() const noexcept { return call.requests > 0; }
  // Redis did not say whether it counted this: rather twice than not at all.
  void fail() {
    if (has_given_up()) {
      // Unsent, it was owed by whoever gave up; a report always is.
      if (is_owed_when_failed_) store_.owe(call);
      return;
    }
    const bool is_report = call.tokens > 0 || call.nanodollars > 0;
    give(is_report ? Given(NoStanding()) : store_.answer_alone(question(), true));
  }
  [[nodiscard]] bool has_given_up() const {
    const std::lock_guard lock(mutex_);
    return has_given_up_;
  }
  void give(std::variant<Standing, NoStanding> standing) {
    {
      const std::lock_guard lock(mutex_);
      given_ = standing;
    }
    arrived_.notify_all();
    if (resume_) resume_();
  }
  // For threads that may wait.
  [[nodiscard]] bool wait(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const bool is_given = arrived_.wait_for(lock, patience, [this] { return given_.has_value(); });
    has_given_up_ = !is_given;
    return is_given;
  }

  const RedisCall call;
  // Set before give().
  RedisReply::Outcome outcome = RedisReply::Outcome::kCounted;
  bool is_answered = false;

 private:
  RedisStore& store_;
  const base::SteadyTime deadline_;
  const std::function<void()> resume_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<std::variant<Standing, NoStanding>> given_;
  bool has_given_up_ = false, is_sent_ = false;
  bool is_owed_when_failed_ = false;  // let in by this daemon alone while it was under way
};

RedisStore::RedisStore(RedisStoreOptions options) : options_(std::move(options)), list_connection_(options_.redis) {
  fault_.set("redis at " + options_.redis.address + " was not reached yet");
  for (unsigned i = 0; i < options_.redis.connections; ++i) {
    threads_.emplace_back([this, is_first = i == 0](const std::stop_token& stop) { run(stop, is_first); });
  }
}

RedisStore::~RedisStore() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

LimitAnswer RedisStore::check(const LimitQuestion& question, const std::function<void()>* resume) {
  if (is_up() && resume != nullptr) {
    auto job =
        std::make_shared<Job>(*this, call_of(question), options_.clock->steady() + options_.redis.deadline, *resume);
    if (push(job)) return std::shared_ptr<PendingStanding>(std::move(job));
  }
  return std::visit([](auto given) -> LimitAnswer { return given; }, answer_alone(question, true));
}

RedisStore::Given RedisStore::answer_alone(const LimitQuestion& question, bool is_owed) {
  if (options_.redis.refuses_on_failure) return NoStanding();
  Standing standing = mirror_.check(question);
  if (standing.reached || !question.counts) return standing;
  options_.metrics->count_usage(observe::UsageKind::kRequests, 1);
  if (is_owed) owe(call_of(question));
  return standing;
}

base::Result<Recorded> RedisStore::record(const UsageReport& report) {
  if (is_up()) {
    auto job = std::make_shared<Job>(*this, call_of(report), base::SteadyTime{}, nullptr);
    if (push(job) && job->wait(options_.redis.deadline * 4) && job->is_answered) {
      if (job->outcome == RedisReply::Outcome::kRepeated) return Recorded::kRepeated;
      count_recorded(*options_.metrics, report);
      return Recorded::kCounted;
    }
  }
  if (options_.redis.refuses_on_failure) return base::fail(base::ErrorCode::kUnavailable, fault());
  mirror_.record(report);
  count_recorded(*options_.metrics, report);
  owe(call_of(report));
  return Recorded::kCounted;
}

// What is owed is counted whatever the limits say: it was let in.
void RedisStore::owe(RedisCall call) {
  call.limits = Limits();
  const std::lock_guard lock(debts_mutex_);
  if (debts_.size() >= kMaxDebts) debts_.pop_front();
  debts_.push_back(std::move(call));
}

bool RedisStore::push(std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (queue_.size() >= kMaxQueued) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

RedisStore::Jobs RedisStore::take_jobs(const std::stop_token& stop) {
  std::unique_lock lock(queue_mutex_);
  wake_.wait_for(lock, stop, kReconnectEvery, [this] { return !queue_.empty(); });
  Jobs jobs;
  while (!queue_.empty() && jobs.size() < kJobsAtOnce) {
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return jobs;
}

void RedisStore::run(const std::stop_token& stop, bool sweeps) {
  RedisConnection connection(options_.redis);
  base::SteadyTime next_sweep = options_.clock->steady() + kSweepEvery;
  reconnect(connection);
  while (!stop.stop_requested()) {
    if (sweeps && options_.clock->steady() >= next_sweep) {
      next_sweep += kSweepEvery;
      mirror_.sweep(second_of(options_.clock->wall()));
    }
    const Jobs jobs = take_jobs(stop);
    try {
      if (!jobs.empty()) {
        ask(connection, jobs);
      } else if (!is_up()) {
        reconnect(connection);
      }
      // Answered alone just before Redis was up again, or because it was late.
      if (is_up() && owes()) reconnect(connection);
      tell_lateness();
    } catch (const std::exception& error) {  // a thread's top
      fail({base::ErrorCode::kInternal, error.what()}, jobs);
    }
  }
}

void RedisStore::ask(RedisConnection& connection, const Jobs& jobs) {
  // Who does not wait any more is owed for already; asking would count that twice.
  Jobs waiting;
  std::ranges::copy_if(jobs, std::back_inserter(waiting), [](const auto& job) { return job->begin_sending(); });
  std::vector<RedisCall> calls;
  calls.reserve(waiting.size());
  for (const auto& job : waiting) calls.push_back(job->call);
  if (calls.empty()) return;
  const auto replies = connection.count(calls);
  if (!replies) return fail(replies.error(), waiting);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const RedisReply& reply = (*replies)[i];
    Job& job = *waiting[i];
    tell_damage(job.call, reply);
    if (reply.outcome != RedisReply::Outcome::kRepeated) {
      mirror_.mirror(job.call.key, reply.usage, reply.cost, job.is_counting_check() ? &job.call.limits : nullptr,
                     job.call.now);
    }
    if (job.is_counting_check() && !job.has_given_up() && reply.outcome == RedisReply::Outcome::kCounted) {
      options_.metrics->count_usage(observe::UsageKind::kRequests, 1);
    }
    job.outcome = reply.outcome;
    job.is_answered = true;
    job.give(standing_of(reply, job.call));
  }
}

void RedisStore::fail(const base::Error& error, const Jobs& jobs) {
  is_up_ = false;
  set_fault(error.text +
            (options_.redis.refuses_on_failure ? "; what has to be counted is refused" : "; this daemon counts alone"));
  for (const auto& job : jobs) job->fail();
}

bool RedisStore::owes() {
  const std::lock_guard lock(debts_mutex_);
  return !debts_.empty();
}

// One connection at a time: Redis is not up again while another one still pays what it took from the debts.
void RedisStore::reconnect(RedisConnection& connection) {
  const std::lock_guard lock(reconnect_mutex_);
  if (const auto answered = connection.ping(); !answered) return fail(answered.error(), {});
  if (!pay_debts(connection)) return;
  is_up_ = true;
  tell_lateness();
}

// Repaired already, so each damage is told once.
void RedisStore::tell_damage(const RedisCall& call, const RedisReply& reply) {
  if (!reply.was_damaged || options_.log == nullptr) return;
  const std::string caller = to_text(call.key.caller);
  options_.log->write(observe::Level::kError, "counter_damaged",
                      "what redis kept of a caller was no counter; it was removed and is counted afresh",
                      {{"caller", std::string_view(caller)}});
}

void RedisStore::tell_lateness() {
  if (!is_up()) return;
  const bool was_late = options_.clock->steady() < late_until_.load(std::memory_order_relaxed);
  set_fault(was_late ? "redis at " + options_.redis.address +
                           " answers later than state.redis.deadlineMs; what it is too late for is " +
                           (options_.redis.refuses_on_failure ? "refused" : "let in by this daemon's own counts")
                     : std::string());
}

void RedisStore::note_lateness() noexcept {
  late_until_.store(options_.clock->steady() + kLateFor, std::memory_order_relaxed);
}

bool RedisStore::pay_debts(RedisConnection& connection) {
  for (;;) {
    std::vector<RedisCall> calls;
    {
      const std::lock_guard lock(debts_mutex_);
      while (!debts_.empty() && calls.size() < kJobsAtOnce) {
        calls.push_back(std::move(debts_.front()));
        debts_.pop_front();
      }
    }
    if (calls.empty()) return true;
    const auto replies = connection.count(calls);
    if (replies) {
      for (std::size_t i = 0; i < calls.size(); ++i) tell_damage(calls[i], (*replies)[i]);
      continue;
    }
    {
      // Redis may have counted some of them: rather twice than not at all.
      const std::lock_guard lock(debts_mutex_);
      debts_.insert(debts_.begin(), std::make_move_iterator(calls.begin()), std::make_move_iterator(calls.end()));
    }
    fail(replies.error(), {});
    return false;
  }
}

base::Result<UsagePage> RedisStore::list(const PageWish& wish) {
  const std::lock_guard lock(list_mutex_);
  std::vector<CallerId> callers;
  if (wish.only) {
    callers.push_back(*wish.only);
  } else {
    auto all = list_connection_.callers();
    if (!all) return tl::make_unexpected(all.error());
    callers = std::move(*all);
  }
  UsagePage page;
  auto next = wish.after ? std::ranges::upper_bound(callers, *wish.after) : callers.begin();
  for (; next != callers.end() && page.callers.size() < wish.max_callers; ++next) {
    auto usage = list_connection_.usage_of(*next);
    if (!usage) return tl::make_unexpected(usage.error());
    mirror_.add_limits(*usage);
    if (!usage->counters.empty()) page.callers.push_back(std::move(*usage));
  }
  page.has_more = next != callers.end();
  return page;
}

// Told once, not with every try.
void RedisStore::set_fault(const std::string& text) {
  if (!fault_.set(text) || options_.log == nullptr) return;
  if (text.empty()) {
    options_.log->write(observe::Level::kNotice, "state_shared", "counters are shared through Redis");
  } else {
    options_.log->write(observe::Level::kError, "state_unavailable", text);
  }
}

}  // namespace bearerd::state
