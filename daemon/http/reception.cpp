#include "http/reception.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

namespace bearerd::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

enum : std::size_t { kStop, kListener, kFirstSilent };

// Out of descriptors, mostly: trying again at once would only burn the processor.
constexpr milliseconds kRest{50};

}  // namespace

Reception::Reception(const Poco::Net::ServerSocket& listener, Options options, Receive receive)
    : listener_(listener), options_(options), receive_(std::move(receive)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  if (stop_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  // Who has gone between the poll and the accept must not make us wait for the next.
  ::fcntl(listener_.impl()->sockfd(), F_SETFL, ::fcntl(listener_.impl()->sockfd(), F_GETFL) | O_NONBLOCK);
  thread_ = std::thread([this] { run(); });
}

Reception::~Reception() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
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
  std::vector<pollfd> waiting = waits();
  ::poll(waiting.data(), waiting.size(), milliseconds_to_wait());
  is_stopping_ = waiting[kStop].revents != 0;
  hand_on(waiting);
  drop_overdue();
  if (waiting[kListener].revents != 0) accept();
}

std::vector<pollfd> Reception::waits() const {
  std::vector<pollfd> all{{stop_.get(), POLLIN, 0}, {listener_.impl()->sockfd(), POLLIN, 0}};
  for (const Silent& silent : silent_) all.push_back({silent.socket.impl()->sockfd(), POLLIN, 0});
  return all;
}

int Reception::milliseconds_to_wait() const {
  if (silent_.empty()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(silent_.front().end - steady_clock::now());
  return static_cast<int>(std::max(left, milliseconds(0)).count());
}

void Reception::hand_on(const std::vector<pollfd>& waits) {
  const auto waiting = std::exchange(silent_, {});
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waits[kFirstSilent + i].revents == 0) {
      silent_.push_back(waiting[i]);
    } else {
      receive_(waiting[i].socket);
    }
  }
}

void Reception::drop_overdue() {
  const auto now = steady_clock::now();
  while (!silent_.empty() && silent_.front().end <= now) silent_.pop_front();
}

void Reception::accept() {
  silent_.push_back({listener_.acceptConnection(), steady_clock::now() + options_.patience});
  if (silent_.size() > options_.most_silent) silent_.pop_front();
}

}  // namespace bearerd::http
