// Any bytes as static settings, as dynamic settings, and as a value of the environment: load() always comes back, and
// says what is wrong unless it hands settings out.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "settings/load.hpp"

namespace {

using namespace bearerd::settings;

class Folder {
 public:
  Folder() { std::filesystem::create_directories(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string write(const char* name, const std::string& text) const {
    const std::string path = path_ / name;
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
    return path;
  }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("bearerd-fuzz-" + std::to_string(::getpid()));
};

void load_and_check(const std::string& file, std::map<std::string, std::string> environment) {
  LoadRequest request;
  request.config_file = file;
  request.environment = std::move(environment);
  const LoadOutcome outcome = load(request);
  const bool is_faulty = outcome.is_static_faulty || outcome.is_dynamic_faulty;
  if (is_faulty == (outcome.settings != nullptr)) std::abort();
  if (is_faulty && outcome.problems.empty()) std::abort();
  for (const Problem& problem : outcome.problems) {
    if (problem.display().empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  static const std::string around = folder.write("around.json", R"({
    "identityProviders": {"a": {"issuer": "https://issuer.example", "audience": "api"}}, "config": {"files": "input.json"}})");
  const std::string text(reinterpret_cast<const char*>(data), size);
  load_and_check(folder.write("input.json", text), {});
  load_and_check(around, {{"aidial.identityProviders", text}, {"BEARERD_VERIFY", text}});
  load_and_check(around, {{"aidial.identityProviders.a." + text.substr(0, text.find('\n')), text}});
  return 0;
}
