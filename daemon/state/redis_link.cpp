#include "state/redis_link.hpp"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Redis/Command.h>
#include <Poco/Timespan.h>

#include <chrono>
#include <string_view>

namespace bearerd::state {
namespace {

Poco::Net::SocketAddress socket_address(const std::string& address) {
  constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) {
    return {Poco::Net::SocketAddress::UNIX_LOCAL, address.substr(kUnix.size())};
  }
  return Poco::Net::SocketAddress(address);
}

}  // namespace

std::unique_ptr<Poco::Redis::Client> RedisLink::connect() const {
  const Poco::Timespan deadline(std::chrono::microseconds(settings_.deadline).count());
  auto client = std::make_unique<Poco::Redis::Client>();
  client->connect(socket_address(settings_.address), deadline);
  client->setReceiveTimeout(deadline);
  if (settings_.password.empty()) return client;
  Poco::Redis::Command command("AUTH");
  if (!settings_.user.empty()) command << settings_.user;
  command << std::string(settings_.password.as_text());
  static_cast<void>(client->execute<std::string>(command));
  return client;
}

tl::unexpected<base::Error> RedisLink::failure(const std::string& text) const {
  return base::fail(base::ErrorCode::kUnavailable, "redis at " + settings_.address + " does not answer: " + text);
}

std::string text_of(const Poco::Redis::BulkString& text) { return text.isNull() ? std::string() : text.value(); }

}  // namespace bearerd::state
