#include "state/disabled_providers.hpp"

#include <unistd.h>

#include "base/file.hpp"

namespace bearerd::state {
namespace {

// First and last line: a file that was cut short is no shorter list.
constexpr std::string_view kFirst = "bearerd disabled providers 1\n", kLast = "end\n";
constexpr std::size_t kMaxBytes = 1024 * 1024;

std::string print(const std::set<std::string, std::less<>>& names) {
  std::string text(kFirst);
  for (const std::string& name : names) text += "provider " + name + "\n";
  return text + std::string(kLast);
}

base::Result<std::set<std::string, std::less<>>> parse(std::string_view text) {
  constexpr std::string_view kProvider = "provider ";
  const auto damaged = [] { return base::fail(base::ErrorCode::kInvalid, "it is damaged"); };
  if (!text.starts_with(kFirst) || !text.ends_with(kLast) || text.size() < kFirst.size() + kLast.size())
    return damaged();
  text = text.substr(kFirst.size(), text.size() - kFirst.size() - kLast.size());
  std::set<std::string, std::less<>> names;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end <= kProvider.size() || !text.starts_with(kProvider)) return damaged();
    if (!names.emplace(text.substr(kProvider.size(), end - kProvider.size())).second) return damaged();
    text.remove_prefix(end + 1);
  }
  return names;
}

// A file that others could have written says nothing about what an operator wanted.
base::Result<std::set<std::string, std::less<>>> read(const std::string& path) {
  const auto file = base::read_file(path, kMaxBytes);
  if (!file) return tl::make_unexpected(file.error());
  const bool is_ours = file->status.st_uid == ::geteuid() || file->status.st_uid == 0;
  if (!is_ours || (file->status.st_mode & 022U) != 0)
    return base::fail(base::ErrorCode::kDenied, path + ": others may write it");
  auto names = parse(file->bytes);
  if (!names) return base::fail(names.error().code, path + ": " + names.error().text);
  return names;
}

}  // namespace

DisabledStore::DisabledStore(const std::string& directory)
    : path_(directory + "/disabled-providers"), current_(std::make_shared<const DisabledProviders>()) {
  auto names = read(path_);
  if (names) {
    current_ = std::make_shared<const DisabledProviders>(DisabledProviders{std::move(*names), false});
  } else if (names.error().code != base::ErrorCode::kNotFound) {
    fault_ = "every provider is switched off, as it can't be read who was: " + names.error().text +
             "; bearerctl enable NAME for each that is wanted";
    current_ = std::make_shared<const DisabledProviders>(DisabledProviders{{}, true});
  }
}

base::Result<void> DisabledStore::set(const std::string& name, bool is_enabled, const std::set<std::string>& known) {
  DisabledProviders next{current_->names, false};
  if (current_->is_everyone) next.names.insert(known.begin(), known.end());
  if (is_enabled) {
    next.names.erase(name);
  } else {
    next.names.insert(name);
  }
  if (auto written = base::replace_file(path_, print(next.names), 0600); !written) return written;
  current_ = std::make_shared<const DisabledProviders>(std::move(next));
  fault_.clear();
  return {};
}

}  // namespace bearerd::state
