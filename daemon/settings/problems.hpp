// Collects what is wrong, so that one run names every fault of every file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings/load.hpp"
#include "settings/node.hpp"

namespace bearerd::settings {

// Texts never hold a value that may be secret; whoever adds one sees to it.
class Problems {
 public:
  void fault(const Place& where, std::string path, std::string text);
  void warn(const Place& where, std::string path, std::string text);

  [[nodiscard]] bool has_faults() const noexcept { return fault_count_ != 0; }
  [[nodiscard]] std::size_t fault_count() const noexcept { return fault_count_; }
  // In the order in which the files were first named, then by place.
  [[nodiscard]] std::vector<Problem> take(const std::vector<WatchedFile>& file_order);

 private:
  void add(Severity severity, const Place& where, std::string path, std::string text);
  std::vector<Problem> list_;
  std::size_t fault_count_ = 0;
};

// " (did you mean "jwksUrl"?)" when one of `known` is near enough, else nothing.
[[nodiscard]] std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known);

// "auth0.jwksUrl" below "identityProviders"; `parent` may be empty.
[[nodiscard]] std::string join_path(std::string_view parent, std::string_view key);

}  // namespace bearerd::settings
