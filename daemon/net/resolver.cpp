#include "net/resolver.hpp"

#include <netdb.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace bearerd::net {
namespace {

using base::ErrorCode;
using Addresses = base::Result<std::vector<Address>>;

constexpr unsigned kMostPerName = 2;

// Look-ups that have not returned, by name. Never destroyed: an abandoned thread may outlive main().
struct UnderWay {
  std::mutex mutex;
  std::map<std::string, unsigned> count_by_name;

  static UnderWay& instance() {
    static UnderWay* const the_one = new UnderWay;
    return *the_one;
  }
  bool enter(const std::string& name) {
    const std::lock_guard lock(mutex);
    unsigned& count = count_by_name[name];
    if (count >= kMostPerName) return false;
    ++count;
    return true;
  }
  void leave(const std::string& name) {
    const std::lock_guard lock(mutex);
    const auto it = count_by_name.find(name);
    if (--it->second == 0) count_by_name.erase(it);
  }
};

// Shared by who asks and the thread that waits for the system; the last one frees it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable is_done;
  std::optional<Addresses> answer;
};

Addresses ask_system(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return base::fail(ErrorCode::kUnavailable, "cannot resolve " + host + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (const auto address = Address::from_system(entry->ai_addr, entry->ai_addrlen, port))
      addresses.push_back(*address);
  }
  if (addresses.empty()) return base::fail(ErrorCode::kUnavailable, "cannot resolve " + host + ": no address");
  return addresses;
}

void run_lookup(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port) {
  Addresses answer = ask_system(host, port);
  UnderWay::instance().leave(host);
  const std::lock_guard lock(lookup->mutex);
  lookup->answer = std::move(answer);
  lookup->is_done.notify_all();
}

}  // namespace

Addresses SystemResolver::resolve(const std::string& host, std::uint16_t port, base::SteadyTime deadline) {
  if (const auto literal = Address::from_literal(host, port)) return std::vector<Address>{*literal};
  if (!UnderWay::instance().enter(host))
    return base::fail(ErrorCode::kTimeout, "cannot resolve " + host + ": earlier look-ups still hang");
  const auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([lookup, host, port] { run_lookup(lookup, host, port); }).detach();
  } catch (const std::system_error&) {
    UnderWay::instance().leave(host);
    return base::fail(ErrorCode::kInternal, "cannot resolve " + host + ": no thread to be had");
  }
  std::unique_lock lock(lookup->mutex);
  if (!lookup->is_done.wait_until(lock, deadline, [&] { return lookup->answer.has_value(); })) {
    return base::fail(ErrorCode::kTimeout, "cannot resolve " + host + ": no answer within the deadline");
  }
  return std::move(*lookup->answer);
}

}  // namespace bearerd::net
