// How many refusals of one kind get a line: an attacker must not be able to fill a disk by being refused.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/reason.hpp"

namespace bearerd::observe {

// Any thread.
class RefusalLimiter {
 public:
  // The number left out since the last line of this kind, or nullopt: leave this one out too.
  [[nodiscard]] std::optional<std::uint64_t> admit(std::string_view provider, base::Reason reason, base::SteadyTime now,
                                                   unsigned per_second);

  using Kind = std::pair<std::string, base::Reason>;
  // Those left out in seconds that are over and that no line has told of; they are told now.
  [[nodiscard]] std::vector<std::pair<Kind, std::uint64_t>> take_omitted(base::SteadyTime now);

 private:
  struct Window {
    base::SteadyTime start{};
    unsigned lines = 0;
    std::uint64_t omitted = 0;
  };
  struct Order {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
      if (a.second != b.second) return a.second < b.second;
      return std::string_view(a.first) < std::string_view(b.first);
    }
  };

  Window& window(std::string_view provider, base::Reason reason, base::SteadyTime now);

  std::mutex mutex_;
  std::map<Kind, Window, Order> windows_;
};

}  // namespace bearerd::observe
