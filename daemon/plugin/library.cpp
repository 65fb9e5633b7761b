#include "plugin/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>
#include <cstddef>
#include <cstring>
#include <exception>

namespace bearerd::plugin {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxSchemaBytes = 64 * 1024;
// The struct of minor version 0: shorter is not this major version at all.
constexpr std::size_t kLeastSize = offsetof(bearerd_plugin, enrich) + sizeof(bearerd_plugin::enrich);

// Other majors, for a message that says what to do.
std::string missing_symbol_text(const boost::dll::shared_library& library) {
  for (const char* symbol : {"bearerd_plugin_v2", "bearerd_plugin_v3", "bearerd_plugin_v4", "bearerd_plugin_v0"}) {
    if (library.has(symbol))
      return std::string("is made for another major version of the plugin ABI (") + symbol + "), this daemon speaks 1";
  }
  return "does not export " BEARERD_PLUGIN_SYMBOL ": no bearerd plugin";
}

base::Result<std::string> read_text(const char* text, std::size_t max_bytes, const char* what) {
  const std::size_t size = text == nullptr ? 0 : ::strnlen(text, max_bytes + 1);
  if (size == 0 || size > max_bytes) return fail(ErrorCode::kInvalid, std::string("has no usable ") + what);
  return std::string(text, size);
}

base::Result<void> check_functions(const bearerd_plugin& entry) {
  if (entry.create && entry.destroy && entry.trust && entry.check && entry.identify) return {};
  return fail(ErrorCode::kInvalid, "lacks one of create, destroy, trust, check, identify");
}

class OpenLibrary final : public Library {
 public:
  base::Result<void> open(const std::string& path) {
    try {
      library_.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
      if (!library_.has(BEARERD_PLUGIN_SYMBOL)) return fail(ErrorCode::kInvalid, missing_symbol_text(library_));
      entry_ = &library_.get<const bearerd_plugin>(BEARERD_PLUGIN_SYMBOL);
      return {};
    } catch (const std::exception& error) {
      return fail(ErrorCode::kInvalid, std::string("can't be opened: ") + error.what());
    }
  }

  base::Result<void> read_entry(const std::string& name) {
    if (entry_->size < kLeastSize) return fail(ErrorCode::kInvalid, "exports a struct that is too short for ABI 1.0");
    if (auto checked = check_functions(*entry_); !checked) return checked;
    auto own_name = read_text(entry_->name, kMaxNameBytes, "name");
    if (!own_name) return tl::make_unexpected(own_name.error());
    if (*own_name != name) return fail(ErrorCode::kInvalid, "calls itself another name than its file's");
    auto version = read_text(entry_->version, kMaxNameBytes, "version");
    if (!version) return tl::make_unexpected(version.error());
    const auto schema_text = read_text(entry_->settings_schema, kMaxSchemaBytes, "settings schema");
    if (!schema_text) return tl::make_unexpected(schema_text.error());
    auto schema = settings::parse_plugin_schema(*schema_text);
    if (!schema) return fail(ErrorCode::kInvalid, "has a faulty settings schema: " + schema.error().text);
    name_ = std::move(*own_name);
    version_ = std::move(*version);
    schema_ = std::move(*schema);
    return {};
  }

 private:
  boost::dll::shared_library library_;
};

}  // namespace

base::Result<std::shared_ptr<const Library>> Library::open(const std::string& path, const std::string& name) {
  auto library = std::make_shared<OpenLibrary>();
  if (auto opened = library->open(path); !opened) return tl::make_unexpected(opened.error());
  if (auto read = library->read_entry(name); !read) return tl::make_unexpected(read.error());
  return library;
}

std::string Library::abi() const {
  return std::to_string(BEARERD_PLUGIN_ABI_MAJOR) + "." + std::to_string(entry_->minor);
}

}  // namespace bearerd::plugin
