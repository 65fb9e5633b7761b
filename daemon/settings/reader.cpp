#include "settings/reader.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace bearerd::settings {

namespace {

// As private as a file can be: whoever sends it has read it.
base::Result<base::FileContent> read_trial_file(const std::string& text, const std::string& file,
                                                std::size_t max_bytes) {
  if (text.size() <= max_bytes) return base::FileContent{text, {}};
  return base::fail(base::ErrorCode::kTooLarge, file + " is larger than " + std::to_string(max_bytes) + " bytes");
}

}  // namespace

bool is_same_path(const std::string& a, const std::string& b) {
  if (a == b) return true;
  std::error_code error;
  const std::filesystem::path plain = std::filesystem::weakly_canonical(a, error);
  return !plain.empty() && plain == std::filesystem::weakly_canonical(b, error);
}

bool names(const TrialFiles& trial, const std::string& path, const std::string& file) {
  return path == file || (trial.opens_files && is_same_path(path, file));
}

std::string Context::variable(const std::string& name) const {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::string Context::resolve(std::string_view file) const {
  if (file.empty() || file.front() == '/' || base_directory.empty()) return std::string(file);
  return base_directory + "/" + std::string(file);
}

const std::string* Context::find_trial_content(const std::string& file) const {
  if (const auto exact = trial->files.find(file); exact != trial->files.end()) return &exact->second;
  const auto linked =
      std::ranges::find_if(trial->files, [&](const auto& each) { return names(*trial, each.first, file); });
  return linked == trial->files.end() ? nullptr : &linked->second;
}

base::Result<base::FileContent> Context::read(const std::string& file, std::size_t max_bytes) {
  if (trial != nullptr) {
    if (const std::string* content = find_trial_content(file)) {
      note(file, {});
      return read_trial_file(*content, file, max_bytes);
    }
    if (!trial->opens_files) {
      return base::fail(base::ErrorCode::kDenied,
                        file + " is not opened for this caller: send its content, or call over the UNIX socket");
    }
  }
  // Where nothing could be read there is no descriptor to ask; the state before the attempt is older, so nothing is
  // missed.
  const base::FileStamp before = base::stamp_of_path(file);
  auto content = base::read_file(file, max_bytes);
  note(file, content ? base::stamp_of(content->status) : before);
  return content;
}

// Of a file that is read twice the first state counts: if it changed in between, both readings are to be repeated.
void Context::note(const std::string& file, const base::FileStamp& stamp) {
  if (std::ranges::none_of(files, [&](const WatchedFile& each) { return each.path == file; }))
    files.push_back({file, stamp});
}

Reader Reader::at(const Member& member) const {
  return {context, member.value, member.where, join_path(path, member.key)};
}

Reader Reader::at(const Node& element) const { return {context, element, element.where, path}; }

void Reader::fault_kind(std::string_view wanted) const {
  fault("this is " + std::string(describe(node.kind)) + ", but it takes " + std::string(wanted));
}

}  // namespace bearerd::settings
