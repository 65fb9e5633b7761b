#include "observe/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

#include "observe/metric_families.hpp"
#include "observe/process_metrics.hpp"
#include "observe/provider_series.hpp"

namespace bearerd::observe {
namespace {

// The providers' series. Outlives Metrics while somebody holds one of them.
class ProviderRegistry : public std::enable_shared_from_this<ProviderRegistry> {
 public:
  std::shared_ptr<ProviderMetrics> get(std::string_view name) {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_.try_emplace(std::string(name)).first->second;
    if (auto held = entry.handle.lock()) return held;
    if (!entry.series) entry.series = std::make_unique<ProviderSeries>(families, name);
    std::shared_ptr<ProviderMetrics> handle(
        entry.series.get(),
        [registry = shared_from_this(), key = std::string(name)](ProviderMetrics*) { registry->release(key); });
    entry.handle = handle;
    ++entry.handles;
    return handle;
  }

  MetricFamilies families;

 private:
  struct Entry {
    std::unique_ptr<ProviderSeries> series;
    std::weak_ptr<ProviderMetrics> handle;  // the newest
    std::size_t handles = 0;                // made and not yet released
  };

  // A handle's last holder let go. If somebody asked for the same name in between, the series live on in new hands.
  // Counted under the lock, because an expired weak_ptr does not order what its last holder did before the deletion.
  void release(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(name);
    if (found != entries_.end() && --found->second.handles == 0) entries_.erase(found);
  }

  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

// With its labels, each counter that has counted.
template <class Visit>
void for_each_count(const prometheus::Family<prometheus::Counter>& counters, const Visit& visit) {
  for (const prometheus::MetricFamily& family : counters.Collect()) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      std::map<std::string, std::string> labels;
      for (const auto& label : metric.label) labels.emplace(label.name, label.value);
      if (metric.counter.value > 0) visit(labels, static_cast<std::uint64_t>(metric.counter.value));
    }
  }
}

constexpr std::array<std::string_view, 2> kConfigKinds{"static", "dynamic"};
constexpr std::array<std::string_view, 3> kListeners{"verify", "metrics", "admin"};

constexpr std::array<std::string_view, 3> kUsageKinds{"tokens", "requests", "cost"};

struct ConfigSeries {
  prometheus::Counter *success = nullptr, *failure = nullptr;
  prometheus::Gauge *is_successful = nullptr, *last_success = nullptr, *generation = nullptr;
};

ConfigSeries bind_config(MetricFamilies& families, std::string_view kind) {
  const prometheus::Labels labels{{"kind", std::string(kind)}};
  const auto with_result = [&labels](std::string_view result) {
    prometheus::Labels all = labels;
    all.emplace("result", result);
    return all;
  };
  return {&families.config_reloads.Add(with_result("success")), &families.config_reloads.Add(with_result("failure")),
          &families.config_last_reload_successful.Add(labels), &families.config_last_reload_success.Add(labels),
          &families.config_generation.Add(labels)};
}

// The library keeps series in hash order; a scrape that can be compared with the one before is kinder to people.
void append_sorted(std::vector<prometheus::MetricFamily>& all, std::vector<prometheus::MetricFamily> collected) {
  for (prometheus::MetricFamily& family : collected) {
    if (family.metric.empty()) continue;
    std::ranges::sort(family.metric, [](const prometheus::ClientMetric& a, const prometheus::ClientMetric& b) {
      return std::ranges::lexicographical_compare(a.label, b.label, [](const auto& x, const auto& y) {
        return std::tie(x.name, x.value) < std::tie(y.name, y.value);
      });
    });
    all.push_back(std::move(family));
  }
}

prometheus::MetricFamily single(const std::string& name, const std::string& help, prometheus::MetricType type,
                                double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  metric.gauge.value = value;
  return {name, help, type, {metric}};
}

}  // namespace

struct Metrics::State {
  State() : registry(std::make_shared<ProviderRegistry>()), families(registry->families) {
    cache_hits = &families.token_cache_hits.Add({});
    cache_misses = &families.token_cache_misses.Add({});
    cache_evictions = &families.token_cache_evictions.Add({});
    for (std::size_t i = 0; i < kConfigKinds.size(); ++i) config[i] = bind_config(families, kConfigKinds[i]);
    for (std::size_t i = 0; i < kUsageKinds.size(); ++i) {
      usage[i] = &families.usage_recorded.Add({{"kind", std::string(kUsageKinds[i])}});
    }
    state_written = &families.state_writes.Add({{"result", "success"}});
    state_lost = &families.state_writes.Add({{"result", "failure"}});
    state_degraded = &families.state_degraded.Add({});
    revocations = &families.revocations.Add({});
    revocations_unreadable = &families.revocations_unreadable.Add({});
    for (std::size_t i = 0; i < kListeners.size(); ++i) {
      connections[i] = &families.connections.Add({{"listener", std::string(kListeners[i])}});
    }
  }

  ConfigSeries& config_of(ConfigKind kind) { return config[kind == ConfigKind::kStatic ? 0 : 1]; }

  std::shared_ptr<ProviderRegistry> registry;
  MetricFamilies& families;
  prometheus::Counter *cache_hits = nullptr, *cache_misses = nullptr, *cache_evictions = nullptr;
  std::array<ConfigSeries, kConfigKinds.size()> config{};
  std::array<prometheus::Gauge*, kListeners.size()> connections{};
  std::array<prometheus::Counter*, kUsageKinds.size()> usage{};
  prometheus::Counter *state_written = nullptr, *state_lost = nullptr;
  prometheus::Gauge *state_degraded = nullptr, *revocations = nullptr, *revocations_unreadable = nullptr;

  std::mutex mutex;  // what follows
  std::function<double()> read_cache_entries, read_log_dropped, read_usage_counters;
  std::map<prometheus::Labels, prometheus::Gauge*> plugins;
  prometheus::Gauge* build = nullptr;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

std::shared_ptr<ProviderMetrics> Metrics::provider(std::string_view name) { return state_->registry->get(name); }

void Metrics::count_cache_hit() noexcept { state_->cache_hits->Increment(); }
void Metrics::count_cache_miss() noexcept { state_->cache_misses->Increment(); }
void Metrics::count_cache_eviction() noexcept { state_->cache_evictions->Increment(); }

void Metrics::set_cache_entries(std::function<double()> read) {
  const std::lock_guard lock(state_->mutex);
  state_->read_cache_entries = std::move(read);
}

void Metrics::set_log_dropped(std::function<double()> read) {
  const std::lock_guard lock(state_->mutex);
  state_->read_log_dropped = std::move(read);
}

void Metrics::count_reload(ConfigKind kind, bool is_successful, base::WallTime now) {
  ConfigSeries& series = state_->config_of(kind);
  (is_successful ? series.success : series.failure)->Increment();
  series.is_successful->Set(is_successful ? 1 : 0);
  if (is_successful) series.last_success->Set(std::chrono::duration<double>(now.time_since_epoch()).count());
}

void Metrics::set_generation(ConfigKind kind, std::uint64_t generation) {
  state_->config_of(kind).generation->Set(static_cast<double>(generation));
}

void Metrics::count_usage(UsageKind kind, double amount) noexcept {
  const auto index = static_cast<std::size_t>(kind) - 1;
  if (index < kUsageKinds.size()) state_->usage[index]->Increment(amount);
}

void Metrics::count_state_write(bool is_successful) noexcept {
  (is_successful ? state_->state_written : state_->state_lost)->Increment();
}

void Metrics::set_state_degraded(bool is_degraded) noexcept { state_->state_degraded->Set(is_degraded ? 1 : 0); }

void Metrics::set_revocations(std::size_t count, bool is_unreadable) noexcept {
  state_->revocations->Set(static_cast<double>(count));
  state_->revocations_unreadable->Set(is_unreadable ? 1 : 0);
}

void Metrics::set_usage_counters(std::function<double()> read) {
  const std::lock_guard lock(state_->mutex);
  state_->read_usage_counters = std::move(read);
}

void Metrics::add_connections(ListenerKind listener, int difference) noexcept {
  const auto index = static_cast<std::size_t>(listener) - 1;
  if (index < kListeners.size()) state_->connections[index]->Increment(difference);
}

void Metrics::set_plugin(std::string_view plugin, std::string_view version, std::string_view abi, bool is_loaded) {
  const prometheus::Labels labels{
      {"plugin", std::string(plugin)}, {"version", std::string(version)}, {"abi", std::string(abi)}};
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->plugins.find(labels);
  if (is_loaded && found == state_->plugins.end()) {
    state_->plugins.emplace(labels, &state_->families.plugin_info.Add(labels, 1.0));
  } else if (!is_loaded && found != state_->plugins.end()) {
    state_->families.plugin_info.Remove(found->second);
    state_->plugins.erase(found);
  }
}

void Metrics::set_build(std::string_view version, std::string_view revision) {
  const std::lock_guard lock(state_->mutex);
  if (state_->build != nullptr) state_->families.build_info.Remove(state_->build);
  state_->build =
      &state_->families.build_info.Add({{"version", std::string(version)}, {"revision", std::string(revision)}}, 1.0);
}

std::map<std::string, std::uint64_t> Metrics::decisions_by_reason() const {
  std::map<std::string, std::uint64_t> counts;
  for_each_count(state_->families.verify_requests,
                 [&](const auto& labels, std::uint64_t count) { counts[labels.at("reason")] += count; });
  return counts;
}

std::map<std::string, std::uint64_t> Metrics::allows_by_provider() const {
  std::map<std::string, std::uint64_t> counts;
  for_each_count(state_->families.verify_requests, [&](const auto& labels, std::uint64_t count) {
    if (labels.at("decision") == base::name(base::DecisionKind::kAllow)) counts[labels.at("provider")] += count;
  });
  return counts;
}

std::string Metrics::expose() const {
  std::vector<prometheus::MetricFamily> all;
  state_->families.for_each([&all](const auto& family) { append_sorted(all, family.Collect()); });
  {
    const std::lock_guard lock(state_->mutex);
    using enum prometheus::MetricType;
    if (state_->read_cache_entries) {
      all.push_back(single("bearerd_token_cache_entries", "Tokens that are remembered as verified.", Gauge,
                           state_->read_cache_entries()));
    }
    if (state_->read_usage_counters) {
      all.push_back(single("bearerd_usage_counters", "Callers and deployments that usage is counted for.", Gauge,
                           state_->read_usage_counters()));
    }
    if (state_->read_log_dropped) {
      all.push_back(single("bearerd_log_dropped_total",
                           "Log lines that were dropped because nobody took them fast enough.", Counter,
                           state_->read_log_dropped()));
    }
  }
  append_sorted(all, process_metrics());
  std::ranges::sort(all, {}, &prometheus::MetricFamily::name);
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, all);
  return std::move(text).str();
}

}  // namespace bearerd::observe
