// The default store: counters in memory, written behind to a file. A killed daemon loses the last second of counts at
// most; a file that can't be read or written costs a warning, never an answer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "state/recent_keys.hpp"
#include "state/store_fault.hpp"
#include "state/usage_file.hpp"
#include "state/usage_memory.hpp"
#include "state/usage_store.hpp"

namespace bearerd::state {

struct EmbeddedStoreOptions {
  std::string path;  // empty: nothing is kept
  const base::Clock* clock = nullptr;
  observe::Log* log = nullptr;  // may be null
  observe::Metrics* metrics = nullptr;
  // Half of what a killed daemon may lose: writing takes time too. 0: no thread, write() is called by who has the
  // store.
  std::chrono::milliseconds write_every{500};
};

class EmbeddedStore final : public UsageStore {
 public:
  // Reads what was kept.
  explicit EmbeddedStore(EmbeddedStoreOptions options);
  ~EmbeddedStore() override;  // writes what is left

  [[nodiscard]] LimitAnswer check(const LimitQuestion& question, const std::function<void()>* resume) override;
  [[nodiscard]] base::Result<Recorded> record(const UsageReport& report) override;
  [[nodiscard]] base::Result<UsagePage> list(const PageWish& wish) override;
  [[nodiscard]] std::string fault() const override { return fault_.text(); }
  [[nodiscard]] std::size_t counters() const override { return memory_.counters(); }

  // Writes what changed. One thread at a time.
  void write();

 private:
  void run(const std::stop_token& stop);
  void keep() noexcept;
  void open_file();
  void start_anew(const base::Error& damage);
  void tidy();
  void set_fault(const std::string& event, const std::string& text);

  EmbeddedStoreOptions options_;
  UsageMemory memory_;
  RecentKeys recent_;
  std::unique_ptr<UsageFile> file_;  // null: could not be opened; tried again
  base::SteadyTime next_open_{}, next_tidy_{};
  StoreFault fault_{*options_.metrics};
  std::mutex wait_mutex_;
  std::condition_variable_any wait_;
  std::jthread writer_;  // last: it uses what is above
};

}  // namespace bearerd::state
