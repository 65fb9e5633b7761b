#include "http/reception.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

namespace bearerd::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What an event is about; callers have the numbers from there on.
enum : std::uint64_t { kStop, kListener, kFirstCaller };

// Out of descriptors, mostly: trying again at once would only burn the processor.
constexpr milliseconds kRest{50};

// Who has said so much is not waited for any longer.
constexpr std::size_t kMostHeard = 16 * 1024;

// Lenient as the parser behind, which skips empty lines before a request and takes bare line feeds.
bool is_head(std::string_view said) noexcept {
  const std::size_t begin = said.find_first_not_of("\r\n");
  return said.find("\n\r\n", begin) != std::string_view::npos || said.find("\n\n", begin) != std::string_view::npos;
}

// At least as many bytes as the ClientHello says that it has, or no handshake (RFC 8446 §4, §5.1).
bool is_client_hello(std::string_view said) noexcept {
  constexpr char kHandshake = 22;
  constexpr std::size_t kHeaders = 5 + 4;  // of the record and of the message
  if (said.front() != kHandshake) return true;
  if (said.size() < kHeaders) return false;
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(said[i])); };
  return said.size() >= kHeaders + (byte(6) << 16U | byte(7) << 8U | byte(8));
}

bool has_said_enough(int fd, bool is_tls) noexcept {
  std::array<char, kMostHeard> said;
  const auto size = ::recv(fd, said.data(), said.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size < 0) return errno != EAGAIN;
  const std::string_view text(said.data(), static_cast<std::size_t>(size));
  if (text.empty() || text.size() == said.size()) return true;
  return is_tls ? is_client_hello(text) : is_head(text);
}

base::FileDescriptor checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return base::FileDescriptor(fd);
}

}  // namespace

Reception::Reception(const Poco::Net::ServerSocket& listener, Options options, Receive receive)
    : listener_(listener),
      options_(options),
      receive_(std::move(receive)),
      next_number_(kFirstCaller),
      stop_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
  const int fd = listener_.impl()->sockfd();
  // Who has gone between the event and the accept must not make us wait for the next.
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  watch(stop_.get(), EPOLLIN, kStop);
  watch(fd, EPOLLIN, kListener);
  thread_ = std::thread([this] { run(); });
}

Reception::~Reception() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
}

void Reception::watch(int fd, std::uint32_t events, std::uint64_t number) const {
  epoll_event event{};
  event.events = events;
  event.data.u64 = number;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Reception::run() {
  while (!is_stopping_) {
    try {
      turn();
    } catch (const std::exception&) {
      std::this_thread::sleep_for(kRest);
    }
  }
}

void Reception::turn() {
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds_to_wait());
  bool is_called = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    is_stopping_ = is_stopping_ || event.data.u64 == kStop;
    is_called = is_called || event.data.u64 == kListener;
    if (event.data.u64 >= kFirstCaller) hear(event.data.u64, event.events);
  }
  drop_overdue();
  if (is_called) accept();
}

int Reception::milliseconds_to_wait() const {
  if (waiting_.empty()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(waiting_.begin()->second.end - steady_clock::now());
  return static_cast<int>(std::max(left, milliseconds(0)).count());
}

// Each event is told once: what has been heard and is not enough would wake us again and again. So whatever becomes of
// one caller, the events of the others are looked at.
void Reception::hear(std::uint64_t number, std::uint32_t events) {
  const auto found = waiting_.find(number);
  if (found == waiting_.end()) return;
  const int fd = found->second.socket.impl()->sockfd();
  const bool has_ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if (!has_ended && !has_said_enough(fd, options_.is_tls)) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  const auto caller = waiting_.extract(found);
  try {
    receive_(caller.mapped().socket);
  } catch (const std::exception&) {  // no memory: that caller is let go
  }
}

void Reception::drop_overdue() {
  const auto now = steady_clock::now();
  while (!waiting_.empty() && waiting_.begin()->second.end <= now) waiting_.erase(waiting_.begin());
}

void Reception::accept() {
  const Poco::Net::StreamSocket caller = listener_.acceptConnection();
  watch(caller.impl()->sockfd(), EPOLLIN | EPOLLRDHUP | EPOLLET, next_number_);
  waiting_.emplace(next_number_++, Waiting{caller, steady_clock::now() + options_.patience});
  if (waiting_.size() > options_.most_waiting) waiting_.erase(waiting_.begin());
}

}  // namespace bearerd::http
