#include "keys/remote_source.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/unique_number.hpp"
#include "keys/canonical.hpp"
#include "keys/discovery.hpp"
#include "keys/disk_cache.hpp"
#include "keys/schedule.hpp"
#include "observe/log.hpp"

namespace bearerd::keys {
namespace {

using base::SteadyTime;
using base::WallTime;
using observe::Level;

// How much of the stale limit a restart may lose at most, against a write at every refresh.
constexpr std::chrono::minutes kStoreEvery{10};

}  // namespace

RemoteSource::RemoteSource(KeySourceSettings settings, SourceEnvironment environment, std::function<void()> wake)
    : settings_(std::move(settings)),
      environment_(std::move(environment)),
      wake_(std::move(wake)),
      hash_key_(HashKey::random()),
      epoch_(base::next_unique()),
      next_fetch_(environment_.clock->steady()) {}

RemoteSource::~RemoteSource() {
  stop();
  wake_();
}

bool RemoteSource::has_usable_set(SteadyTime now) const { return has_set_ && now < stale_until_; }

std::shared_ptr<const jose::KeySet> RemoteSource::current() const {
  const SteadyTime now = environment_.clock->steady();
  const std::lock_guard lock(mutex_);
  return has_usable_set(now) ? keys_ : nullptr;
}

KeySourceStatus RemoteSource::status() const {
  const SteadyTime now = environment_.clock->steady();
  const std::lock_guard lock(mutex_);
  KeySourceStatus status;
  const bool is_usable = has_usable_set(now);
  status.is_ready = is_usable && keys_ != nullptr;
  status.has_tried = fetches_ > 0;
  status.fetches = fetches_;
  status.is_stale = is_usable && now >= fresh_until_;
  status.is_from_disk = is_usable && is_from_disk_;
  status.key_count = status.is_ready ? keys_->keys().size() : 0;
  status.last_success = last_success_;
  status.last_error = last_error_;
  return status;
}

bool RemoteSource::holds_key(std::string_view key_name) const {
  if (!keys_ || key_name.empty()) return false;
  jose::Header by_x5t, by_x5t_s256;
  by_x5t.x5t = key_name;
  by_x5t_s256.x5t_s256 = key_name;
  const auto fits = [&](const auto& key) {
    return key->key_id() == key_name || key->matches_thumbprint(by_x5t) || key->matches_thumbprint(by_x5t_s256);
  };
  return std::any_of(keys_->keys().begin(), keys_->keys().end(), fits);
}

WantedAnswer RemoteSource::want(std::string_view key_name, std::function<void()> done) {
  const SteadyTime now = environment_.clock->steady();
  const std::uint64_t name_hash = keyed_hash(hash_key_, key_name);
  std::unique_lock lock(mutex_);
  if (is_stopped_) return {Wanted::kUnavailable, std::chrono::seconds{1}};
  if (!has_usable_set(now)) {
    // Nobody is made to wait for an issuer that is known not to answer.
    if (failures_ > 0) return {Wanted::kUnavailable, seconds_between(now, next_fetch_)};
    return wait(name_hash, std::move(done), now);
  }
  if (holds_key(key_name)) return {Wanted::kPresent, std::chrono::seconds{1}};
  if (absent_.holds(name_hash, now)) return {Wanted::kAbsent, std::chrono::seconds{1}};
  if (is_fetching_ || is_awaited_) return wait(name_hash, std::move(done), now);
  if (now < cooldown_until_) {
    if (environment_.metrics) environment_.metrics->count_suppressed_refetch();
    return {failures_ > 0 ? Wanted::kUnavailable : Wanted::kCoolingDown, seconds_between(now, cooldown_until_)};
  }
  cooldown_until_ = now + settings_.unknown_kid_cooldown;
  next_fetch_ = now;
  is_awaited_ = true;
  const WantedAnswer answer = wait(name_hash, std::move(done), now);
  lock.unlock();
  wake_();
  return answer;
}

WantedAnswer RemoteSource::wait(std::uint64_t name_hash, std::function<void()> done, SteadyTime now) {
  // Somebody who can't wait takes no place from those who can.
  if (!done) return {Wanted::kPending, std::chrono::seconds{1}};
  if (waiters_.size() >= kMostWaiting) {
    if (environment_.metrics) environment_.metrics->count_suppressed_refetch();
    return {Wanted::kCoolingDown, seconds_between(now, std::max(now, cooldown_until_))};
  }
  waiters_.push_back({name_hash, std::move(done), is_fetching_});
  return {Wanted::kPending, std::chrono::seconds{1}};
}

void RemoteSource::refresh() {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_ || is_fetching_ || is_awaited_) return;
    is_awaited_ = true;
    next_fetch_ = environment_.clock->steady();
  }
  wake_();
}

void RemoteSource::tell(const std::vector<Waiter>& waiters) {
  for (const Waiter& waiter : waiters) {
    if (waiter.done) waiter.done();
  }
}

void RemoteSource::stop() {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    waiters = std::exchange(waiters_, {});
  }
  tell(waiters);
}

SteadyTime RemoteSource::next_event() const {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return SteadyTime::max();
  if (!has_set_) return next_fetch_;
  return std::min(next_fetch_, is_known_stale_ ? stale_until_ : fresh_until_);
}

void RemoteSource::run_due() {
  const SteadyTime now = environment_.clock->steady();
  std::string discovery;
  Aging aging;
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    aging = grow_older(now);
    is_due = !is_stopped_ && now >= next_fetch_;
    is_fetching_ = is_due;
    is_awaited_ = is_awaited_ && !is_due;
    discovery = known_discovery(now);
  }
  report_aging(aging);
  if (!is_due) return;
  try {
    auto fetched = fetch_keys(settings_, environment_, discovery);
    if (environment_.metrics)
      environment_.metrics->count_jwks_fetch(fetched ? observe::FetchResult::kOk : fetched.error().result);
    fetched ? adopt(std::move(*fetched), now) : note_failure(fetched.error());
  } catch (const std::exception&) {
    // Out of memory, most likely. Its text may quote what we were given.
    note_failure(
        {observe::FetchResult::kInvalid, {base::ErrorCode::kInternal, "an unexpected exception ended the fetch"}});
  }
}

RemoteSource::Aging RemoteSource::grow_older(SteadyTime now) {
  Aging aging;
  if (!has_set_) return aging;
  if (now >= stale_until_) {
    aging.has_expired = true;
    has_set_ = false;
    is_known_stale_ = false;
    replace_keys({}, {});
  } else if (now >= fresh_until_ && !is_known_stale_) {
    aging.has_become_stale = true;
    is_known_stale_ = true;
  }
  return aging;
}

// The document is fetched anew about once per lifetime, so that an issuer that moves its keys is followed; in between,
// the hurried look for an unknown kid is one request, not two. After a failure nothing is taken for granted.
std::string RemoteSource::known_discovery(SteadyTime now) const {
  const bool is_recent = now - discovered_at_ < refresh_after(lifetime_of(std::chrono::seconds{-1}, settings_));
  return failures_ == 0 && is_recent ? discovery_ : std::string();
}

bool RemoteSource::replace_keys(jose::KeySet keys, std::string content) {
  if (content == content_) return false;
  keys_ = keys.empty() ? nullptr : std::make_shared<const jose::KeySet>(std::move(keys));
  content_ = std::move(content);
  epoch_.store(base::next_unique(), std::memory_order_release);
  return true;
}

void RemoteSource::plan(SteadyTime fetched_at, std::chrono::milliseconds lifetime) {
  fresh_until_ = fetched_at + lifetime;
  stale_until_ = fetched_at + std::max<std::chrono::milliseconds>(lifetime, settings_.stale_limit);
}

std::vector<RemoteSource::Waiter> RemoteSource::end_fetch() {
  is_fetching_ = false;
  ++fetches_;
  return std::exchange(waiters_, {});
}

void RemoteSource::adopt(FetchedKeys fetched, SteadyTime started) {
  std::string content = canonical_key_set(fetched.key_set);
  const SteadyTime now = environment_.clock->steady();
  const WallTime fetched_at = environment_.clock->wall();
  std::vector<Waiter> waiters;
  bool has_changed = false, has_recovered = false;
  {
    const std::lock_guard lock(mutex_);
    waiters = end_fetch();
    has_changed = replace_keys(fetched.parsed.keys, std::move(content));
    const std::chrono::milliseconds lifetime = lifetime_of(fetched.max_age, settings_);
    plan(started, lifetime);
    next_fetch_ = started + refresh_after(lifetime);
    has_set_ = true;
    is_from_disk_ = false;
    is_known_stale_ = false;
    last_success_ = fetched_at;
    last_error_.clear();
    has_recovered = std::exchange(failures_, 0) > 0;
    discovery_ = fetched.discovery;
    if (fetched.is_newly_discovered) discovered_at_ = started;
    // Remembered at least until it can be looked for again; those that are in the set are found there first.
    const SteadyTime absent_until = std::max(now + settings_.negative_ttl, cooldown_until_);
    for (const Waiter& waiter : waiters) {
      // A set that was asked for before this name was may be older than its key: those ask once more.
      if (!waiter.has_joined_late) absent_.remember(waiter.name_hash, absent_until);
    }
  }
  tell(waiters);
  report_success(fetched, has_recovered, has_changed);
  store(std::move(fetched), fetched_at, has_changed);
}

void RemoteSource::note_failure(const FetchTrouble& trouble) {
  std::vector<Waiter> waiters;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    waiters = end_fetch();
    is_first = failures_ == 0;
    ++failures_;
    last_error_ = trouble.error.text;
    next_fetch_ = environment_.clock->steady() + retry_delay(failures_, environment_.random());
  }
  tell(waiters);
  // Once per outage, not once per attempt; the metrics count the rest.
  if (is_first) warn("keys.fetch_failed", trouble.error.text);
}

void RemoteSource::report_aging(const Aging& aging) const {
  if (environment_.log == nullptr) return;
  const observe::Field provider{"provider", std::string_view(settings_.provider)};
  if (aging.has_become_stale)
    environment_.log->write(Level::kWarning, "keys.stale",
                            "the keys are past their freshness and are used on, as the issuer does not answer",
                            {provider});
  if (aging.has_expired)
    environment_.log->write(Level::kError, "keys.expired", "the keys are too old and are not used any more",
                            {provider});
}

void RemoteSource::report_success(const FetchedKeys& fetched, bool has_recovered, bool has_changed) const {
  if (environment_.log == nullptr) return;
  const observe::Field provider{"provider", std::string_view(settings_.provider)};
  if (has_recovered)
    environment_.log->write(Level::kNotice, "keys.fetch_recovered", "the issuer answers again", {provider});
  if (!has_changed) return;
  const auto count = static_cast<std::int64_t>(fetched.parsed.keys.keys().size());
  environment_.log->write(count == 0 ? Level::kWarning : Level::kInfo, "keys.changed",
                          "the issuer's key set is new or has changed", {provider, {"keys", count}});
  for (const jose::SkippedKey& skipped : fetched.parsed.skipped) {
    environment_.log->write(Level::kInfo, "keys.skipped", skipped.why,
                            {provider, {"index", static_cast<std::int64_t>(skipped.index)}});
  }
}

void RemoteSource::store(FetchedKeys fetched, WallTime fetched_at, bool has_changed) {
  // A clock that was set back makes the stored time one of the future: written anew as well.
  const bool is_recent = fetched_at >= stored_at_ && fetched_at - stored_at_ < kStoreEvery;
  if (!environment_.cache || (!has_changed && is_recent)) return;
  CachedKeySet cached{settings_.issuer,
                      settings_.discovery_url,
                      settings_.jwks_url,
                      settings_.ca_file,
                      settings_.ca_digest,
                      0,
                      std::move(fetched.discovery),
                      std::move(fetched.key_set)};
  cached.fetched_at = std::chrono::floor<std::chrono::seconds>(fetched_at).time_since_epoch().count();
  const auto stored = environment_.cache->store(settings_, cached);
  stored_at_ = fetched_at;
  if (!stored) warn("keys.not_stored", stored.error().text);
}

void RemoteSource::load_from_disk() {
  if (!environment_.cache) return;
  auto cached = environment_.cache->load(settings_);
  if (!cached) {
    if (cached.error().code != base::ErrorCode::kNotFound) warn("keys.copy_ignored", cached.error().text);
    return;
  }
  if (auto taken = take_copy(*cached); !taken) warn("keys.copy_ignored", taken.error().text);
}

base::Result<void> RemoteSource::take_copy(const CachedKeySet& cached) {
  // In whole seconds: a far time does not fit into nanoseconds.
  const std::int64_t wall =
      std::chrono::floor<std::chrono::seconds>(environment_.clock->wall()).time_since_epoch().count();
  const std::chrono::seconds age{wall - cached.fetched_at};
  const std::chrono::milliseconds lifetime = lifetime_of(std::chrono::seconds{-1}, settings_);
  // A time in the future says nothing about the age.
  if (age < std::chrono::seconds{0})
    return base::fail(base::ErrorCode::kDenied, "the kept keys were fetched in the future, by this clock");
  if (age >= std::max<std::chrono::milliseconds>(lifetime, settings_.stale_limit))
    return base::fail(base::ErrorCode::kDenied, "the kept keys are too old");
  if (settings_.jwks_url.empty()) {
    // The settings may list other hosts than when it was kept.
    const auto discovery = parse_discovery(cached.discovery);
    if (!discovery) return tl::make_unexpected(discovery.error());
    if (auto checked = check_discovery(*discovery, settings_); !checked) return checked;
  }
  auto parsed = jose::parse_key_set(cached.key_set, jose::KeySetOrigin::kUrl);
  if (!parsed) return base::fail(parsed.error().code, "the kept key set is not usable: " + parsed.error().text);
  const std::lock_guard lock(mutex_);
  const SteadyTime now = environment_.clock->steady();
  plan(now - age, lifetime);
  replace_keys(std::move(parsed->keys), canonical_key_set(cached.key_set));
  has_set_ = true;
  is_from_disk_ = true;
  is_known_stale_ = now >= fresh_until_;
  last_success_ = WallTime(std::chrono::seconds(cached.fetched_at));
  stored_at_ = last_success_;
  return {};
}

void RemoteSource::warn(std::string_view event, std::string_view text) const {
  if (environment_.log != nullptr)
    environment_.log->write(Level::kWarning, event, text, {{"provider", std::string_view(settings_.provider)}});
}

}  // namespace bearerd::keys
