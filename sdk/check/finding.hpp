// What one check of the contract came to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearerd::check {

enum class Outcome : std::uint8_t { kPassed = 1, kFailed, kSkipped };

struct Finding {
  Outcome outcome = Outcome::kFailed;
  std::string detail;  // for the plugin's author
};

// Gathers what a plugin did wrong; the same fault is told once.
class Faults {
 public:
  void add(std::string text);
  void take(const Faults& others);
  [[nodiscard]] bool empty() const noexcept { return texts_.empty(); }
  // Failed with the first few faults, else passed with `passed`.
  [[nodiscard]] Finding finding(std::string passed) const;

 private:
  std::vector<std::string> texts_;
};

}  // namespace bearerd::check
