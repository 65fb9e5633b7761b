// What providers are being asked, and what they said a moment ago. One for all event loops.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "verify/lane.hpp"
#include "verify/provider_question.hpp"
#include "verify/verdict_cache.hpp"

namespace bearerd::verify {

// Any thread. A token is known here by its keyed hash only; the token itself is held while it is asked about. The same
// token is asked about once at a time. Bounded: so many threads and questions for each provider, so many answers in
// all, good and bad ones apart, so that a flood of invented tokens pushes out nobody who is known.
class Inquiries {
 public:
  // `max_answers`: of either kind.
  explicit Inquiries(const base::Clock& clock, std::size_t max_answers = 32'768);
  // Waits for the questions under way.
  ~Inquiries();
  Inquiries(const Inquiries&) = delete;
  Inquiries& operator=(const Inquiries&) = delete;

  // The answer that is there, or null: the question is under way, and `resume` (null: nobody waits) is called once
  // when it is answered. Never waits. A good answer near its end is handed out and asked for anew; an outage takes it
  // from nobody before that end.
  [[nodiscard]] std::shared_ptr<const ProviderAnswer> ask(TokenTag tag, ProviderQuestion question, base::SteadyTime now,
                                                          const std::function<void()>* resume);

 private:
  // What makes another answer: another token, other settings of the provider, other settings of ours.
  struct Key {
    TokenTag tag;
    std::uint64_t provider = 0, snapshot = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    [[nodiscard]] std::size_t operator()(const Key& key) const noexcept {
      return static_cast<std::size_t>(key.tag.low ^ (key.provider * 0x9E3779B97F4A7C15ULL) ^ key.snapshot);
    }
  };
  struct Entry {
    std::shared_ptr<const ProviderAnswer> answer;  // null: none yet
    std::vector<std::function<void()>> waiters;
    std::uint64_t serial = 0;     // of the answer
    base::SteadyTime renew_at{};  // a good answer's
    bool is_under_way = false;
  };
  struct Remembered {
    Key key;
    std::uint64_t serial = 0;
    base::SteadyTime until{};
  };
  [[nodiscard]] bool start(const Key& key, Entry& entry, ProviderQuestion question);
  void finish(const Key& key, ProviderAnswer answer) noexcept;
  [[nodiscard]] std::deque<Remembered>& list_for(const ProviderAnswer& answer) noexcept;
  void take(const Key& key, Entry& entry, std::shared_ptr<const ProviderAnswer> answer, std::deque<Remembered>& list);
  void forget_old(std::deque<Remembered>& list, std::size_t most, base::SteadyTime now);
  [[nodiscard]] Lane& lane_of(const runtime::Provider& provider);

  const base::Clock& clock_;
  const std::size_t max_answers_;
  std::mutex mutex_;
  std::unordered_map<Key, Entry, KeyHash> entries_;
  // In the order of their making. Large ones are few, and live for a second.
  std::deque<Remembered> good_, bad_, large_;
  std::uint64_t last_serial_ = 0;
  std::map<std::string, std::unique_ptr<Lane>, std::less<>> lanes_;  // by provider; they end first
};

}  // namespace bearerd::verify
