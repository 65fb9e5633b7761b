#include "sdk/check/finding.hpp"

#include <algorithm>
#include <utility>

namespace bearerd::check {

void Faults::add(std::string text) {
  if (std::find(texts_.begin(), texts_.end(), text) == texts_.end()) texts_.push_back(std::move(text));
}

void Faults::take(const Faults& others) {
  for (const std::string& text : others.texts_) add(text);
}

Finding Faults::finding(std::string passed) const {
  constexpr std::size_t kShown = 3;
  if (texts_.empty()) return {Outcome::kPassed, std::move(passed)};
  std::string detail;
  for (std::size_t i = 0; i < std::min(kShown, texts_.size()); ++i) detail += (i > 0 ? "; " : "") + texts_[i];
  if (texts_.size() > kShown) detail += "; and " + std::to_string(texts_.size() - kShown) + " more";
  return {Outcome::kFailed, std::move(detail)};
}

}  // namespace bearerd::check
