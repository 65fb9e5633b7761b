#include "settings/reader.hpp"

#include <algorithm>

namespace bearerd::settings {

std::string Context::variable(const std::string& name) const {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::string Context::resolve(std::string_view file) const {
  if (file.empty() || file.front() == '/' || base_directory.empty()) return std::string(file);
  return base_directory + "/" + std::string(file);
}

base::Result<base::FileContent> Context::read(const std::string& file, std::size_t max_bytes) {
  if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  return base::read_file(file, max_bytes);
}

Reader Reader::at(const Member& member) const {
  return {context, member.value, member.where, join_path(path, member.key)};
}

Reader Reader::at(const Node& element) const { return {context, element, element.where, path}; }

void Reader::fault_kind(std::string_view wanted) const {
  fault("this is " + std::string(describe(node.kind)) + ", but it takes " + std::string(wanted));
}

}  // namespace bearerd::settings
