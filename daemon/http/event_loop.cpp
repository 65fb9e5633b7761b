#include "http/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>

namespace bearerd::http {
namespace {

using base::SteadyTime;
using std::chrono::milliseconds;

constexpr int kMaxEvents = 128;
constexpr milliseconds kLongestWait{1000};

SteadyTime steady_now() noexcept { return std::chrono::steady_clock::now(); }

// Rounded up: waking just before a deadline would turn the loop for nothing.
int wait_ms(std::optional<SteadyTime> deadline, SteadyTime now) noexcept {
  if (!deadline) return static_cast<int>(kLongestWait.count());
  const auto left = std::chrono::ceil<milliseconds>(*deadline - now);
  return static_cast<int>(std::clamp(left, milliseconds{0}, kLongestWait).count());
}

// A turn's top: what one source or one piece of work throws (no memory, a bug) is not to end the others.
template <class Step>
void contain(const Step& step) noexcept {
  try {
    step();
  } catch (...) {  // whoever it belongs to has told it, or is closed by its deadline
  }
}

}  // namespace

base::Result<std::shared_ptr<Mailbox>> Mailbox::open() {
  base::FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.is_open())
    return base::fail(base::ErrorCode::kInternal, "make an eventfd: " + base::system_error_text(errno));
  return std::make_shared<Mailbox>(std::move(wake));
}

bool Mailbox::post(std::function<void()> work) noexcept try {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return false;
  work_.push_back(std::move(work));
  // Only the first needs to wake the loop; it takes all at once.
  if (work_.size() == 1) wake();
  return true;
} catch (const std::exception&) {
  return false;
}

void Mailbox::wake() noexcept {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop is awake.
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void Mailbox::take(std::vector<std::function<void()>>& out) {
  const std::lock_guard lock(mutex_);
  if (work_.empty()) return;
  std::uint64_t count = 0;
  // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): an eventfd with EFD_NONBLOCK
  [[maybe_unused]] const ssize_t read = ::read(wake_.get(), &count, sizeof count);
  out.swap(work_);
}

void Mailbox::close() {
  std::vector<std::function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  dropped.swap(work_);
}

base::Result<std::unique_ptr<EventLoop>> EventLoop::open() {
  base::FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open())
    return base::fail(base::ErrorCode::kInternal, "make an epoll: " + base::system_error_text(errno));
  auto mailbox = Mailbox::open();
  if (!mailbox) return tl::make_unexpected(std::move(mailbox.error()));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // the mailbox; work is taken each turn anyway
  if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, (*mailbox)->wake_.get(), &event) != 0) {
    return base::fail(base::ErrorCode::kInternal, "watch an eventfd: " + base::system_error_text(errno));
  }
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll), std::move(*mailbox)));
}

EventLoop::EventLoop(base::FileDescriptor epoll, std::shared_ptr<Mailbox> mailbox)
    : epoll_(std::move(epoll)), mailbox_(std::move(mailbox)), heartbeat_(steady_now().time_since_epoch().count()) {}

EventLoop::~EventLoop() { mailbox_->close(); }

base::Result<void> EventLoop::add(int fd, std::uint32_t events, ReadySource& source) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return base::fail(base::ErrorCode::kInternal, "watch a socket: " + base::system_error_text(errno));
}

void EventLoop::modify(int fd, std::uint32_t events, ReadySource& source) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &source;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void EventLoop::remove(int fd) noexcept { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void EventLoop::run(TurnObserver& observer) {
  std::array<epoll_event, kMaxEvents> events{};
  SteadyTime now = steady_now();
  while (is_running_.load(std::memory_order_acquire)) {
    const int count = epoll_wait(epoll_.get(), events.data(), kMaxEvents, wait_ms(deadline_, now));
    now = steady_now();
    beat(now);
    turn(observer, now, std::span(events).first(static_cast<std::size_t>(std::max(count, 0))));
  }
}

void EventLoop::turn(TurnObserver& observer, SteadyTime now, std::span<const epoll_event> events) {
  contain([&] { observer.begin_turn(now); });
  for (const epoll_event& event : events) {
    if (event.data.ptr == nullptr) continue;
    contain([&] { static_cast<ReadySource*>(event.data.ptr)->on_ready(event.events); });
  }
  run_posted();
  contain([&] { deadline_ = observer.end_turn(now); });
}

void EventLoop::run_posted() {
  mailbox_->take(posted_);
  for (const auto& work : posted_) contain(work);
  posted_.clear();
}

// Not posted: stopping must not need memory.
void EventLoop::stop() noexcept {
  is_running_.store(false, std::memory_order_release);
  mailbox_->wake();
}

void EventLoop::beat(SteadyTime now) noexcept {
  heartbeat_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

SteadyTime EventLoop::heartbeat() const noexcept {
  return SteadyTime(SteadyTime::duration(heartbeat_.load(std::memory_order_relaxed)));
}

}  // namespace bearerd::http
