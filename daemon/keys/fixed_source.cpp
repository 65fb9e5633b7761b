#include <utility>

#include "base/unique_number.hpp"
#include "keys/key_store.hpp"

namespace bearerd::keys {
namespace {

class FixedSource final : public KeySource {
 public:
  FixedSource(std::string provider, jose::KeySet keys)
      : keys_(keys.empty() ? nullptr : std::make_shared<const jose::KeySet>(std::move(keys))),
        epoch_(base::next_unique()) {
    settings_.provider = std::move(provider);
  }

  std::shared_ptr<const jose::KeySet> current() const override { return keys_; }
  std::uint64_t epoch() const noexcept override { return epoch_; }
  KeySourceStatus status() const override {
    KeySourceStatus status;
    status.is_ready = keys_ != nullptr;
    status.has_tried = true;
    status.key_count = keys_ ? keys_->keys().size() : 0;
    return status;
  }
  WantedAnswer want(std::string_view, std::function<void()>) override {
    return {Wanted::kAbsent, std::chrono::seconds{1}};
  }
  void refresh() override {}
  const KeySourceSettings& settings() const noexcept override { return settings_; }

 private:
  KeySourceSettings settings_;
  std::shared_ptr<const jose::KeySet> keys_;
  std::uint64_t epoch_;
};

}  // namespace

std::shared_ptr<KeySource> make_fixed_source(std::string provider, jose::KeySet keys) {
  return std::make_shared<FixedSource>(std::move(provider), std::move(keys));
}

}  // namespace bearerd::keys
