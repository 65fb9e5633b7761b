// One value of the tree while it is being read: where it stands, what it is called, and whom to tell.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "settings/node.hpp"
#include "settings/problems.hpp"

namespace bearerd::settings {

// What one load() has at hand.
struct Context {
  const std::map<std::string, std::string>& environment;
  Problems& problems;
  std::vector<WatchedFile>& files;
  std::string base_directory;  // of the static settings: relative files are relative to it
  const TrialFiles* trial = nullptr;
  [[nodiscard]] std::string variable(const std::string& name) const;
  [[nodiscard]] std::string resolve(std::string_view file) const;
  // Reads the file and remembers, for watching, the state that it was read in.
  [[nodiscard]] base::Result<base::FileContent> read(const std::string& file, std::size_t max_bytes);

 private:
  // What stands for the file; null: nothing.
  [[nodiscard]] const std::string* find_trial_content(const std::string& file) const;
  void note(const std::string& file, const base::FileStamp& stamp);
};

// However the two are written, through symbolic links as well; the file itself may be gone.
[[nodiscard]] bool is_same_path(const std::string& a, const std::string& b);

// Whether `path`, of a file to be tried, names the file that the settings call `file`. Symbolic links are followed for
// callers only who may have files opened: others would learn where they lead.
[[nodiscard]] bool names(const TrialFiles& trial, const std::string& path, const std::string& file);

struct Reader {
  Context& context;
  const Node& node;
  Place key_where;
  std::string path;

  [[nodiscard]] Reader at(const Member& member) const;
  [[nodiscard]] Reader at(const Node& element) const;  // same path: an element of a list

  void fault(std::string text) const { context.problems.fault(node.where, path, std::move(text)); }
  void warn(std::string text) const { context.problems.warn(node.where, path, std::move(text)); }
  // For what is missing or misnamed: points at the key.
  void fault_at_key(std::string text) const { context.problems.fault(key_where, path, std::move(text)); }
  void warn_at_key(std::string text) const { context.problems.warn(key_where, path, std::move(text)); }
  void fault_kind(std::string_view wanted) const;
};

}  // namespace bearerd::settings
