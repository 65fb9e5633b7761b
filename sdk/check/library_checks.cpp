#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.hpp"
#include "sdk/check/checks.hpp"
#include "sdk/check/exports.hpp"
#include "sdk/check/session.hpp"

namespace bearerd::check {
namespace {

constexpr std::size_t kMaxLibraryBytes = 64U << 20U;  // the daemon's own limit
// Every field that the struct had in the minor version it says it was built for.
constexpr std::size_t kSizeOfMinor0 = offsetof(bearerd_plugin, enrich) + sizeof(bearerd_plugin::enrich);

bool is_mapped(const std::string& file) {
  std::error_code ignored;
  const std::string path = std::filesystem::canonical(file, ignored).string();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.ends_with(path)) return true;
  }
  return false;
}

}  // namespace

base::Result<std::shared_ptr<const plugin::Library>> open_library(const Subject& subject) {
  std::error_code ignored;
  return plugin::Library::open(std::filesystem::absolute(subject.file, ignored).string(), subject.name);
}

Finding look_at(const Subject& subject, bool notes_paths, const std::function<Finding(Scene&)>& look) {
  Record record(notes_paths);
  const auto library = open_library(subject);
  if (!library) return {Outcome::kFailed, library.error().text};
  const auto settings = settings_for_plugin(subject, **library);
  if (!settings) return {Outcome::kFailed, settings.error().text};
  Faults faults;
  const Session session(*library, *settings, record, faults);
  if (!session.is_open()) return {Outcome::kFailed, "the plugin refuses its settings: " + session.refusal()};
  Scene scene{*library, *settings, session, record, faults};
  return look(scene);
}

Finding check_symbols(const Subject& subject) {
  const auto file = base::read_file(subject.file, kMaxLibraryBytes);
  if (!file) return {Outcome::kFailed, file.error().text};
  const auto exports = read_exports(file->bytes);
  if (!exports) return {Outcome::kFailed, exports.error().text};
  Faults faults;
  bool has_entry = false;
  std::size_t others = 0;
  std::string first_other;
  for (const Export& symbol : *exports) {
    has_entry |= symbol.name == BEARERD_PLUGIN_SYMBOL;
    if (symbol.is_unique) faults.add(symbol.name + " is unique in the whole process: build with -fno-gnu-unique");
    if (symbol.name == BEARERD_PLUGIN_SYMBOL) continue;
    if (others++ == 0) first_other = symbol.name;
  }
  if (!has_entry) faults.add("does not export " BEARERD_PLUGIN_SYMBOL);
  if (others > 0) {
    faults.add("exports " + std::to_string(others) + " more than its entry, such as " + first_other +
               ": build with add_bearerd_plugin() or its export map");
  }
  return faults.finding("exports " BEARERD_PLUGIN_SYMBOL " alone");
}

Finding check_loading(const Subject& subject) {
  const auto library = open_library(subject);
  if (!library) return {Outcome::kFailed, library.error().text};
  const bearerd_plugin& entry = (*library)->entry();
  Faults faults;
  if (entry.minor == 0 && entry.size != kSizeOfMinor0) {
    faults.add("says ABI 1.0, whose struct has " + std::to_string(kSizeOfMinor0) + " bytes, and has " +
               std::to_string(entry.size));
  }
  return faults.finding("version " + (*library)->version() + ", plugin ABI " + (*library)->abi());
}

Finding check_unloading(const Subject& subject) {
  Finding lived = look_at(subject, false, [](Scene&) { return Finding{Outcome::kPassed, ""}; });
  if (lived.outcome != Outcome::kPassed) return lived;
  Faults faults;
  if (is_mapped(subject.file))
    faults.add("stays mapped after it was closed: a replaced plugin would run with the old one's statics");
  return faults.finding("its code is gone once it is closed");
}

}  // namespace bearerd::check
