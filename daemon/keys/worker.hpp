// The thread that fetches for one provider.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "keys/remote_source.hpp"

namespace bearerd::keys {

// How a source calls its worker. Shared, because the last holder of a source may let go of it after the worker is gone.
struct Bell {
  std::mutex mutex;
  std::condition_variable changed;
  bool has_news = false;

  void ring();
};

// Ends by itself once none of its sources is held by anybody. add() and the destructor belong to the store's thread.
class Worker {
 public:
  Worker(const base::Clock& clock, observe::Log* log, std::shared_ptr<observe::ProviderMetrics> metrics);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // False: the thread has ended, another worker is needed.
  [[nodiscard]] bool add(const std::shared_ptr<RemoteSource>& source);
  // Ring it, from any thread, to have the worker look at the clock and its sources again.
  [[nodiscard]] const std::shared_ptr<Bell>& bell() const noexcept { return bell_; }
  // Asks the thread to end, and its sources to tell whoever waits; does not wait for it.
  void stop();
  [[nodiscard]] bool has_ended() const;

 private:
  using Sources = std::vector<std::shared_ptr<RemoteSource>>;
  void run();
  [[nodiscard]] Sources live_sources();
  [[nodiscard]] base::SteadyTime serve(const Sources& sources);
  void publish(const Sources& sources) const;
  void wait_until(std::unique_lock<std::mutex>& lock, base::SteadyTime time);

  const base::Clock& clock_;
  observe::Log* const log_;
  const std::shared_ptr<observe::ProviderMetrics> metrics_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();  // its mutex guards what follows
  std::vector<std::weak_ptr<RemoteSource>> sources_;
  bool is_stopping_ = false;
  bool has_ended_ = false;
  std::thread thread_;
};

}  // namespace bearerd::keys
