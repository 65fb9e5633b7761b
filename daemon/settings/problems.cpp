#include "settings/problems.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "settings/sorting.hpp"

namespace bearerd::settings {
namespace {

// A hostile file could hold a fault per byte; nobody reads past the first thousand.
constexpr std::size_t kMaxProblems = 1000;

}  // namespace

std::string Problem::display() const {
  std::string out = where.file;
  if (where.line != 0) out += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
  if (!path.empty()) out += ": " + path;
  out += severity == Severity::kWarning ? ": warning: " : ": ";
  return out + text;
}

void Problems::fault(const Place& where, std::string path, std::string text) {
  ++fault_count_;
  add(Severity::kFault, where, std::move(path), std::move(text));
}

void Problems::warn(const Place& where, std::string path, std::string text) {
  add(Severity::kWarning, where, std::move(path), std::move(text));
}

void Problems::add(Severity severity, const Place& where, std::string path, std::string text) {
  if (list_.size() < kMaxProblems) list_.push_back({severity, where.location(), std::move(path), std::move(text)});
}

std::vector<Problem> Problems::take(const std::vector<WatchedFile>& file_order) {
  sort_stably_by(list_, [&](const Problem& problem) {
    const auto found = std::find_if(file_order.begin(), file_order.end(),
                                    [&](const WatchedFile& file) { return file.path == problem.where.file; });
    return std::make_tuple(found - file_order.begin(), problem.where.line, problem.where.column);
  });
  return std::exchange(list_, {});
}

std::string suggestion(std::string_view wrong, const std::vector<std::string_view>& known) {
  const std::string lower = base::to_lower(wrong);
  std::string_view nearest;
  std::size_t best = wrong.size() / 2 + 1;
  for (const std::string_view candidate : known) {
    const std::string name = base::to_lower(candidate);
    if (lower.size() >= 3 && name.starts_with(lower)) return " (did you mean " + base::json_string(candidate) + "?)";
    const std::size_t distance = base::edit_distance(lower, name);
    if (distance >= best) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest.empty() ? std::string() : " (did you mean " + base::json_string(nearest) + "?)";
}

std::string join_path(std::string_view parent, std::string_view key) {
  std::string out(parent);
  if (!out.empty()) out += '.';
  return out.append(key);
}

}  // namespace bearerd::settings
