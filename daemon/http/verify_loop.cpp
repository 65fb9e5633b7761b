#include "http/verify_loop.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "http/answers.hpp"
#include "http/listening_socket.hpp"

namespace bearerd::http {
namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
// Per turn and socket, so that a burst of new connections does not hold up the old ones.
constexpr int kMaxAccepts = 32;

std::optional<base::SteadyTime> sooner(std::optional<base::SteadyTime> a, std::optional<base::SteadyTime> b) noexcept {
  if (!a) return b;
  return b && *b < *a ? b : a;
}

}  // namespace

class VerifyLoop::Acceptor final : public ReadySource {
 public:
  Acceptor(VerifyLoop& owner, const ListeningSocket& socket, std::uint32_t events) noexcept
      : owner_(owner), fd_(socket.fd.get()), has_tls_(socket.is_tcp && owner.state_.tls != nullptr), events_(events) {}

  [[nodiscard]] base::Result<void> watch() { return owner_.loop_->add(fd_, events_, *this); }
  void unwatch() noexcept { owner_.loop_->remove(fd_); }

  void on_ready(std::uint32_t) override { accept(kMaxAccepts); }
  void accept(int max) {
    for (int i = 0; i < max && owner_.accept_one(fd_, has_tls_); ++i) {
    }
  }

 private:
  VerifyLoop& owner_;
  int fd_;
  bool has_tls_;
  std::uint32_t events_;
};

VerifyLoop::VerifyLoop(ListenerState& state, std::unique_ptr<EventLoop> event_loop,
                       std::unique_ptr<verify::Worker> worker)
    : ConnectionHost(*event_loop, service_, state.limits),
      state_(state),
      loop_(std::move(event_loop)),
      worker_(std::move(worker)),
      service_(*worker_, [this](std::uint64_t ticket) { return make_wake(ticket); }) {}

VerifyLoop::~VerifyLoop() = default;

base::Result<void> VerifyLoop::listen_on(const ListeningSocket& socket, bool is_shared) {
  const std::uint32_t events = is_shared ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN;
  auto acceptor = std::make_unique<Acceptor>(*this, socket, events);
  if (auto watched = acceptor->watch(); !watched) return watched;
  acceptors_.push_back(std::move(acceptor));
  return {};
}

void VerifyLoop::run() {
  // OpenSSL writes without MSG_NOSIGNAL: a client that hangs up must not end the process.
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  loop_->run(*this);
}

void VerifyLoop::begin_turn(base::SteadyTime turn) {
  now = turn;
  service_.begin_turn(turn);
}

std::optional<base::SteadyTime> VerifyLoop::end_turn(base::SteadyTime turn) {
  for (TimerList* list : {&idle, &reading, &writing, &parked, &lingering}) expire(*list, turn);
  bury_closed();
  if (pauses_.pop(turn) != nullptr) resume_accepting();
  std::optional<base::SteadyTime> next = pauses_.next();
  for (const TimerList* list : {&idle, &reading, &writing, &parked, &lingering}) next = sooner(next, list->next());
  return next;
}

void VerifyLoop::expire(TimerList& list, base::SteadyTime turn) {
  while (Timer* const timer = list.pop(turn)) static_cast<Connection*>(timer)->on_timer();
}

void VerifyLoop::bury_closed() noexcept {
  while (Timer* const timer = closed_.pop(base::SteadyTime::max())) {
    connections_.erase(static_cast<Connection*>(timer)->id());
  }
}

// False: there is nobody to accept now.
bool VerifyLoop::accept_one(int fd, bool has_tls) {
  base::FileDescriptor socket(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (socket.is_open()) {
    try {
      admit(std::move(socket), has_tls);
    } catch (...) {  // an acceptor's top: who can't be kept is closed, the next may fare better
    }
    return true;
  }
  // Without a descriptor to spare, the socket stays readable and the loop would spin.
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    pause_accepting();
    return false;
  }
  return errno == ECONNABORTED || errno == EINTR;
}

void VerifyLoop::admit(base::FileDescriptor socket, bool has_tls) {
  auto count = std::make_unique<ConnectionCount>(state_.total);
  if (count->before() >= state_.limits.max_connections) return turn_away(socket, has_tls);
  SslPointer tls = has_tls ? state_.tls->begin(socket.get()) : nullptr;
  if (has_tls && tls == nullptr) return;  // no memory: it is closed
  const std::uint64_t id = ++last_connection_;
  ConnectionHost& host = *this;
  auto connection = std::make_unique<Connection>(host, Stream(std::move(socket), std::move(tls)), id, std::move(count));
  const auto entry = connections_.emplace(id, std::move(connection)).first;
  if (!entry->second->open()) connections_.erase(entry);
}

void VerifyLoop::turn_away(const base::FileDescriptor& socket, bool has_tls) {
  service_.refuse_overload();
  if (has_tls) return;  // a handshake is work, and there is too much of it already
  const std::string_view text = overload_answer();
  [[maybe_unused]] const ssize_t sent = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
  ::shutdown(socket.get(), SHUT_WR);
  // What has come already, so that closing does not reset the connection before the answer is read.
  std::array<char, 4096> bytes;
  [[maybe_unused]] const ssize_t read = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
}

void VerifyLoop::pause_accepting() noexcept {
  for (const auto& acceptor : acceptors_) acceptor->unwatch();
  pauses_.arm(accept_pause_, now + kAcceptPause);
}

void VerifyLoop::resume_accepting() {
  for (const auto& acceptor : acceptors_) {
    if (!acceptor->watch()) pause_accepting();
  }
}

void VerifyLoop::on_closed(Connection& connection) noexcept { closed_.arm(connection, now); }

void VerifyLoop::on_parked(Connection& connection, std::uint64_t ticket) { parked_by_ticket_[ticket] = &connection; }

void VerifyLoop::on_unparked(std::uint64_t ticket) noexcept { parked_by_ticket_.erase(ticket); }

std::function<void()> VerifyLoop::make_wake(std::uint64_t ticket) {
  return [this, ticket, mailbox = loop_->mailbox()] { mailbox->post([this, ticket] { on_resumed(ticket); }); };
}

// A ticket that is not there any more was answered at its deadline.
void VerifyLoop::on_resumed(std::uint64_t ticket) {
  const auto entry = parked_by_ticket_.find(ticket);
  if (entry != parked_by_ticket_.end()) entry->second->on_resumed();
}

void VerifyLoop::drain() {
  loop_->mailbox()->post([this] { start_draining(); });
}

void VerifyLoop::start_draining() {
  if (is_draining) return;
  is_draining = true;
  accept_pause_.cancel();
  // Connections that wait in the kernel's queue would be reset; they get their answer.
  for (const auto& acceptor : acceptors_) acceptor->accept(kListenBacklog + 1);
  for (const auto& acceptor : acceptors_) acceptor->unwatch();
  acceptors_.clear();
  accept_pause_.cancel();
  for (const auto& [id, connection] : connections_) connection->drain();
  state_.closed_doors.fetch_add(1, std::memory_order_release);
}

}  // namespace bearerd::http
