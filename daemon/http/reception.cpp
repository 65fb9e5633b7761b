#include "http/reception.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <exception>
#include <string_view>
#include <utility>

namespace bearerd::http {
namespace {

// Out of descriptors, mostly: trying again at once would only burn the processor.
constexpr std::chrono::milliseconds kRest{50};

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

}  // namespace

// Each event is told once: what has been heard and is not enough would wake us again and again.
class Reception::Caller final : public ReadySource {
 public:
  Caller(Reception& owner, std::uint64_t number, const Poco::Net::StreamSocket& socket, base::SteadyTime end)
      : owner_(owner), number_(number), socket_(socket), end_(end) {}

  [[nodiscard]] base::Result<void> watch() { return owner_.loop_->add(fd(), EPOLLIN | EPOLLRDHUP | EPOLLET, *this); }
  void unwatch() noexcept { owner_.loop_->remove(fd()); }

  void on_ready(std::uint32_t events) override {
    const bool has_ended = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    if (has_ended || has_said_enough(fd(), owner_.options_.is_tls)) owner_.receive(number_);
  }

  [[nodiscard]] const Poco::Net::StreamSocket& socket() const noexcept { return socket_; }
  [[nodiscard]] base::SteadyTime end() const noexcept { return end_; }

 private:
  [[nodiscard]] int fd() const noexcept { return socket_.impl()->sockfd(); }

  Reception& owner_;
  const std::uint64_t number_;
  const Poco::Net::StreamSocket socket_;
  const base::SteadyTime end_;
};

base::Result<std::unique_ptr<Reception>> Reception::open(const Poco::Net::ServerSocket& listener, Options options,
                                                         Receive receive) {
  auto loop = EventLoop::open();
  if (!loop) return tl::make_unexpected(std::move(loop.error()));
  std::unique_ptr<Reception> reception(new Reception(std::move(*loop), listener, options, std::move(receive)));
  const int fd = listener.impl()->sockfd();
  // Who has gone between the event and the accept must not make us wait for the next.
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  if (auto watched = reception->loop_->add(fd, EPOLLIN, *reception); !watched)
    return tl::make_unexpected(std::move(watched.error()));
  reception->thread_ = std::thread([&loop = *reception->loop_, &observer = *reception] { loop.run(observer); });
  return reception;
}

Reception::Reception(std::unique_ptr<EventLoop> loop, const Poco::Net::ServerSocket& listener, Options options,
                     Receive receive)
    : loop_(std::move(loop)), listener_(listener), options_(options), receive_(std::move(receive)) {}

Reception::~Reception() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

void Reception::on_ready(std::uint32_t) { is_called_ = true; }

void Reception::begin_turn(base::SteadyTime) {}

// Callers come and are dropped here, where no event of the turn can name them any more.
std::optional<base::SteadyTime> Reception::end_turn(base::SteadyTime now) {
  while (!callers_.empty() && callers_.begin()->second->end() <= now) callers_.erase(callers_.begin());
  if (std::exchange(is_called_, false)) accept(now);
  return callers_.empty() ? std::nullopt : std::optional(callers_.begin()->second->end());
}

void Reception::accept(base::SteadyTime now) try {
  const std::uint64_t number = next_number_++;
  auto caller = std::make_unique<Caller>(*this, number, listener_.acceptConnection(), now + options_.patience);
  if (!caller->watch()) return;
  callers_.emplace(number, std::move(caller));
  if (callers_.size() > options_.most_waiting) callers_.erase(callers_.begin());
} catch (const std::exception&) {
  std::this_thread::sleep_for(kRest);
}

void Reception::receive(std::uint64_t number) {
  const std::unique_ptr<Caller> caller = std::move(callers_.extract(number).mapped());
  caller->unwatch();
  receive_(caller->socket());
}

}  // namespace bearerd::http
