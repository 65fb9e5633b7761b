#include "state/redis_connection.hpp"

#include <Poco/Redis/Array.h>
#include <Poco/Redis/Client.h>
#include <Poco/Redis/Command.h>

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "state/recent_keys.hpp"
#include "state/redis_link.hpp"
#include "state/redis_script.hpp"

namespace bearerd::state {
namespace {

namespace redis = Poco::Redis;

constexpr std::string_view kPrefix = "bearerd:usage:{";
constexpr std::string_view kScanCount = "1000";
constexpr std::size_t kMaxCallers = 10'000'000;

// The braces keep all that belongs to a caller on one node of a cluster.
std::string counters_name(const CallerId& caller) { return std::string(kPrefix) + to_text(caller) + "}"; }
std::string repeat_name(const RedisCall& call) {
  return counters_name(call.key.caller) + ":" + std::to_string(short_digest(call.idempotency_key));
}

redis::Command command_of(const RedisCall& call, const std::string& digest) {
  redis::Command command("EVALSHA");
  command << digest << "2" << counters_name(call.key.caller) << repeat_name(call) << std::to_string(call.now)
          << std::to_string(call.key.deployment) << std::to_string(call.requests) << std::to_string(call.tokens)
          << std::to_string(call.nanodollars)
          << (call.idempotency_key.empty() ? std::string("0") : std::to_string(kRememberedSeconds));
  for (const std::int64_t limit : call.limits.most) {
    command << (limit == Limits::kUnlimited ? std::string() : std::to_string(limit));
  }
  return command;
}

std::vector<UsageEntry> entries_of(const redis::BulkString& bytes) {
  auto entries = parse_entries(bytes.isNull() ? std::string_view() : std::string_view(bytes.value()));
  if (!entries) throw std::runtime_error("it keeps something that is no counter under our name");
  return std::move(*entries);
}

RedisReply reply_of(const redis::Array& reply) {
  RedisReply out;
  out.outcome = static_cast<RedisReply::Outcome>(reply.get<Poco::Int64>(0));
  if (out.outcome < RedisReply::Outcome::kCounted || out.outcome > RedisReply::Outcome::kRepeated)
    throw std::runtime_error("its answer makes no sense");
  out.usage = entries_of(reply.get<redis::BulkString>(1));
  out.cost = entries_of(reply.get<redis::BulkString>(2));
  out.was_damaged = reply.get<Poco::Int64>(3) != 0;
  return out;
}

}  // namespace

struct RedisConnection::Link {
  RedisLink link;
  std::string digest;  // of the script
};

RedisConnection::RedisConnection(settings::Redis settings)
    : link_(std::make_unique<Link>(Link{RedisLink(std::move(settings)), {}})) {}
RedisConnection::~RedisConnection() = default;

template <class T, class Work>
base::Result<T> RedisConnection::with_link(Work work) {
  const auto greet = [this](redis::Client& client) {
    redis::Command load("SCRIPT");
    load << "LOAD" << std::string(kCountScript);
    link_->digest = text_of(client.execute<redis::BulkString>(load));
  };
  return link_->link.with<T>(greet, std::move(work));
}

base::Result<std::vector<RedisReply>> RedisConnection::count(std::span<const RedisCall> calls) {
  return with_link<std::vector<RedisReply>>([&](redis::Client& client) {
    for (const RedisCall& call : calls) client.execute<void>(command_of(call, link_->digest));
    client.flush();
    std::vector<RedisReply> replies;
    replies.reserve(calls.size());
    for (std::size_t i = 0; i < calls.size(); ++i) {
      redis::Array reply;
      client.readReply(reply);
      replies.push_back(reply_of(reply));
    }
    return replies;
  });
}

base::Result<void> RedisConnection::ping() {
  return with_link<void>([&](redis::Client& client) -> base::Result<void> {
    static_cast<void>(client.execute<std::string>(redis::Command("PING")));
    return {};
  });
}

base::Result<std::vector<CallerId>> RedisConnection::callers() {
  return with_link<std::vector<CallerId>>([&](redis::Client& client) {
    std::vector<CallerId> callers;
    std::string cursor = "0";
    do {
      redis::Command command("SCAN");
      command << cursor << "MATCH" << std::string(kPrefix) + "*}" << "COUNT" << std::string(kScanCount);
      const auto reply = client.execute<redis::Array>(command);
      cursor = text_of(reply.get<redis::BulkString>(0));
      const auto names = reply.get<redis::Array>(1);
      for (std::size_t i = 0; !names.isNull() && i < names.size(); ++i) {
        const std::string name = text_of(names.get<redis::BulkString>(i));
        if (name.size() <= kPrefix.size() + 1) continue;
        const auto caller =
            parse_caller(std::string_view(name).substr(kPrefix.size(), name.size() - kPrefix.size() - 1));
        if (caller) callers.push_back(*caller);
      }
    } while (cursor != "0" && callers.size() < kMaxCallers);
    // SCAN may name one twice.
    std::ranges::sort(callers);
    callers.erase(std::unique(callers.begin(), callers.end()), callers.end());
    return callers;
  });
}

base::Result<CallerUsage> RedisConnection::usage_of(const CallerId& caller) {
  return with_link<CallerUsage>([&](redis::Client& client) {
    CallerUsage usage;
    usage.caller = caller;
    redis::Command type("TYPE"), all("HGETALL");
    type << counters_name(caller);
    // What is no counter is repaired, and told, when its caller asks the next time.
    if (client.execute<std::string>(type) != "hash") return usage;
    all << counters_name(caller);
    const auto reply = client.execute<redis::Array>(all);
    for (std::size_t i = 0; !reply.isNull() && i + 1 < reply.size(); i += 2) {
      const auto deployment = base::parse_decimal(text_of(reply.get<redis::BulkString>(i)));
      auto entries = parse_entries(text_of(reply.get<redis::BulkString>(i + 1)));
      if (deployment && entries) usage.counters.push_back({*deployment, std::move(*entries), std::nullopt});
    }
    return usage;
  });
}

}  // namespace bearerd::state
