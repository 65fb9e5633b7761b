// The series of one provider: bound when made, so that counting is an addition; removed from their families at the end.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <string>

#include "observe/metric_families.hpp"
#include "observe/metrics.hpp"

namespace bearerd::observe {

inline constexpr std::size_t kFetchResultCount = 6;
inline constexpr std::size_t kEndpointCount = 7;

[[nodiscard]] std::string_view name(FetchResult result) noexcept;

// Any thread; `families` outlives it. At most one per name at a time: two would share, and remove, the same series.
class ProviderSeries final : public ProviderMetrics {
 public:
  ProviderSeries(MetricFamilies& families, std::string_view name);
  ~ProviderSeries() override;
  ProviderSeries(const ProviderSeries&) = delete;
  ProviderSeries& operator=(const ProviderSeries&) = delete;

  void count_decision(base::Reason reason, std::chrono::nanoseconds duration) noexcept override;
  void count_signature(base::Algorithm algorithm) noexcept override;
  void count_jwks_fetch(FetchResult result) noexcept override;
  void count_suppressed_refetch() noexcept override;
  void count_request(Endpoint endpoint, FetchResult result, std::chrono::nanoseconds duration) noexcept override;
  void set_keys(std::size_t count, bool is_stale, base::WallTime last_success) noexcept override;
  void set_ready(bool is_ready, bool is_required) noexcept override;
  void set_unchecked(std::string_view check, bool is_unchecked) noexcept override;

 private:
  struct EndpointSeries {
    std::array<prometheus::Counter*, kFetchResultCount> results{};
    prometheus::Histogram* duration = nullptr;
  };
  struct KeySeries {
    prometheus::Gauge *count = nullptr, *is_stale = nullptr, *last_success = nullptr;
  };

  void bind_decisions();
  void bind_identity_provider();
  EndpointSeries& endpoint_series(std::size_t endpoint);
  [[nodiscard]] prometheus::Labels labels(std::string_view key = {}, std::string_view value = {}) const;

  MetricFamilies& families_;
  const std::string name_;
  std::array<prometheus::Counter*, base::kReasonCount> decisions_{};
  prometheus::Histogram* duration_ = nullptr;
  // Null for "none" and "api_key", which have no identity provider behind them.
  std::array<prometheus::Counter*, base::kAlgorithmCount> signatures_{};
  std::array<prometheus::Counter*, kFetchResultCount> jwks_fetches_{};
  prometheus::Counter* suppressed_ = nullptr;
  prometheus::Gauge *ready_ = nullptr, *required_ = nullptr;

  std::mutex mutex_;  // what few providers have, and only workers and the control thread touch, is bound at first use
  std::array<EndpointSeries, kEndpointCount> endpoints_{};
  KeySeries keys_;
  std::map<std::string, prometheus::Gauge*, std::less<>> unchecked_;
};

}  // namespace bearerd::observe
