// Where Prometheus asks: GET /metrics (text format 0.0.4) and /healthz, on a listener of its own. Nothing on it is
// secret.
#pragma once

#include <memory>
#include <vector>

#include "base/result.hpp"
#include "http/small_server.hpp"
#include "observe/metrics.hpp"
#include "settings/settings.hpp"

namespace bearerd::http {

class MetricsListener {
 public:
  // Serves until destroyed. `metrics` outlives it. The error names the address that could not be bound. `passed` were
  // opened for us.
  [[nodiscard]] static base::Result<std::unique_ptr<MetricsListener>> open(
      const std::vector<settings::Address>& addresses, observe::Metrics& metrics,
      std::vector<ListeningSocket> passed = {});
  // The port of the first address (tests bind port 0).
  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  explicit MetricsListener(std::vector<std::unique_ptr<SmallServer>> servers) noexcept;
  std::vector<std::unique_ptr<SmallServer>> servers_;
};

}  // namespace bearerd::http
