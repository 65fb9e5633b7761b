// One thread's epoll: sockets, and work that other threads hand over.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/result.hpp"

namespace bearerd::http {

// Who is told that a descriptor is ready; outlives its registration. Called on the loop's thread.
class ReadySource {
 public:
  virtual ~ReadySource() = default;
  virtual void on_ready(std::uint32_t events) = 0;
};

// Where other threads leave work for a loop. May outlive the loop: work that comes too late is dropped.
class Mailbox {
 public:
  static base::Result<std::shared_ptr<Mailbox>> open();
  explicit Mailbox(base::FileDescriptor wake) noexcept : wake_(std::move(wake)) {}

  // Any thread, destructors too. `work` runs once on the loop's thread; false when the loop has ended or there is no
  // memory.
  bool post(std::function<void()> work) noexcept;

 private:
  friend class EventLoop;
  void wake() noexcept;
  void take(std::vector<std::function<void()>>& out);
  void close();

  base::FileDescriptor wake_;
  std::mutex mutex_;
  std::vector<std::function<void()>> work_;
  bool is_closed_ = false;
};

// What happens around the sockets of one turn. What it throws, as what sources and work throw, is contained: the turn
// goes on with the next.
class TurnObserver {
 public:
  virtual ~TurnObserver() = default;
  virtual void begin_turn(base::SteadyTime now) = 0;
  // After sockets and posted work. Hands back when to turn again at the latest.
  virtual std::optional<base::SteadyTime> end_turn(base::SteadyTime now) = 0;
};

class EventLoop {
 public:
  static base::Result<std::unique_ptr<EventLoop>> open();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // The loop's thread, or any before run().
  [[nodiscard]] base::Result<void> add(int fd, std::uint32_t events, ReadySource& source);
  void modify(int fd, std::uint32_t events, ReadySource& source) noexcept;
  void remove(int fd) noexcept;

  // Serves until stop(). Turns at least once a second, so that heartbeat() tells a hung loop from an idle one.
  void run(TurnObserver& observer);

  // Any thread.
  void stop() noexcept;
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }
  [[nodiscard]] base::SteadyTime heartbeat() const noexcept;

 private:
  EventLoop(base::FileDescriptor epoll, std::shared_ptr<Mailbox> mailbox);
  void turn(TurnObserver& observer, base::SteadyTime now, std::span<const epoll_event> events);
  void run_posted();
  void beat(base::SteadyTime now) noexcept;

  base::FileDescriptor epoll_;
  std::shared_ptr<Mailbox> mailbox_;
  std::vector<std::function<void()>> posted_;
  std::atomic<bool> is_running_{true};
  std::optional<base::SteadyTime> deadline_;  // of the next turn
  std::atomic<base::SteadyTime::rep> heartbeat_;
};

}  // namespace bearerd::http
