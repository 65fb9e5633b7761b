// A snapshot with a provider or two, real keys, and neither files, plugins nor a network.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jose/key.hpp"
#include "observe/metrics.hpp"
#include "runtime/snapshot.hpp"
#include "settings/regex.hpp"
#include "support/manual_clock.hpp"
#include "support/signer/signer.hpp"
#include "verify/decision_worker.hpp"

namespace bearerd::test {

// Keys that a test changes under the daemon's feet, and an answer to want() that it chooses.
class FakeSource final : public keys::KeySource {
 public:
  explicit FakeSource(const std::vector<TestKey>& signers) { publish(signers); }
  void publish(const std::vector<TestKey>& signers) {
    auto parsed = jose::parse_key_set(key_set_json(signers), jose::KeySetOrigin::kFile);
    set_ = std::make_shared<const jose::KeySet>(std::move(parsed.value().keys));
    ++epoch_;
  }
  void lose() {
    set_ = nullptr;
    ++epoch_;
  }
  [[nodiscard]] std::shared_ptr<const jose::KeySet> current() const override { return set_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept override { return epoch_; }
  [[nodiscard]] keys::KeySourceStatus status() const override { return status_; }
  [[nodiscard]] keys::WantedAnswer want(std::string_view key_name, std::function<void()> done) override {
    wanted_names.emplace_back(key_name);
    if (answer.wanted == keys::Wanted::kPending) waiters.push_back(std::move(done));
    return answer;
  }
  void refresh() override {}
  [[nodiscard]] const keys::KeySourceSettings& settings() const noexcept override { return settings_; }

  keys::WantedAnswer answer{keys::Wanted::kAbsent, std::chrono::seconds(1)};
  std::vector<std::string> wanted_names;
  std::vector<std::function<void()>> waiters;
  keys::KeySourceStatus status_;

 private:
  std::shared_ptr<const jose::KeySet> set_;
  std::uint64_t epoch_ = 1;
  keys::KeySourceSettings settings_;
};

class FakePlugin final : public plugin::Instance {
 public:
  FakePlugin() { trust_.audience_claim = base::ClaimPath::from_text("aud"); }
  [[nodiscard]] const plugin::Trust& trust() const noexcept override { return trust_; }
  [[nodiscard]] const plugin::PluginDescription& description() const noexcept override {
    static const plugin::PluginDescription fake{"fake", "1", "", "d", "", {}};
    return fake;
  }
  [[nodiscard]] plugin::Checked check(const jose::Header&, const jose::Claims&) const noexcept override {
    ++checks;
    return {verdict, needs_enrichment};
  }
  [[nodiscard]] bool identify(const jose::Header&, const jose::Claims&,
                              plugin::Identity& identity) const noexcept override {
    identity = who;
    return is_able;
  }
  [[nodiscard]] bool can_resolve() const noexcept override { return resolve_with != nullptr; }
  [[nodiscard]] bool can_enrich() const noexcept override { return enrich_with != nullptr; }
  [[nodiscard]] plugin::Resolved resolve(const plugin::Inquiry& inquiry) const noexcept override {
    return resolve_with(inquiry);
  }
  [[nodiscard]] plugin::Enriched enrich(const jose::Header&, const jose::Claims&,
                                        const plugin::Inquiry& inquiry) const noexcept override {
    return enrich_with(inquiry);
  }

  plugin::Trust trust_;
  base::Reason verdict = base::Reason::kOk;
  plugin::Identity who;
  bool is_able = true;
  bool needs_enrichment = false;
  std::function<plugin::Resolved(const plugin::Inquiry&)> resolve_with;
  std::function<plugin::Enriched(const plugin::Inquiry&)> enrich_with;
  mutable int checks = 0;
};

struct Entry {
  std::shared_ptr<runtime::Provider> provider = std::make_shared<runtime::Provider>();
  std::shared_ptr<FakeSource> keys;
  std::shared_ptr<FakePlugin> plugin = std::make_shared<FakePlugin>();
};

class World {
 public:
  static constexpr const char* kIssuer = "https://issuer.example";
  static constexpr const char* kAudience = "our-api";

  Entry& add(const std::string& name, const std::string& issuer, const std::vector<TestKey>& signers) {
    Entry entry;
    entry.keys = std::make_shared<FakeSource>(signers);
    entry.provider->settings.name = name;
    if (!issuer.empty()) entry.provider->settings.issuers = {issuer};
    entry.provider->plugin = entry.plugin;
    entry.provider->keys = {{"", entry.keys}};
    entry.provider->audiences = {kAudience};
    for (const base::Algorithm algorithm : base::all_algorithms()) {
      if (!base::is_symmetric(algorithm)) entry.provider->algorithms.push_back(algorithm);
    }
    entry.provider->metrics = metrics.provider(name);
    entry.provider->epoch = ++last_epoch_;
    entries.push_back(std::move(entry));
    return entries.back();
  }

  std::shared_ptr<runtime::Snapshot> snapshot() {
    auto made = std::make_shared<runtime::Snapshot>();
    made->serial = ++last_epoch_;
    made->settings = std::make_shared<const settings::Settings>(settings);
    made->authorizer = std::make_shared<const access::Authorizer>(settings);
    made->limits = std::make_shared<const state::LimitTable>(settings.dynamic);
    made->epoch = 1;
    made->caller_secret = base::Secret(std::string_view("0123456789abcdef0123456789abcdef"));
    made->no_provider_metrics = metrics.provider("none");
    made->api_key_metrics = metrics.provider("api_key");
    for (const Entry& entry : entries) {
      for (const std::string& issuer : entry.provider->settings.issuers)
        made->exact_issuers.emplace(issuer, made->providers.size());
      made->providers.push_back(entry.provider);
    }
    return made;
  }

  // A payload with the claims of a good token; `extra` is added at its end, such as `,"roles":["a"]`.
  [[nodiscard]] std::string payload(const std::string& extra = "", const std::string& issuer = kIssuer) const {
    return R"({"iss":")" + issuer + R"(","sub":"alice","aud":")" + kAudience + R"(","exp":)" +
           std::to_string(clock.now() + 600) + extra + "}";
  }

  ManualClock clock;
  observe::Metrics metrics;
  settings::Settings settings;
  std::list<Entry> entries;  // references to entries stay good

 private:
  std::uint64_t last_epoch_ = 0;
};

}  // namespace bearerd::test
