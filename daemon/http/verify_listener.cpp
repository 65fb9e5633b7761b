#include "http/verify_listener.hpp"

#include <sched.h>

#include <algorithm>
#include <chrono>

namespace bearerd::http {
namespace {

constexpr unsigned kMaxDefaultThreads = 4;
constexpr std::chrono::milliseconds kDrainLook{5};

// The cores that we may use (CPUAffinity=, cpusets, taskset), not those that the machine has: two loops on one core
// only take turns.
unsigned usable_cores() noexcept {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0) return static_cast<unsigned>(CPU_COUNT(&cores));
  return std::thread::hardware_concurrency();  // more cores than the set has room for
}

}  // namespace

unsigned loop_count(const settings::Listen& listen) {
  if (listen.threads != 0) return listen.threads;
  return std::clamp(usable_cores(), 1U, kMaxDefaultThreads);
}

base::Result<std::unique_ptr<VerifyListener>> VerifyListener::open(VerifyListenerOptions options) {
  std::unique_ptr<VerifyListener> listener(new VerifyListener(std::move(options)));
  if (auto opened = listener->open_tls(); !opened) return tl::make_unexpected(std::move(opened.error()));
  if (auto opened = listener->open_loops(); !opened) return tl::make_unexpected(std::move(opened.error()));
  if (auto opened = listener->open_sockets(); !opened) return tl::make_unexpected(std::move(opened.error()));
  return listener;
}

VerifyListener::VerifyListener(VerifyListenerOptions options) : options_(std::move(options)) {
  state_.limits = options_.listen;
  state_.total.metrics = options_.metrics;
}

VerifyListener::~VerifyListener() { stop(); }

base::Result<void> VerifyListener::open_tls() {
  if (!options_.listen.tls) return {};
  auto tls = TlsServer::open(*options_.listen.tls);
  if (!tls) return base::fail(tls.error().code, "listen.tls: " + tls.error().text);
  tls_ = std::move(*tls);
  state_.tls = tls_.get();
  return {};
}

base::Result<bool> VerifyListener::renew_certificate() {
  if (tls_ == nullptr) return false;
  return tls_->renew();
}

base::Result<void> VerifyListener::open_loops() {
  const unsigned count = loop_count(options_.listen);
  for (unsigned i = 0; i < count; ++i) {
    auto loop = EventLoop::open();
    if (!loop) return tl::make_unexpected(std::move(loop.error()));
    loops_.push_back(std::make_unique<VerifyLoop>(state_, std::move(*loop), options_.make_worker(i)));
  }
  return {};
}

base::Result<void> VerifyListener::open_sockets() {
  for (const settings::Address& address : options_.listen.verify) {
    if (auto listening = listen_at(address); !listening) return listening;
  }
  return {};
}

base::Result<void> VerifyListener::listen_at(const settings::Address& address) {
  if (auto passed = take_bound_to(options_.passed, address)) return listen_shared(std::move(*passed));
  return address.is_unix ? listen_unix(address) : listen_tcp(address);
}

base::Result<void> VerifyListener::listen_tcp(const settings::Address& address) {
  auto sockets = open_tcp(address, loops_.size());
  if (!sockets) return tl::make_unexpected(std::move(sockets.error()));
  addresses_.push_back(bound_address(sockets->front().fd.get()));
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    if (auto listening = loops_[i]->listen_on((*sockets)[i], false); !listening) return listening;
    sockets_.push_back(std::move((*sockets)[i]));
  }
  return {};
}

base::Result<void> VerifyListener::listen_unix(const settings::Address& address) {
  auto file = open_socket_file({address.path, {options_.socket_group}});
  if (!file) return tl::make_unexpected(std::move(file.error()));
  ListeningSocket socket{std::move(file->fd), false};
  socket_files_.push_back(std::move(*file));
  return listen_shared(std::move(socket));
}

base::Result<void> VerifyListener::listen_shared(ListeningSocket socket) {
  addresses_.push_back(bound_address(socket.fd.get()));
  for (const auto& loop : loops_) {
    if (auto listening = loop->listen_on(socket, true); !listening) return listening;
  }
  sockets_.push_back(std::move(socket));
  return {};
}

void VerifyListener::start() {
  for (const auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
}

bool VerifyListener::drain(base::SteadyTime deadline) {
  remove_socket_files();
  for (const auto& loop : loops_) loop->drain();
  const auto wait_until = [deadline](auto&& is_reached) {
    while (!is_reached() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(kDrainLook);
    return is_reached();
  };
  const bool is_shut =
      wait_until([this] { return state_.closed_doors.load(std::memory_order_acquire) == loops_.size(); });
  // Clients that come now are to be refused, not to wait in a queue that nobody empties.
  if (is_shut) sockets_.clear();
  return is_shut && wait_until([this] { return connections() == 0; });
}

void VerifyListener::stop() {
  for (const auto& loop : loops_) loop->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  remove_socket_files();
  sockets_.clear();
}

std::vector<base::SteadyTime> VerifyListener::heartbeats() const {
  std::vector<base::SteadyTime> beats;
  beats.reserve(loops_.size());
  for (const auto& loop : loops_) beats.push_back(loop->heartbeat());
  return beats;
}

std::vector<settings::Address> VerifyListener::addresses() const { return addresses_; }

std::vector<std::string> VerifyListener::closed_to_group() const {
  std::vector<std::string> paths;
  for (const SocketFile& file : socket_files_) {
    if (!file.unknown_groups.empty()) paths.push_back(file.path);
  }
  return paths;
}

void VerifyListener::remove_socket_files() noexcept {
  for (const SocketFile& file : socket_files_) file.remove();
  socket_files_.clear();
}

}  // namespace bearerd::http
