#include <algorithm>
#include <map>
#include <utility>

#include "observe/log.hpp"
#include "plugin/instance.hpp"
#include "plugin/library.hpp"
#include "plugin/loaded_instance.hpp"
#include "plugin/lookups.hpp"
#include "plugin/private_copies.hpp"
#include "plugin/trusted_file.hpp"
#include "settings/digest.hpp"

namespace bearerd::plugin {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kMaxLogBytes = 1024;

// A name comes from the settings and becomes a file name.
bool is_plugin_name(std::string_view name) {
  const auto is_fitting = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= 64 && name.front() != '-' && std::all_of(name.begin(), name.end(), is_fitting);
}

// The C struct comes first, so that a plugin's pointer to it finds the log again.
struct HostTable {
  bearerd_host abi;
  observe::Log* log;
};

observe::Level as_level(bearerd_log_level level) noexcept {
  switch (level) {
    case BEARERD_LOG_DEBUG:
      return observe::Level::kDebug;
    case BEARERD_LOG_INFO:
      return observe::Level::kInfo;
    case BEARERD_LOG_WARNING:
      return observe::Level::kWarning;
    default:
      return observe::Level::kError;
  }
}

void write_log(const bearerd_host* host, bearerd_log_level level, bearerd_text text) noexcept {
  try {
    observe::Log* log = reinterpret_cast<const HostTable*>(host)->log;
    if (log != nullptr) log->write(as_level(level), "plugin", view(text).substr(0, kMaxLogBytes));
  } catch (...) {  // a line lost
  }
}

}  // namespace

struct Loader::State {
  struct Opened {
    std::shared_ptr<const Library> library;
    std::shared_ptr<const PluginDescription> description;
  };
  struct Looked {
    settings::Plugins plugins;
    base::Result<Opened> opened;
  };

  explicit State(const LoaderOptions& options)
      : copies(options.cache_directory, options.log),
        host(std::make_shared<HostTable>(
            HostTable{{sizeof(bearerd_host), "bearerd", &lookups(), &write_log}, options.log})) {}

  base::Result<Opened> look(const settings::Plugins& plugins, const std::string& name);
  base::Result<std::shared_ptr<const Library>> open(const std::string& name, const std::string& digest,
                                                    std::string_view bytes);
  const base::Result<Opened>& find(const settings::Plugins& plugins, std::string_view name);

  PrivateCopies copies;
  std::shared_ptr<const HostTable> host;
  std::map<std::string, Looked, std::less<>> looked;  // of this generation
  std::map<std::string, std::weak_ptr<const Library>, std::less<>>
      libraries;  // by digest; whoever runs code holds them
  std::map<std::string, std::unique_ptr<settings::PluginSchema>, std::less<>>
      schemas;  // by digest; promised to live as long as the loader
};

base::Result<std::shared_ptr<const Library>> Loader::State::open(const std::string& name, const std::string& digest,
                                                                 std::string_view bytes) {
  auto& known = libraries[digest];
  if (auto library = known.lock(); library && library->name() == name) return library;
  std::shared_ptr<const Library> library;
  const auto made = copies.make(name, digest, bytes, [&](const std::string& path) -> base::Result<void> {
    auto opened = Library::open(path, name);
    if (!opened) return tl::make_unexpected(opened.error());
    library = std::move(*opened);
    return {};
  });
  if (!made) return tl::make_unexpected(made.error());
  known = library;
  return library;
}

base::Result<Loader::State::Opened> Loader::State::look(const settings::Plugins& plugins, const std::string& name) {
  if (!is_plugin_name(name)) return fail(ErrorCode::kInvalid, "a plugin's name is small letters, digits and '-'");
  std::string looked_in;
  for (const std::string& directory : plugins.directories) {
    auto file = read_trusted_file(directory, name + ".so", plugins.allow_own_user);
    if (!file && file.error().code == ErrorCode::kNotFound) {
      looked_in += (looked_in.empty() ? "" : ", ") + directory;
      continue;
    }
    if (!file) return tl::make_unexpected(file.error());
    const std::string digest = settings::digest_of(file->bytes);
    const auto library = open(name, digest, file->bytes);
    if (!library) return fail(library.error().code, file->path + ": " + library.error().text);
    const PluginDescription description{name,   (*library)->version(), file->path,
                                        digest, (*library)->abi(),     (*library)->schema()};
    return Opened{*library, std::make_shared<const PluginDescription>(description)};
  }
  return fail(ErrorCode::kNotFound,
              "no " + name + ".so in " + (looked_in.empty() ? "plugins.directories, which is empty" : looked_in));
}

const base::Result<Loader::State::Opened>& Loader::State::find(const settings::Plugins& plugins,
                                                               std::string_view name) {
  const auto known = looked.find(name);
  if (known != looked.end() && known->second.plugins == plugins) return known->second.opened;
  const std::string key(name);
  return looked.insert_or_assign(key, Looked{plugins, look(plugins, key)}).first->second.opened;
}

Loader::Loader(const LoaderOptions& options) : state_(std::make_unique<State>(options)) {}
Loader::~Loader() = default;

void Loader::begin_generation() {
  state_->looked.clear();
  std::erase_if(state_->libraries, [](const auto& entry) { return entry.second.expired(); });
  state_->copies.sweep([&](std::string_view digest) { return state_->libraries.contains(digest); });
}

base::Result<const settings::PluginSchema*> Loader::schema(const settings::Plugins& plugins, std::string_view plugin) {
  const auto& opened = state_->find(plugins, plugin);
  if (!opened) return tl::make_unexpected(opened.error());
  auto& schema = state_->schemas[opened->description->digest];
  if (!schema) schema = std::make_unique<settings::PluginSchema>(opened->library->schema());
  return schema.get();
}

tl::expected<std::shared_ptr<const Instance>, Loader::Refusal> Loader::create(const settings::Plugins& plugins,
                                                                              const settings::Provider& provider) {
  const auto& opened = state_->find(plugins, provider.plugin);
  if (!opened) return tl::make_unexpected(Refusal{"plugin", opened.error().text});
  const std::shared_ptr<const bearerd_host> host(state_->host, &state_->host->abi);
  return make_instance(opened->library, opened->description, host, provider.plugin_settings_json);
}

// Not kept: who asks about invented names must not fill the memory with failures.
base::Result<PluginDescription> Loader::describe(const settings::Plugins& plugins, const std::string& name) {
  const auto opened = state_->look(plugins, name);
  if (!opened) return tl::make_unexpected(opened.error());
  return *opened->description;
}

}  // namespace bearerd::plugin
