#include "runtime/builder.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "base/unique_number.hpp"
#include "runtime/key_sources.hpp"
#include "runtime/resource_metadata.hpp"

namespace bearerd::runtime {
namespace {

using settings::Problem;
using settings::Severity;

// The default: what the keys can serve, and never HS* for a provider with public keys (RFC 8725 §3.1).
std::vector<base::Algorithm> default_algorithms(const KeySources& sources) {
  std::vector<base::Algorithm> asymmetric;
  std::vector<base::Algorithm> symmetric;
  for (const base::Algorithm algorithm : base::all_algorithms()) {
    (base::is_symmetric(algorithm) ? symmetric : asymmetric).push_back(algorithm);
  }
  if (sources.has_url_keys) return asymmetric;
  const std::vector<base::Algorithm> servable = sources.fixed.algorithms();
  const bool has_public_keys =
      std::any_of(servable.begin(), servable.end(), [](base::Algorithm a) { return !base::is_symmetric(a); });
  return has_public_keys ? asymmetric : symmetric;
}

std::vector<std::string> report_unchecked(const settings::Provider& settings, const plugin::Trust& trust,
                                          observe::ProviderMetrics& metrics) {
  const bool has_issuer = !settings.issuers.empty() || settings.issuer_pattern != nullptr || !trust.issuers.empty() ||
                          !trust.templates.empty();
  const bool has_audience = !settings.audience.empty() || !trust.audiences.empty() || trust.checks_audience;
  std::vector<std::string> unchecked;
  for (const auto& [check, is_unchecked] : {std::pair{"audience", !has_audience}, std::pair{"issuer", !has_issuer},
                                            std::pair{"signature", settings.is_unverified}}) {
    metrics.set_unchecked(check, is_unchecked);
    if (is_unchecked) unchecked.emplace_back(check);
  }
  return unchecked;
}

class Builder {
 public:
  Builder(std::shared_ptr<const settings::Settings> settings, const Snapshot* previous, BuildTools& tools)
      : settings_(std::move(settings)), previous_(previous), tools_(tools) {}

  BuildOutcome run() {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->serial = base::next_unique();
    snapshot->settings = settings_;
    snapshot->limits = are_dynamic_settings_unchanged() ? previous_->limits
                                                        : std::make_shared<const state::LimitTable>(settings_->dynamic);
    snapshot->disabled = tools_.disabled;
    snapshot->caller_secret = tools_.caller_secret;
    snapshot->listed_revocations = build_revocations();
    snapshot->no_provider_metrics = tools_.metrics->provider("none");
    snapshot->api_key_metrics = tools_.metrics->provider("api_key");
    snapshot->authorizer = build_authorizer();
    const bool keeps_verdicts = previous_ != nullptr &&
                                settings::makes_same_identities(previous_->settings->verify, settings_->verify) &&
                                previous_->authorizer->needed_claims() == snapshot->authorizer->needed_claims();
    snapshot->epoch = keeps_verdicts ? previous_->epoch : base::next_unique();
    for (const settings::Provider& entry : settings_->providers) add_provider(entry, *snapshot);
    index_issuers(*snapshot);
    snapshot->resource_metadata = resource_metadata(*snapshot);
    const bool has_fault = std::any_of(problems_.begin(), problems_.end(),
                                       [](const Problem& p) { return p.severity == Severity::kFault; });
    return {has_fault ? nullptr : std::move(snapshot), std::move(problems_)};
  }

  std::vector<Problem> judge(const settings::RefusedSettings& refused) {
    Snapshot of_the_sound;
    for (const settings::Provider& entry : settings_->providers) {
      if (refused.faulty_entries.contains(entry.name)) {
        check_key_files(entry, problems_);
      } else {
        add_provider(entry, of_the_sound);
      }
    }
    index_issuers(of_the_sound);
    return std::move(problems_);
  }

 private:
  [[nodiscard]] bool is_verify_unchanged() const {
    return previous_ != nullptr && previous_->settings->verify == settings_->verify;
  }

  [[nodiscard]] bool are_dynamic_settings_unchanged() const {
    return previous_ != nullptr && previous_->settings->dynamic_digest == settings_->dynamic_digest;
  }

  [[nodiscard]] bool are_rights_unchanged() const {
    const settings::Settings& before = *previous_->settings;
    return before.admin_rules == settings_->admin_rules && before.observe_rules == settings_->observe_rules &&
           before.usage_rules == settings_->usage_rules;
  }

  [[nodiscard]] std::shared_ptr<const access::Authorizer> build_authorizer() const {
    const bool is_unchanged = is_verify_unchanged() && are_dynamic_settings_unchanged() && are_rights_unchanged();
    return is_unchanged ? previous_->authorizer : std::make_shared<const access::Authorizer>(*settings_);
  }

  [[nodiscard]] std::shared_ptr<const state::RevocationSet> build_revocations() const {
    if (previous_ != nullptr && previous_->settings->revocations_digest == settings_->revocations_digest)
      return previous_->listed_revocations;
    return state::make_revocation_set(tools_.caller_secret, settings_->revocations);
  }

  void add_provider(const settings::Provider& entry, Snapshot& snapshot) {
    auto provider = build_provider(entry);
    if (provider == nullptr) return;
    check_as_admin_provider(*provider);
    snapshot.providers.push_back(std::move(provider));
  }

  // Nobody is asked about a token there, so none of such a provider's would ever be taken.
  void check_as_admin_provider(const Provider& provider) {
    constexpr const char* kPath = "admin.providers";
    const auto& names = settings_->admin.providers;
    const std::string& name = provider.settings.name;
    if (takes_jwts(provider) || std::ranges::find(names, name) == names.end()) return;
    problems_.push_back({Severity::kFault, settings_->where.at(kPath), kPath,
                         "the provider " + base::json_string(name) +
                             " takes opaque tokens only, which the admin listener does not take"});
  }

  std::shared_ptr<const Provider> build_provider(const settings::Provider& entry) {
    auto instance = tools_.plugins->create(settings_->plugins, entry);
    if (!instance) {
      problems_.push_back(problem_at(entry, instance.error().setting, Severity::kFault, instance.error().text));
      return nullptr;
    }
    if (auto unchanged = find_unchanged(entry, **instance)) return unchanged;

    auto provider = std::make_shared<Provider>();
    provider->settings = entry;
    provider->plugin = std::move(*instance);
    const plugin::Trust& trust = provider->plugin->trust();
    check_what_is_asked(entry, *provider->plugin);
    // A provider that is asked about every token needs no keys.
    KeySources sources = trust.kinds == plugin::TokenKind::kOpaque
                             ? KeySources{}
                             : open_key_sources(entry, trust, tools_.open_keys, problems_);
    provider->keys = std::move(sources.bound);
    provider->audiences = entry.audience;
    provider->audiences.insert(provider->audiences.end(), trust.audiences.begin(), trust.audiences.end());
    provider->algorithms = !entry.algorithms.empty()   ? entry.algorithms
                           : !trust.algorithms.empty() ? trust.algorithms
                                                       : default_algorithms(sources);
    provider->time = {entry.clock_skew, entry.max_token_age, entry.is_exp_required};
    provider->metrics = tools_.metrics->provider(entry.name);
    if (tools_.fetcher != nullptr) {
      provider->endpoints = std::make_shared<const plugin::Endpoints>(
          entry, plugin::EndpointTools{tools_.fetcher, tools_.clock, tools_.log, provider->metrics});
    }
    provider->unchecked = report_unchecked(entry, trust, *provider->metrics);
    provider->epoch = base::next_unique();
    // Only the first snapshot has to be waited for: a provider that a reload adds must not take the daemon out of
    // service.
    constexpr std::chrono::seconds kLongAgo{3600};
    provider->opened_at = tools_.clock->steady() - (previous_ == nullptr ? std::chrono::seconds(0) : kLongAgo);
    return provider;
  }

  // What the settings want asked, and the plugin can't ask, would refuse every token.
  void check_what_is_asked(const settings::Provider& entry, const plugin::Instance& instance) {
    const bool takes_opaque = instance.can_resolve() && instance.trust().kinds != plugin::TokenKind::kJwt;
    const auto refuse = [&](std::string_view key, const std::string& what) {
      problems_.push_back(problem_at(entry, key, Severity::kFault, "the plugin " + entry.plugin + what));
    };
    constexpr const char* kNoOpaque = R"( takes no opaque tokens: leave this out, or choose another "plugin")";
    if (!takes_opaque && entry.introspection) refuse("introspection", kNoOpaque);
    if (!takes_opaque && !entry.user_info_endpoint.empty()) refuse("userInfoEndpoint", kNoOpaque);
    if (!instance.can_enrich() && !entry.role_function.empty())
      refuse("rolePath", " does not know " + entry.role_function + R"(: name a claim, or use "plugin": "google")");
  }

  [[nodiscard]] std::shared_ptr<const Provider> find_unchanged(const settings::Provider& entry,
                                                               const plugin::Instance& instance) const {
    if (previous_ == nullptr) return nullptr;
    for (const auto& provider : previous_->providers) {
      if (provider->settings.name == entry.name && provider->settings.digest == entry.digest &&
          provider->plugin->library_digest() == instance.library_digest()) {
        return provider;
      }
    }
    return nullptr;
  }

  void index_issuers(Snapshot& snapshot) {
    for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
      const Provider& provider = *snapshot.providers[i];
      const plugin::Trust& trust = provider.plugin->trust();
      const auto add_exact = [&](const std::string& issuer, std::string_view key) {
        if (claim_issuer(snapshot, issuer, i, key)) snapshot.exact_issuers.try_emplace(issuer, i);
      };
      for (const std::string& issuer : provider.settings.issuers) add_exact(issuer, "issuer");
      for (const std::string& issuer : trust.issuers) add_exact(issuer, "");
      // Templates are matched by themselves, but what they stand for belongs to one entry only as well.
      for (const plugin::IssuerTemplate& pattern : trust.templates) claim_template(snapshot, pattern, i);
    }
  }

  void claim_template(const Snapshot& snapshot, const plugin::IssuerTemplate& pattern, std::size_t provider) {
    const std::size_t open = pattern.text.find('{');
    const std::size_t close = pattern.text.find('}');
    if (open == std::string::npos || close == std::string::npos) return;
    for (const std::string& value : pattern.allowed) {
      claim_issuer(snapshot, pattern.text.substr(0, open) + value + pattern.text.substr(close + 1), provider, "");
    }
  }

  // True when the issuer is this provider's.
  bool claim_issuer(const Snapshot& snapshot, const std::string& issuer, std::size_t provider, std::string_view key) {
    const auto [place, is_new] = claimed_.try_emplace(issuer, provider);
    if (is_new || place->second == provider) return true;
    problems_.push_back(problem_at(snapshot.providers[provider]->settings, key, Severity::kFault,
                                   "the issuer " + issuer + " belongs to identityProviders." +
                                       snapshot.providers[place->second]->settings.name +
                                       " already; an issuer may stand in one entry only"));
    return false;
  }

  std::map<std::string, std::size_t> claimed_;  // issuer → index of the provider
  std::shared_ptr<const settings::Settings> settings_;
  const Snapshot* previous_;
  BuildTools& tools_;
  std::vector<Problem> problems_;
};

}  // namespace

BuildOutcome build_snapshot(std::shared_ptr<const settings::Settings> settings, const Snapshot* previous,
                            BuildTools& tools) {
  return Builder(std::move(settings), previous, tools).run();
}

BuildTools trial_tools(plugin::Loader& plugins, observe::Metrics& nobodys, const base::Clock& clock) {
  BuildTools tools;
  tools.plugins = &plugins;
  tools.metrics = &nobodys;
  tools.clock = &clock;
  tools.open_keys = [](const keys::KeySourceSettings& source) {
    return keys::make_fixed_source(source.provider, jose::KeySet());
  };
  return tools;
}

void judge_refused(const settings::RefusedSettings& refused, plugin::Loader& plugins, const base::Clock& clock,
                   std::vector<Problem>& problems) {
  observe::Metrics nobodys;
  BuildTools tools = trial_tools(plugins, nobodys, clock);
  // Lent for this call only.
  const std::shared_ptr<const settings::Settings> as_read(std::shared_ptr<void>(), &refused.as_read);
  const std::vector<Problem> found = Builder(as_read, nullptr, tools).judge(refused);
  problems.insert(problems.end(), found.begin(), found.end());
}

}  // namespace bearerd::runtime
