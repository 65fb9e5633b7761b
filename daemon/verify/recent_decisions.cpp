#include "verify/recent_decisions.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace bearerd::verify {
namespace {

constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxRoles = 64, kMaxRoleText = 256;
constexpr std::size_t kMaxClaimValues = 32;

// False: it did not fit.
bool assign(std::string& out, std::string_view text, std::size_t most = kMaxText) {
  out.assign(text.substr(0, most));
  return text.size() <= most;
}

bool assign_roles(std::vector<std::string>& out, const std::vector<std::string>& roles) {
  out.resize(std::min(roles.size(), kMaxRoles));
  bool fits = roles.size() <= kMaxRoles;
  for (std::size_t i = 0; i < out.size(); ++i) fits = assign(out[i], roles[i], kMaxRoleText) && fits;
  return fits;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool assign_claims(std::vector<TaggedClaim>& out, const std::vector<access::Claim>& claims, TokenHasher& hasher) {
  out.resize(claims.size());
  bool fits = true;
  for (std::size_t i = 0; i < out.size(); ++i) {
    TaggedClaim& tagged = out[i];
    tagged.name = claims[i].name;
    tagged.values.clear();
    tagged.is_ascii = true;
    fits = fits && claims[i].values.size() <= kMaxClaimValues;
    for (const std::string& value : claims[i].values) {
      if (tagged.values.size() == kMaxClaimValues) break;
      tagged.is_ascii = tagged.is_ascii && is_ascii(value);
      tagged.values.push_back(hasher.tag(base::to_lower(value)));
    }
  }
  return fits;
}

void assign_usage(std::array<std::int64_t, state::kWindowCount>& used, const Decision& decision) {
  used.fill(-1);
  if (!decision.standing) return;
  for (const state::WindowStanding& window : decision.standing->limited()) {
    const bool is_counted =
        decision.reason == base::Reason::kOk && state::shape_of(window.window).quantity == state::Quantity::kRequests;
    used[static_cast<std::size_t>(window.window) - 1] = window.used - (is_counted ? 1 : 0);
  }
}

// With an identity, and refused all the same.
bool is_past_authentication(base::Reason reason) {
  using base::Reason;
  return reason != Reason::kRevoked && reason != Reason::kAddressNotAllowed && reason != Reason::kClaimRejected &&
         reason != Reason::kProviderUnavailable;  // a provider that is disabled
}

void fill(PastDecision& kept, const DecisionFacts& facts, TokenHasher& hasher) {
  const Request& request = facts.request;
  const Identity* const who = facts.decision.identity.get();
  static const std::vector<std::string> no_roles;
  static const std::vector<access::Claim> no_claims;
  kept.reason = facts.decision.reason;
  kept.provider = facts.provider;
  kept.user = who != nullptr ? std::string_view(who->user_key) : std::string_view{};
  kept.api_key = facts.api_key != nullptr ? std::optional(*facts.api_key) : std::nullopt;
  kept.issuer = facts.origin.issuer ? std::optional(hasher.tag(*facts.origin.issuer)) : std::nullopt;
  kept.opaque = facts.origin.opaque;
  kept.token_age = facts.token_age;
  kept.deployment = facts.deployment;
  kept.route = facts.route;
  kept.is_authenticated = who != nullptr && is_past_authentication(kept.reason);
  kept.has_credential = request.credential_kind != CredentialKind::kNone;
  bool fits = assign_roles(kept.roles, who != nullptr ? who->roles : no_roles);
  fits = assign_claims(kept.claims, who != nullptr ? who->claims : no_claims, hasher) && fits;
  fits = assign(kept.method, request.method) && fits;
  fits = assign(kept.path, request.path) && fits;
  fits = assign(kept.host, request.host) && fits;
  fits = assign(kept.resource, request.resource) && fits;
  kept.is_cut = !fits;
  const auto& standing = facts.decision.standing;
  kept.limit = standing ? standing->reached : std::nullopt;
  assign_usage(kept.used, facts.decision);
}

}  // namespace

std::uint64_t fingerprint_of_keys(const settings::Settings& settings) {
  std::string text = std::to_string(settings.proxy_count);
  for (const settings::ApiKey& key : settings.dynamic.keys) {
    text.append(reinterpret_cast<const char*>(key.hash.bytes().data()), key.hash.bytes().size());
    if (!key.address_ranges) continue;
    text += '@';
    for (const std::string& range : *key.address_ranges) text += range + ',';
  }
  return std::hash<std::string>{}(text);
}

std::shared_ptr<const DecidedUnder> decided_under(const runtime::Snapshot& snapshot) {
  auto under = std::make_shared<DecidedUnder>();
  under->static_generation = snapshot.static_generation;
  under->dynamic_generation = snapshot.dynamic_generation;
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    const runtime::Provider& provider = *snapshot.providers[i];
    under->providers.emplace(provider.settings.name,
                             PastEntry{provider.settings.digest, i, runtime::takes_opaque(provider)});
  }
  for (const access::NeededClaim& claim : snapshot.authorizer->needed_claims()) under->claims.push_back(claim.name);
  under->api_keys = fingerprint_of_keys(*snapshot.settings);
  under->had_api_keys = !snapshot.settings->dynamic.keys.empty();
  under->max_token_bytes = snapshot.settings->verify.max_token_bytes;
  under->max_identity_bytes = snapshot.settings->verify.max_identity_bytes;
  return under;
}

void RecentDecisions::Shard::resize(std::size_t capacity) {
  const std::lock_guard lock(mutex_);
  if (slots_.size() == capacity) return;
  slots_ = std::vector<PastDecision>(capacity);
  next_ = 0;
  is_full_ = false;
}

void RecentDecisions::Shard::keep(const DecisionFacts& facts, base::WallTime at,
                                  const std::shared_ptr<const DecidedUnder>& under, TokenHasher& hasher) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) {
    all_.left_out_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  PastDecision& kept = slots_[next_];
  fill(kept, facts, hasher);
  kept.is_question = facts.request.credential_kind != CredentialKind::kNone || !facts.request.path.empty() ||
                     !facts.request.resource.empty() || facts.decision.reason == base::Reason::kNoToken;
  kept.at = at;
  kept.under = under;
  // Taken under the lock, so that who holds the locks of all shards has every number up to the last.
  kept.number = all_.last_number_.fetch_add(1, std::memory_order_relaxed) + 1;
  next_ = (next_ + 1) % slots_.size();
  is_full_ = is_full_ || next_ == 0;
}

RecentDecisions::Shard& RecentDecisions::add_shard() {
  const std::lock_guard lock(shards_mutex_);
  return *shards_.emplace_back(std::make_unique<Shard>(*this));
}

std::size_t RecentDecisions::capacity() const {
  const std::lock_guard lock(shards_mutex_);
  std::size_t capacity = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard shard_lock(shard->mutex_);
    capacity += shard->slots_.size();
  }
  return capacity;
}

// The locks are held while a page is copied, and no longer: a worker that comes meanwhile leaves its decision out.
std::vector<PastDecision> RecentDecisions::after(std::uint64_t number, std::size_t most) const {
  const bool is_of_another_life = number > last_number_.load(std::memory_order_relaxed);
  const std::uint64_t before = is_of_another_life ? 0 : number;
  const std::lock_guard lock(shards_mutex_);
  std::vector<std::unique_lock<std::mutex>> locks;
  std::vector<const PastDecision*> found;
  locks.reserve(shards_.size());
  for (const auto& shard : shards_) {
    locks.emplace_back(shard->mutex_);
    const std::size_t count = shard->is_full_ ? shard->slots_.size() : shard->next_;
    for (std::size_t i = 0; i < count; ++i) {
      if (shard->slots_[i].number > before) found.push_back(&shard->slots_[i]);
    }
  }
  const std::size_t count = std::min(most, found.size());
  const auto by_number = [](const PastDecision* a, const PastDecision* b) { return a->number < b->number; };
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(found.begin(), end, found.end(), by_number);
  found.resize(count);
  std::vector<PastDecision> page;
  page.reserve(count);
  for (const PastDecision* each : found) page.push_back(*each);
  return page;
}

}  // namespace bearerd::verify
