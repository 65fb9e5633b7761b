// The revocations that several daemons share through Redis, each with a whole copy of its own: what one of them is told
// is in force on the others within a second or two, and stays so when Redis goes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "state/redis_link.hpp"
#include "state/revocation_store.hpp"

namespace bearerd::state {

struct RedisRevocationsOptions {
  settings::Redis redis;
  base::Secret key;  // the same on all daemons
  const base::Clock* clock = nullptr;
};

// One hash holds them all, each under its mark, and beside them a version that every change replaces. Any thread.
class RedisRevocations final : public RevocationPeers {
 public:
  // Looks at once, which takes no longer than a Redis that hangs is waited for, and then once a second, in the
  // background, until it is destroyed. `store` outlives it.
  RedisRevocations(RedisRevocationsOptions options, RevocationStore& store);
  ~RedisRevocations() override;
  RedisRevocations(const RedisRevocations&) = delete;
  RedisRevocations& operator=(const RedisRevocations&) = delete;

  [[nodiscard]] base::Result<void> end(const SharedRevocation& ended) override;
  void announce() override;

 private:
  struct Shared {
    std::vector<SharedRevocation> revocations;
    std::vector<std::string> forgettable;  // marks
    std::size_t damaged = 0;
  };

  void run(const std::stop_token& stop);
  void look();
  void wait(const std::stop_token& stop);
  [[nodiscard]] base::Result<void> synchronize();
  [[nodiscard]] base::Result<void> take_in(const std::string& version);
  // How many other state keys daemons have that were there a moment ago; says that this one is here.
  [[nodiscard]] base::Result<std::size_t> count_other_keys();
  [[nodiscard]] base::Result<std::string> read_version();
  [[nodiscard]] base::Result<Shared> read();
  [[nodiscard]] base::Result<void> write(RedisLink& link, std::span<const SharedRevocation> revocations) const;
  [[nodiscard]] base::Result<void> forget(std::span<const std::string> marks);

  const RedisRevocationsOptions options_;
  const std::string key_mark_;  // tells state keys apart, and nothing about them
  RevocationStore& store_;
  RedisLink link_;                           // of the thread
  std::optional<std::string> seen_version_;  // of the thread
  std::size_t damaged_ = 0;                  // of the thread: when it last read all of them
  std::mutex end_mutex_;
  RedisLink end_link_;
  std::mutex wake_mutex_;
  std::condition_variable_any wake_;
  bool is_announced_ = false;
  std::jthread thread_;  // last: it uses what is above
};

}  // namespace bearerd::state
