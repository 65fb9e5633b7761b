// Time is an argument everywhere; only the edges of the program read a clock, and tests bring their own.
#pragma once

#include <chrono>

namespace bearerd::base {

// Validity (exp, nbf, iat) is judged by this one.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
// Ages, cooldowns and cache lives are judged by this one.
using SteadyTime = std::chrono::steady_clock::time_point;

// Any thread may ask.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall() const noexcept = 0;
  [[nodiscard]] virtual SteadyTime steady() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall() const noexcept override { return std::chrono::system_clock::now(); }
  [[nodiscard]] SteadyTime steady() const noexcept override { return std::chrono::steady_clock::now(); }
};

}  // namespace bearerd::base
