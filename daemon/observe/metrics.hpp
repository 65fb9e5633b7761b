// Every metric that bearerd exports, bound before the first request: nothing looks a family up while serving.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/algorithm.hpp"
#include "base/clock.hpp"
#include "base/reason.hpp"

namespace bearerd::observe {

enum class FetchResult : std::uint8_t { kOk = 1, kNetwork, kTimeout, kHttpStatus, kInvalid, kRefused };
enum class Endpoint : std::uint8_t {
  kDiscovery = 1,
  kJwks,
  kIntrospection,
  kUserInfo,
  kTokenInfo,
  kGroups,
  kOther  // a URL of a plugin that we did not write
};  // label of idp_requests_total
[[nodiscard]] std::string_view name(Endpoint endpoint) noexcept;
enum class ListenerKind : std::uint8_t { kVerify = 1, kMetrics, kAdmin };
enum class UsageKind : std::uint8_t { kTokens = 1, kRequests, kCost };  // cost in US dollars
enum class ConfigKind : std::uint8_t { kStatic = 1, kDynamic };

// The bound series of one provider (also of "none" and "api_key"). Any thread; lives as long as somebody holds it, its
// series leave the exposition when nobody does.
class ProviderMetrics {
 public:
  virtual ~ProviderMetrics() = default;
  virtual void count_decision(base::Reason reason, std::chrono::nanoseconds duration) noexcept = 0;
  virtual void count_signature(base::Algorithm algorithm) noexcept = 0;
  virtual void count_jwks_fetch(FetchResult result) noexcept = 0;
  virtual void count_suppressed_refetch() noexcept = 0;
  virtual void count_request(Endpoint endpoint, FetchResult result, std::chrono::nanoseconds duration) noexcept = 0;
  virtual void set_keys(std::size_t count, bool is_stale, base::WallTime last_success) noexcept = 0;
  virtual void set_ready(bool is_ready, bool is_required) noexcept = 0;
  virtual void set_unchecked(std::string_view check,
                             bool is_unchecked) noexcept = 0;  // "audience", "issuer", "signature", "binding"
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The series of this provider, made on first use and shared while held. Control thread or a worker; not for the hot
  // path.
  [[nodiscard]] std::shared_ptr<ProviderMetrics> provider(std::string_view name);

  void count_cache_hit() noexcept;
  void count_cache_miss() noexcept;
  void count_cache_eviction() noexcept;
  void set_cache_entries(std::function<double()> read);  // asked at each scrape
  void set_log_dropped(std::function<double()> read);
  void count_reload(ConfigKind kind, bool is_successful, base::WallTime now);
  void set_generation(ConfigKind kind, std::uint64_t generation);
  void count_usage(UsageKind kind, double amount) noexcept;
  void count_state_write(bool is_successful) noexcept;
  void set_state_degraded(bool is_degraded) noexcept;
  void set_revocations(std::size_t count, bool is_unreadable) noexcept;
  void set_usage_counters(std::function<double()> read);
  void add_connections(ListenerKind listener, int difference) noexcept;
  void set_plugin(std::string_view plugin, std::string_view version, std::string_view abi, bool is_loaded);
  void set_build(std::string_view version, std::string_view revision);

  // How many decisions there were by reason since the start, of the providers that there are. Reasons that none had are
  // left out.
  [[nodiscard]] std::map<std::string, std::uint64_t> decisions_by_reason() const;
  // How many requests the tokens of each provider were good for; who let nobody in is not there.
  [[nodiscard]] std::map<std::string, std::uint64_t> allows_by_provider() const;

  // Prometheus text format 0.0.4, process_* included.
  [[nodiscard]] std::string expose() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bearerd::observe
