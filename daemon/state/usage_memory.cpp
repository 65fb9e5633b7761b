#include "state/usage_memory.hpp"

#include <algorithm>
#include <string_view>

namespace bearerd::state {
namespace {

UsageEntry entry_at(std::int64_t now) {
  UsageEntry entry;
  entry.second = static_cast<std::uint32_t>(std::clamp<std::int64_t>(now, 0, 0xFFFF'FFFF));
  return entry;
}

}  // namespace

std::size_t UsageMemory::LimitsHash::operator()(const Limits& limits) const noexcept {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(limits.most.data()), sizeof limits.most});
}

UsageMemory::Counter* UsageMemory::Caller::find(std::uint64_t deployment) noexcept {
  const auto found = std::ranges::find(counters, deployment, &Counter::deployment);
  return found == counters.end() ? nullptr : &*found;
}

UsageMemory::Counter& UsageMemory::Shard::get(Caller& caller, std::uint64_t deployment) {
  if (Counter* const found = caller.find(deployment)) return *found;
  // One more, not twice as many: most callers use few deployments.
  caller.counters.reserve(caller.counters.size() + 1);
  Counter& counter = caller.counters.emplace_back();
  counter.deployment = deployment;
  ++count;
  return counter;
}

void UsageMemory::Shard::change(const CallerId& caller, Counter& counter) {
  if (counter.is_changed) return;
  changed.push_back({caller, counter.deployment});
  counter.is_changed = true;
}

UsageMemory::SharedLimits UsageMemory::share(const Limits& limits) {
  const std::lock_guard lock(limits_mutex_);
  const auto found = limits_.find(limits);
  return found != limits_.end() ? *found : *limits_.insert(std::make_shared<const Limits>(limits)).first;
}

Standing UsageMemory::Shard::look(const LimitQuestion& question) {
  const auto found = callers.find(question.key.caller);
  const auto entries = [&](std::uint64_t deployment) {
    const Counter* const counter = found != callers.end() ? found->second.find(deployment) : nullptr;
    return counter != nullptr ? counter->series.entries() : std::span<const UsageEntry>();
  };
  return stand(entries(question.key.deployment), entries(kCostOfCaller), question.limits, question.now);
}

Standing UsageMemory::check(const LimitQuestion& question) {
  Shard& shard = shard_of(question.key.caller);
  const std::lock_guard lock(shard.mutex);
  if (!question.counts) return shard.look(question);
  Caller& caller = shard.callers[question.key.caller];
  Counter& counter = shard.get(caller, question.key.deployment);
  if (counter.limits == nullptr || *counter.limits != question.limits) counter.limits = share(question.limits);
  const Counter* const cost = caller.find(kCostOfCaller);
  const std::span<const UsageEntry> spent = cost != nullptr ? cost->series.entries() : std::span<const UsageEntry>();
  Standing standing = stand(counter.series.entries(), spent, question.limits, question.now);
  if (standing.reached) return standing;
  UsageEntry entry = entry_at(question.now);
  entry.requests = 1;
  counter.series.add(entry, question.now);
  shard.change(question.key.caller, counter);
  count_request(standing, question.now);
  return standing;
}

void UsageMemory::record(const UsageReport& report) {
  Shard& shard = shard_of(report.key.caller);
  const std::lock_guard lock(shard.mutex);
  Caller& caller = shard.callers[report.key.caller];
  const auto count = [&](std::uint64_t deployment, std::uint64_t amount) {
    if (amount == 0) return;
    UsageEntry entry = entry_at(report.now);
    entry.amount = amount;
    Counter& counter = shard.get(caller, deployment);
    counter.series.add(entry, report.now);
    shard.change(report.key.caller, counter);
  };
  count(report.key.deployment, report.tokens);
  count(kCostOfCaller, report.nanodollars);
}

void UsageMemory::restore(const UsageRow& row, std::int64_t now) {
  Shard& shard = shard_of(row.key.caller);
  const std::lock_guard lock(shard.mutex);
  Counter& counter = shard.get(shard.callers[row.key.caller], row.key.deployment);
  const bool is_merged = !counter.series.entries().empty();
  for (const UsageEntry& entry : row.entries) counter.series.add(entry, now);
  if (is_merged) shard.change(row.key.caller, counter);
}

void UsageMemory::mirror(const UsageKey& key, std::span<const UsageEntry> usage, std::span<const UsageEntry> cost,
                         const Limits* limits, std::int64_t now) {
  Shard& shard = shard_of(key.caller);
  const std::lock_guard lock(shard.mutex);
  Caller& caller = shard.callers[key.caller];
  const auto replace = [&](std::uint64_t deployment, std::span<const UsageEntry> entries) -> Counter& {
    Counter& counter = shard.get(caller, deployment);
    counter.series.replace(entries);
    counter.series.coarsen(now);
    return counter;
  };
  Counter& counter = replace(key.deployment, usage);
  if (limits != nullptr && (counter.limits == nullptr || *counter.limits != *limits)) counter.limits = share(*limits);
  if (!cost.empty()) replace(kCostOfCaller, cost);
}

void UsageMemory::add_limits(CallerUsage& usage) {
  Shard& shard = shard_of(usage.caller);
  const std::lock_guard lock(shard.mutex);
  const auto caller = shard.callers.find(usage.caller);
  if (caller == shard.callers.end()) return;
  for (CallerUsage::Counter& counter : usage.counters) {
    const Counter* const known = caller->second.find(counter.deployment);
    if (known != nullptr && known->limits != nullptr) counter.limits = *known->limits;
  }
}

std::optional<UsageRow> UsageMemory::Shard::take(const UsageKey& key) {
  const auto caller = callers.find(key.caller);
  if (caller == callers.end()) return std::nullopt;
  Counter* const counter = caller->second.find(key.deployment);
  if (counter == nullptr) return std::nullopt;
  counter->is_changed = false;
  const auto entries = counter->series.entries();
  return UsageRow{key, {entries.begin(), entries.end()}};
}

std::vector<UsageRow> UsageMemory::take_changed(std::size_t max_rows) {
  constexpr int kAtOnce = 16;  // under one lock: an event loop may wait for it
  std::vector<UsageRow> rows;
  for (Shard& shard : shards_) {
    bool has_more = true;
    while (has_more && rows.size() < max_rows) {
      const std::lock_guard lock(shard.mutex);
      for (int i = 0; i < kAtOnce && !shard.changed.empty(); ++i) {
        if (auto row = shard.take(shard.changed.back())) rows.push_back(std::move(*row));
        shard.changed.pop_back();
      }
      has_more = !shard.changed.empty();
    }
  }
  return rows;
}

void UsageMemory::give_back(std::span<const UsageRow> rows) {
  for (const UsageRow& row : rows) {
    Shard& shard = shard_of(row.key.caller);
    const std::lock_guard lock(shard.mutex);
    const auto caller = shard.callers.find(row.key.caller);
    if (caller == shard.callers.end()) continue;
    if (Counter* const counter = caller->second.find(row.key.deployment)) shard.change(row.key.caller, *counter);
  }
}

void UsageMemory::mark_all_changed() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto& [id, caller] : shard.callers) {
      for (Counter& counter : caller.counters) shard.change(id, counter);
    }
  }
}

void UsageMemory::append_callers(Shard& shard, const PageWish& wish, std::vector<CallerUsage>& out) {
  const std::lock_guard lock(shard.mutex);
  std::vector<CallerId> ids;
  if (wish.only) {
    ids.push_back(*wish.only);
  } else {
    for (const auto& [id, caller] : shard.callers) {
      if (!wish.after || id > *wish.after) ids.push_back(id);
    }
    std::ranges::sort(ids);
  }
  for (const CallerId& id : ids) {
    const auto found = shard.callers.find(id);
    if (found == shard.callers.end()) continue;
    if (out.size() > wish.max_callers) return;
    CallerUsage& usage = out.emplace_back();
    usage.caller = id;
    for (const Counter& counter : found->second.counters) {
      const auto entries = counter.series.entries();
      usage.counters.push_back({counter.deployment,
                                {entries.begin(), entries.end()},
                                counter.limits != nullptr ? std::optional(*counter.limits) : std::nullopt});
    }
  }
}

UsagePage UsageMemory::list(const PageWish& wish) {
  UsagePage page;
  const std::optional<CallerId>& from = wish.only ? wish.only : wish.after;
  const std::size_t first = from ? from->bytes[0] : 0;
  const std::size_t last = wish.only ? first : kShards - 1;
  // One more than wanted tells that there is more.
  for (std::size_t i = first; i <= last && page.callers.size() <= wish.max_callers; ++i) {
    append_callers(shards_[i], wish, page.callers);
  }
  page.has_more = page.callers.size() > wish.max_callers;
  if (page.has_more) page.callers.resize(wish.max_callers);
  return page;
}

void UsageMemory::sweep(std::int64_t now) {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (auto& [id, caller] : shard.callers) {
      shard.count -=
          std::erase_if(caller.counters, [now](const Counter& counter) { return counter.series.is_over(now); });
    }
    std::erase_if(shard.callers, [](const auto& entry) { return entry.second.counters.empty(); });
  }
  const std::lock_guard lock(limits_mutex_);
  std::erase_if(limits_, [](const SharedLimits& limits) { return limits.use_count() == 1; });
}

std::size_t UsageMemory::counters() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.count;
  }
  return count;
}

}  // namespace bearerd::state
