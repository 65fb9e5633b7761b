// What a plugin's trust() says, gathered and looked at before anybody believes it.
#pragma once

#include <string>

#include "base/result.hpp"
#include "bearerd/plugin_abi.h"
#include "plugin/instance.hpp"

namespace bearerd::plugin {

// Control thread. One per call of trust().
class TrustCollector {
 public:
  TrustCollector();
  TrustCollector(const TrustCollector&) = delete;
  TrustCollector& operator=(const TrustCollector&) = delete;

  [[nodiscard]] const bearerd_trust_sink* sink() const noexcept { return &sink_; }
  // The trust, or the first fault that the plugin's words had.
  [[nodiscard]] base::Result<Trust> result() &&;

 private:
  friend struct TrustCalls;
  void reject(std::string what);
  bearerd_trust_sink sink_;
  Trust trust_;
  std::string fault_;
  std::size_t items_ = 0;
};

}  // namespace bearerd::plugin
