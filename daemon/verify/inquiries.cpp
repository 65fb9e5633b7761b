#include "verify/inquiries.hpp"

#include <utility>

#include "base/secret.hpp"
#include "verify/identity.hpp"

namespace bearerd::verify {
namespace {

// One large answer, of at most a provider's 256 KiB, takes the place of so many that are at most 8 KiB.
constexpr std::size_t kLargeShare = 32;

std::shared_ptr<const ProviderAnswer> overloaded_answer() {
  static const auto answer = [] {
    auto made = std::make_shared<ProviderAnswer>();
    made->retry_after = std::chrono::seconds(1);
    return made;
  }();
  return answer;
}

}  // namespace

Inquiries::Inquiries(const base::Clock& clock, std::size_t max_answers) : clock_(clock), max_answers_(max_answers) {}

Inquiries::~Inquiries() {
  for (const auto& [provider, lane] : lanes_) lane->stop();
  lanes_.clear();
}

std::shared_ptr<const ProviderAnswer> Inquiries::ask(TokenTag tag, ProviderQuestion question, base::SteadyTime now,
                                                     const std::function<void()>* resume) {
  const Key key{tag, question.snapshot->providers[question.provider]->epoch, question.snapshot->epoch};
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[key];
  const bool holds = entry.answer != nullptr && now < entry.answer->holds_until;
  const bool is_due = !holds || (entry.answer->verdict && now >= entry.renew_at);
  const bool is_asked = entry.is_under_way || (is_due && start(key, entry, std::move(question)));
  if (holds) return entry.answer;
  if (!is_asked) {
    // The last answer stays: by it the token is known.
    if (entry.answer == nullptr) entries_.erase(key);
    return overloaded_answer();
  }
  if (resume != nullptr) entry.waiters.push_back(*resume);
  return nullptr;
}

Lane& Inquiries::lane_of(const runtime::Provider& provider) {
  auto& lane = lanes_[provider.settings.name];
  if (lane == nullptr) lane = std::make_unique<Lane>();
  return *lane;
}

// With the lock: pushing a job is short, and the job takes the lock only when it is done.
bool Inquiries::start(const Key& key, Entry& entry, ProviderQuestion question) {
  Lane& lane = lane_of(*question.snapshot->providers[question.provider]);
  // Nobody can invent a token whose signature is good, or one that was good a moment ago.
  const bool is_known = question.jwt || (entry.answer != nullptr && entry.answer->verdict);
  // A std::function is copied; the token is not.
  auto held = std::make_shared<ProviderQuestion>(std::move(question));
  entry.is_under_way = lane.push(
      [this, key, held = std::move(held)] {
        finish(key, ask_provider(*held, clock_));
        base::wipe(held->credential);
      },
      is_known ? Lane::For::kKnown : Lane::For::kStranger);
  return entry.is_under_way;
}

void Inquiries::finish(const Key& key, ProviderAnswer answer) noexcept {
  std::vector<std::function<void()>> waiters;
  try {
    auto made = std::make_shared<const ProviderAnswer>(std::move(answer));
    std::deque<Remembered>& list = list_for(*made);
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    waiters.swap(found->second.waiters);
    found->second.is_under_way = false;
    take(key, found->second, std::move(made), list);
  } catch (...) {  // no memory: whoever waits asks again, or is answered at the deadline
    const std::lock_guard lock(mutex_);
    entries_.erase(key);
  }
  for (const auto& resume : waiters) {
    try {
      resume();
    } catch (...) {  // no memory: that one is answered at its deadline
    }
  }
}

std::deque<Inquiries::Remembered>& Inquiries::list_for(const ProviderAnswer& answer) noexcept {
  if (!answer.verdict) return bad_;
  return is_small_enough(*answer.verdict->identity) ? good_ : large_;
}

void Inquiries::take(const Key& key, Entry& entry, std::shared_ptr<const ProviderAnswer> answer,
                     std::deque<Remembered>& list) {
  const base::SteadyTime now = clock_.steady();
  const bool has_good = entry.answer != nullptr && entry.answer->verdict && now < entry.answer->holds_until;
  if (has_good && answer->is_outage()) {
    entry.renew_at = answer->holds_until;
    return;
  }
  entry.answer = std::move(answer);
  entry.serial = ++last_serial_;
  if (entry.answer->verdict) entry.renew_at = entry.answer->verdict->renew_at;
  list.push_back({key, entry.serial, entry.answer->holds_until});
  forget_old(good_, max_answers_, now);
  forget_old(bad_, max_answers_, now);
  forget_old(large_, max_answers_ / kLargeShare + 1, now);
}

void Inquiries::forget_old(std::deque<Remembered>& list, std::size_t most, base::SteadyTime now) {
  while (!list.empty() && (list.size() > most || list.front().until <= now)) {
    const Remembered oldest = list.front();
    list.pop_front();
    const auto found = entries_.find(oldest.key);
    // There may be a younger answer, or somebody who waits for one.
    if (found != entries_.end() && found->second.serial == oldest.serial && found->second.waiters.empty())
      entries_.erase(found);
  }
}

}  // namespace bearerd::verify
