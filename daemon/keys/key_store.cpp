#include "keys/key_store.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <utility>

#include "keys/disk_cache.hpp"
#include "keys/remote_source.hpp"
#include "keys/worker.hpp"

namespace bearerd::keys {
namespace {

std::function<double()> make_random() {
  return [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
  };
}

}  // namespace

struct KeyStore::State {
  KeyStoreOptions options;
  std::shared_ptr<const DiskCache> cache;
  std::mutex mutex;  // wake() may come from any thread
  std::map<std::string, std::unique_ptr<Worker>> workers;
  std::vector<std::weak_ptr<RemoteSource>> sources;

  std::shared_ptr<RemoteSource> find(const KeySourceSettings& settings) {
    std::erase_if(sources, [](const auto& weak) { return weak.expired(); });
    for (const auto& weak : sources) {
      auto source = weak.lock();
      if (source && source->settings() == settings) return source;
    }
    return nullptr;
  }

  std::unique_ptr<Worker> make_worker(const SourceEnvironment& environment) {
    return std::make_unique<Worker>(*options.clock, options.log, environment.metrics);
  }

  SourceEnvironment environment_for(const std::string& provider) {
    SourceEnvironment environment{options.clock, options.fetcher, options.log, nullptr, cache, make_random()};
    if (options.metrics != nullptr) environment.metrics = options.metrics->provider(provider);
    return environment;
  }

  // Threads that ended because nobody holds their sources any more.
  void sweep() {
    std::erase_if(workers, [](const auto& entry) { return entry.second->has_ended(); });
  }
};

KeyStore::KeyStore(KeyStoreOptions options) : state_(std::make_unique<State>()) {
  if (!options.cache_directory.empty()) state_->cache = std::make_shared<const DiskCache>(options.cache_directory);
  state_->options = std::move(options);
}

KeyStore::~KeyStore() {
  // All are asked before any is waited for, so that together they take one deadline.
  for (const auto& [provider, worker] : state_->workers) worker->stop();
}

std::shared_ptr<KeySource> KeyStore::open(const KeySourceSettings& settings) {
  const std::lock_guard lock(state_->mutex);
  if (auto found = state_->find(settings)) return found;
  state_->sweep();
  SourceEnvironment environment = state_->environment_for(settings.provider);
  std::unique_ptr<Worker>& worker = state_->workers[settings.provider];
  if (!worker) worker = state_->make_worker(environment);
  const auto open_with = [&](const Worker& chosen) {
    auto source = std::make_shared<RemoteSource>(settings, environment, [bell = chosen.bell()] { bell->ring(); });
    source->load_from_disk();
    return source;
  };
  auto source = open_with(*worker);
  if (!worker->add(source)) {
    // It ended between the sweep and now.
    worker = state_->make_worker(environment);
    source = open_with(*worker);
    if (!worker->add(source)) source->stop();
  }
  state_->sources.push_back(source);
  return source;
}

void KeyStore::sweep() {
  const std::lock_guard lock(state_->mutex);
  state_->sweep();
}

void KeyStore::wake() {
  const std::lock_guard lock(state_->mutex);
  for (const auto& [provider, worker] : state_->workers) worker->bell()->ring();
}

}  // namespace bearerd::keys
