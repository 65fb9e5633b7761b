#include "verify/inquiries.hpp"

#include <utility>

#include "base/secret.hpp"

namespace bearerd::verify {
namespace {

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
  const bool is_under_way = entry.serial != 0 && entry.answer == nullptr;
  if (entry.answer != nullptr && now < entry.answer->holds_until) return entry.answer;
  if (!is_under_way && !start(key, std::move(question))) {
    entries_.erase(key);
    return overloaded_answer();
  }
  if (!is_under_way) {
    entry.answer = nullptr;
    entry.serial = ++last_serial_;
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
bool Inquiries::start(const Key& key, ProviderQuestion question) {
  Lane& lane = lane_of(*question.snapshot->providers[question.provider]);
  // A std::function is copied; the token is not.
  auto held = std::make_shared<ProviderQuestion>(std::move(question));
  return lane.push([this, key, held = std::move(held)] {
    finish(key, ask_provider(*held, clock_));
    base::wipe(held->credential);
  });
}

void Inquiries::finish(const Key& key, ProviderAnswer answer) noexcept {
  std::vector<std::function<void()>> waiters;
  try {
    auto made = std::make_shared<const ProviderAnswer>(std::move(answer));
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    waiters.swap(found->second.waiters);
    found->second.answer = std::move(made);
    remember(key, found->second, clock_.steady());
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

void Inquiries::remember(const Key& key, Entry& entry, base::SteadyTime now) {
  std::deque<Remembered>& list = entry.answer->verdict ? good_ : bad_;
  list.push_back({key, entry.serial, entry.answer->holds_until});
  while (!list.empty() && (list.size() > max_answers_ || list.front().until <= now)) {
    const Remembered oldest = list.front();
    list.pop_front();
    const auto found = entries_.find(oldest.key);
    // It may have been asked about again since.
    if (found != entries_.end() && found->second.serial == oldest.serial && found->second.answer != nullptr)
      entries_.erase(found);
  }
}

}  // namespace bearerd::verify
