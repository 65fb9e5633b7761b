#include "state/redis_revocations.hpp"

#include <Poco/Redis/Array.h>
#include <Poco/Redis/Command.h>
#include <Poco/UUIDGenerator.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "state/state_key.hpp"
#include "state/usage_store.hpp"

namespace bearerd::state {
namespace {

namespace redis = Poco::Redis;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLookEvery = 1s;
constexpr std::size_t kAtOnce = 500;  // of one command
constexpr Poco::Int64 kMaxFields = 400'000;
// Daemons whose clocks differ must not keep telling each other what one of them has forgotten.
constexpr std::int64_t kForgetAfter = 2 * 24 * 60 * 60;

// The braces keep it on one node of a cluster.
constexpr std::string_view kName = "bearerd:{revocations}";
constexpr std::string_view kVersion = "version";
// Under other state keys callers have other names, so nothing that is shared would look damaged. Each daemon says which
// key it has: a hash, mark of the key → when, by Redis' own clock.
constexpr std::string_view kKeysName = "bearerd:{revocations}:keys";
constexpr std::uint64_t kHereFor = 15;  // seconds
constexpr Poco::Int64 kMaxKeys = 1000;

redis::Command on_hash(const char* verb, std::string_view name = kName) {
  redis::Command command(verb);
  command << std::string(name);
  return command;
}

std::string mark_of(const base::Secret& key) {
  constexpr std::string_view kPurpose = "mark of the state key";
  return to_text(keyed_handle(key, std::span(&kPurpose, 1)));
}

std::uint64_t second_of(const redis::BulkString& text) { return base::parse_decimal(text_of(text)).value_or(0); }

std::string new_version() { return Poco::UUIDGenerator::defaultGenerator().createRandom().toString(); }

}  // namespace

RedisRevocations::RedisRevocations(RedisRevocationsOptions options, RevocationStore& store)
    : options_(std::move(options)),
      key_mark_(mark_of(options_.key)),
      store_(store),
      link_(options_.redis),
      end_link_(options_.redis) {
  store_.share_with(this);
  look();
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

RedisRevocations::~RedisRevocations() { store_.share_with(nullptr); }

void RedisRevocations::announce() {
  {
    const std::lock_guard lock(wake_mutex_);
    is_announced_ = true;
  }
  wake_.notify_one();
}

base::Result<void> RedisRevocations::end(const SharedRevocation& ended) {
  const std::lock_guard lock(end_mutex_);
  return write(end_link_, std::span(&ended, 1));
}

void RedisRevocations::run(const std::stop_token& stop) {
  for (wait(stop); !stop.stop_requested(); wait(stop)) look();
}

void RedisRevocations::look() {
  std::string fault;
  try {
    if (const auto done = synchronize(); !done) fault = done.error().text;
  } catch (const std::exception& error) {  // a thread's top
    fault = error.what();
  }
  store_.set_share_fault(
      fault.empty() ? fault
                    : "revocations are not shared with all daemons at present, those known stay in force: " + fault);
}

void RedisRevocations::wait(const std::stop_token& stop) {
  std::unique_lock lock(wake_mutex_);
  wake_.wait_for(lock, stop, kLookEvery, [this] { return is_announced_; });
  is_announced_ = false;
}

base::Result<void> RedisRevocations::synchronize() {
  const auto version = read_version();
  if (!version) return tl::make_unexpected(version.error());
  if (*version != seen_version_ || store_.has_unshared()) {
    seen_version_.reset();
    if (auto taken = take_in(*version); !taken) return taken;
  }
  // Last: a Redis that takes no writes still tells what is revoked.
  const auto other_keys = count_other_keys();
  if (!other_keys) return tl::make_unexpected(other_keys.error());
  if (*other_keys > 0) {
    return base::fail(base::ErrorCode::kInvalid, "another daemon at " + options_.redis.address +
                                                     " has another state.keyFile, so neither limits nor revocations "
                                                     "are shared with it: give all daemons the same one");
  }
  if (damaged_ == 0) return {};
  return base::fail(base::ErrorCode::kInvalid,
                    std::to_string(damaged_) + " of those in " + options_.redis.address +
                        " are damaged, or were written under another state.keyFile: give all daemons the same one");
}

base::Result<void> RedisRevocations::take_in(const std::string& version) {
  const auto shared = read();
  if (!shared) return tl::make_unexpected(shared.error());
  damaged_ = shared->damaged;
  const auto merged = store_.merge(shared->revocations, damaged_ == 0);
  std::vector<SharedRevocation> news;
  news.reserve(merged.lacking.size());
  for (const RevocationEntry& entry : merged.lacking) news.push_back({entry, false});
  if (auto written = write(link_, news); !written) return written;
  store_.were_shared(merged.lacking);
  if (auto forgotten = forget(shared->forgettable); !forgotten) return forgotten;
  if (!merged.fault.empty()) return base::fail(base::ErrorCode::kUnavailable, merged.fault);
  // What was just written has another version: the next look sees that nothing is lacking.
  if (news.empty()) seen_version_ = version;
  return {};
}

base::Result<std::size_t> RedisRevocations::count_other_keys() {
  return link_.with<std::size_t>([this](redis::Client& client) {
    const std::uint64_t now = second_of(client.execute<redis::Array>(redis::Command("TIME")).get<redis::BulkString>(0));
    auto say = on_hash("HSET", kKeysName);
    say << key_mark_ << std::to_string(now);
    static_cast<void>(client.execute<Poco::Int64>(say));
    if (client.execute<Poco::Int64>(on_hash("HLEN", kKeysName)) > kMaxKeys) {
      static_cast<void>(client.execute<Poco::Int64>(on_hash("DEL", kKeysName)));
      throw std::runtime_error("it holds too many marks of state keys; they are removed");
    }
    const auto reply = client.execute<redis::Array>(on_hash("HGETALL", kKeysName));
    std::size_t others = 0;
    for (std::size_t i = 0; !reply.isNull() && i + 1 < reply.size(); i += 2) {
      const bool is_here = second_of(reply.get<redis::BulkString>(i + 1)) + kHereFor >= now;
      if (is_here && text_of(reply.get<redis::BulkString>(i)) != key_mark_) ++others;
    }
    return others;
  });
}

base::Result<std::string> RedisRevocations::read_version() {
  return link_.with<std::string>([](redis::Client& client) {
    auto command = on_hash("HGET");
    command << std::string(kVersion);
    return text_of(client.execute<redis::BulkString>(command));
  });
}

base::Result<RedisRevocations::Shared> RedisRevocations::read() {
  return link_.with<Shared>([this](redis::Client& client) {
    if (client.execute<Poco::Int64>(on_hash("HLEN")) > kMaxFields)
      throw std::runtime_error("it holds too many revocations");
    auto command = on_hash("HGETALL");
    const auto reply = client.execute<redis::Array>(command);
    const std::int64_t forgotten = second_of(options_.clock->wall()) - kForgetAfter;
    Shared shared;
    for (std::size_t i = 0; !reply.isNull() && i + 1 < reply.size(); i += 2) {
      std::string mark = text_of(reply.get<redis::BulkString>(i));
      if (mark == kVersion) continue;
      const auto revocation = parse_shared(options_.key, mark, text_of(reply.get<redis::BulkString>(i + 1)));
      if (!revocation) {
        ++shared.damaged;
      } else if (has_ended(revocation->entry, forgotten)) {
        shared.forgettable.push_back(std::move(mark));
      } else {
        shared.revocations.push_back(*revocation);
      }
    }
    return shared;
  });
}

base::Result<void> RedisRevocations::write(RedisLink& link, std::span<const SharedRevocation> revocations) const {
  return link.with<void>([&](redis::Client& client) -> base::Result<void> {
    for (auto rest = revocations; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kAtOnce))) {
      auto command = on_hash("HSET");
      for (const SharedRevocation& each : rest.first(std::min(rest.size(), kAtOnce))) {
        command << to_text(each.entry.mark) << to_text(options_.key, each);
      }
      command << std::string(kVersion) << new_version();
      static_cast<void>(client.execute<Poco::Int64>(command));
    }
    return {};
  });
}

base::Result<void> RedisRevocations::forget(std::span<const std::string> marks) {
  return link_.with<void>([&](redis::Client& client) -> base::Result<void> {
    for (auto rest = marks; !rest.empty(); rest = rest.subspan(std::min(rest.size(), kAtOnce))) {
      auto command = on_hash("HDEL");
      for (const std::string& mark : rest.first(std::min(rest.size(), kAtOnce))) command << mark;
      static_cast<void>(client.execute<Poco::Int64>(command));
    }
    return {};
  });
}

}  // namespace bearerd::state
