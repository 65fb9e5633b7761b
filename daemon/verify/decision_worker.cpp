#include "verify/decision_worker.hpp"

#include <functional>
#include <utility>

#include "access/client_address.hpp"
#include "verify/identity.hpp"
#include "verify/narration.hpp"
#include "verify/token_rules.hpp"

namespace bearerd::verify {
namespace {

using base::Reason;

// Somebody has to switch it on again, so nobody need ask every second.
constexpr std::chrono::seconds kDisabledRetry{30};

// It only spreads a budget, so it need not be an address.
std::uint64_t source_of(std::string_view forwarded_for, unsigned proxy_count) {
  const auto client = access::find_client(forwarded_for, proxy_count);
  return client ? std::hash<std::string_view>{}(*client) : 0;
}

// Where the same token would be sent to now.
std::optional<std::size_t> provider_of(const runtime::Snapshot& snapshot, const Verdict& verdict) {
  if (!verdict.is_opaque) {
    const auto match = snapshot.find_issuer(verdict.issuer);
    return match ? std::optional(match->provider) : std::nullopt;
  }
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    if (snapshot.providers[i]->epoch == verdict.provider_epoch) return i;
  }
  return std::nullopt;
}

// Whether what was found then would be found now; moves the verdict along into this snapshot. False: verify anew.
bool still_holds(const runtime::Snapshot& snapshot, Verdict& verdict) {
  if (verdict.snapshot_epoch != snapshot.epoch) return false;
  if (verdict.snapshot != snapshot.serial) {
    const auto provider = provider_of(snapshot, verdict);
    if (!provider || snapshot.providers[*provider]->epoch != verdict.provider_epoch) return false;
    verdict.provider = *provider;
    verdict.snapshot = snapshot.serial;
  }
  const runtime::Provider& provider = *snapshot.providers[verdict.provider];
  if (provider.settings.is_unverified || verdict.is_opaque) return true;
  return verdict.key_source < provider.keys.size() &&
         provider.keys[verdict.key_source].source->epoch() == verdict.keys_epoch;
}

std::string_view provider_of(const runtime::Provider* provider, bool is_api_key) {
  if (provider != nullptr) return provider->settings.name;
  return is_api_key ? kApiKeyProvider : "none";
}

// Null: the store can't say, and the settings want a refusal then.
void settle(Decision& decision, const state::Standing* standing) {
  if (standing == nullptr) {
    decision.reason = Reason::kOverloaded;
    decision.retry_after = std::chrono::seconds(1);
    return;
  }
  decision.standing = *standing;
  if (!standing->reached) return;
  decision.reason = Reason::kLimitReached;
  decision.retry_after = standing->retry_after;
}

}  // namespace

DecisionWorker::Outcome DecisionWorker::allow(const runtime::Snapshot& snapshot, const Verdict& verdict) {
  return Outcome{{Reason::kOk, verdict.identity, {}},
                 snapshot.providers[verdict.provider].get(),
                 false,
                 verdict.lifetime.issued_at};
}

std::optional<std::chrono::seconds> DecisionWorker::token_age(const Outcome& outcome, base::WallTime now) {
  if (!outcome.issued_at) return std::nullopt;
  const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  const auto skew = outcome.provider != nullptr ? outcome.provider->time.clock_skew : std::chrono::seconds(0);
  return second - std::chrono::seconds(*outcome.issued_at) - skew;
}

DecisionWorker::DecisionWorker(const WorkerOptions& options)
    : options_(options),
      cache_(options.cache_entries),
      authenticator_(options.log, options.inquiries),
      revocations_(options.revocations) {
  if (options.recent != nullptr) recent_ = &options.recent->add_shard();
  begin_turn();
}

DecisionWorker::~DecisionWorker() {
  if (options_.cached_verdicts != nullptr) *options_.cached_verdicts -= static_cast<std::int64_t>(counted_entries_);
}

void DecisionWorker::begin_turn() {
  take_snapshot();
  revocations_.begin_turn(*snapshot_);
}

void DecisionWorker::take_snapshot() {
  const std::uint64_t serial = options_.snapshots->serial();
  if (serial == seen_serial_ && snapshot_ != nullptr) return;
  snapshot_ = options_.snapshots->get();
  seen_serial_ = serial;
  if (recent_ != nullptr) {
    recent_->resize((snapshot_->settings->admin.recent_decisions + options_.workers - 1) / options_.workers);
    under_ = recent_->is_on() ? decided_under(*snapshot_) : nullptr;
  }
  // Of another epoch none holds any more; cleared here so that a flush gives the memory back at once.
  const bool is_other_epoch = std::exchange(seen_epoch_, snapshot_->epoch) != snapshot_->epoch;
  if (snapshot_->settings->cache.verdict_life.count() != 0 && !is_other_epoch) return;
  cache_.clear();
  count_entries();
}

std::optional<Decision> DecisionWorker::decide(const Request& request, Attempt& attempt) {
  const std::shared_ptr<const runtime::Snapshot>& held = attempt.snapshot != nullptr ? attempt.snapshot : snapshot_;
  const runtime::Snapshot& snapshot = *held;
  std::optional<Outcome> outcome = attempt.judged != nullptr
                                       ? finish_limit(request, attempt)
                                       : judge(snapshot, request, options_.clock->wall(), attempt);
  if (!outcome) {
    if (attempt.snapshot == nullptr) attempt.snapshot = snapshot_;
    return std::nullopt;
  }
  if (request.trace == nullptr) tell(snapshot, request, *outcome);
  // Who was refused is for the log alone.
  if (outcome->decision.reason != Reason::kOk) outcome->decision.identity.reset();
  return std::move(outcome->decision);
}

std::optional<DecisionWorker::Outcome> DecisionWorker::judge(const runtime::Snapshot& snapshot, const Request& request,
                                                             base::WallTime wall, Attempt& attempt) {
  std::optional<Outcome> outcome = authenticate(snapshot, request, wall, attempt);
  if (!outcome) {
    if (attempt.snapshot == nullptr) attempt.deadline = request.arrived_at + snapshot.settings->verify.wait;
    return std::nullopt;
  }
  refuse_disabled(request, *outcome);
  authorize(snapshot, request, wall, *outcome);
  const std::string_view deployment = outcome->ruling.deployment;
  const bool is_limited = options_.usage != nullptr && outcome->decision.reason == Reason::kOk && !deployment.empty();
  if (is_limited) return limit(snapshot, request, wall, attempt, *outcome) ? std::move(outcome) : std::nullopt;
  if (request.trace != nullptr)
    tell_no_limits(*request.trace, outcome->decision.reason == Reason::kOk, !deployment.empty());
  return outcome;
}

// The one place that every token passes, whoever verified it and when. By this turn's snapshot, not by the one that a
// request which waited began with: what is switched off is off at once.
void DecisionWorker::refuse_disabled(const Request& request, Outcome& outcome) const {
  if (outcome.provider == nullptr || !snapshot_->is_disabled(*outcome.provider)) return;
  if (request.trace != nullptr) tell_disabled(*request.trace, *snapshot_->disabled, *outcome.provider);
  outcome.decision.reason = Reason::kProviderUnavailable;
  outcome.decision.retry_after = kDisabledRetry;
}

bool DecisionWorker::limit(const runtime::Snapshot& snapshot, const Request& request, base::WallTime wall,
                           Attempt& attempt, Outcome& outcome) {
  Decision& decision = outcome.decision;
  const auto caller = state::parse_caller(decision.identity->caller);
  const state::LimitTable::Deployment* const deployment = snapshot.limits->find(outcome.ruling.deployment);
  if (!caller || deployment == nullptr) {
    decision.reason = Reason::kInternal;
    return true;
  }
  state::LimitQuestion question;
  question.key = {*caller, deployment->id};
  question.limits = snapshot.limits->effective(*deployment, decision.identity->roles);
  question.now = state::second_of(wall);
  question.counts = request.trace == nullptr;
  if (request.trace != nullptr)
    tell_limit_owners(*request.trace, snapshot.limits->owners(*deployment, decision.identity->roles));
  if (question.limits.forbids()) {
    if (request.trace != nullptr) tell_limits(*request.trace, question, nullptr);
    decision.reason = Reason::kNoRole;
    return true;
  }
  const bool may_wait = !attempt.is_expired && attempt.resume;
  state::LimitAnswer answer = options_.usage->check(question, may_wait ? &attempt.resume : nullptr);
  if (auto* const pending = std::get_if<std::shared_ptr<state::PendingStanding>>(&answer)) {
    attempt.deadline = (*pending)->deadline();
    attempt.judged = std::make_shared<Judged>(Judged{std::move(outcome), std::move(*pending), question});
    return false;
  }
  const auto* const standing = std::get_if<state::Standing>(&answer);
  if (request.trace != nullptr) tell_limits(*request.trace, question, standing);
  settle(decision, standing);
  return true;
}

std::optional<DecisionWorker::Outcome> DecisionWorker::finish_limit(const Request& request, Attempt& attempt) const {
  Judged& judged = *std::static_pointer_cast<Judged>(attempt.judged);
  auto found = judged.pending->find();
  if (!found && attempt.is_expired) found = judged.pending->give_up();
  if (!found) return std::nullopt;
  const auto* const standing = std::get_if<state::Standing>(&*found);
  if (request.trace != nullptr) tell_limits(*request.trace, judged.question, standing);
  settle(judged.outcome.decision, standing);
  refuse_disabled(request, judged.outcome);  // it may have been switched off meanwhile
  return std::move(judged.outcome);
}

std::optional<DecisionWorker::Outcome> DecisionWorker::authenticate(const runtime::Snapshot& snapshot,
                                                                    const Request& request, base::WallTime wall,
                                                                    Attempt& attempt) {
  if (request.trace != nullptr) tell_credential(*request.trace, request.credential_kind);
  if (request.credential_kind == CredentialKind::kNone) return Outcome{{Reason::kNoToken, {}, {}}, nullptr, false};
  if (request.credential_kind == CredentialKind::kApiKey) return authenticate_api_key(snapshot, request, wall);

  const base::SteadyTime now = options_.clock->steady();
  // Longer ones are never remembered, and hashing them is work that a stranger could order.
  const bool is_rememberable = !cache_.is_off() && request.trace == nullptr &&
                               snapshot.settings->cache.verdict_life.count() > 0 &&
                               request.credential.size() <= snapshot.settings->verify.max_token_bytes;
  const TokenTag tag = is_rememberable ? hasher_.tag(request.credential) : TokenTag{};
  if (is_rememberable) {
    if (auto outcome = recall(snapshot, tag, now, wall)) return outcome;
    options_.metrics->count_cache_miss();
  }

  Authenticator::Question question;
  question.token = request.credential;
  question.source = source_of(request.forwarded_for, snapshot.settings->proxy_count);
  question.wall = wall;
  question.steady = now;
  question.wants_traces = revocations_.has_entries();
  question.trace = request.trace;
  question.resume = attempt.is_expired || !attempt.resume ? nullptr : &attempt.resume;
  Finding finding = authenticator_.authenticate(snapshot, question);
  if (std::holds_alternative<Waiting>(finding)) return std::nullopt;
  if (const auto* refusal = std::get_if<Refusal>(&finding)) {
    return Outcome{{refusal->reason, {}, refusal->retry_after}, refusal->provider, false};
  }
  Verdict& verdict = std::get<Verdict>(finding);
  if (is_rememberable && is_small_enough(*verdict.identity)) {
    return remember(snapshot, tag, std::move(verdict), now, wall);
  }
  Outcome outcome = admit(snapshot, verdict, wall);
  if (request.trace != nullptr) {
    tell_revocation(*request.trace, revocations_.has_entries(),
                    outcome.decision.reason == Reason::kRevoked ? revocations_.why(verdict, wall) : std::string());
  }
  return outcome;
}

DecisionWorker::Outcome DecisionWorker::admit(const runtime::Snapshot& snapshot, Verdict& verdict,
                                              base::WallTime wall) const {
  Outcome outcome = allow(snapshot, verdict);
  if (revocations_.revokes(verdict, wall)) outcome.decision.reason = Reason::kRevoked;
  return outcome;
}

DecisionWorker::Outcome DecisionWorker::authenticate_api_key(const runtime::Snapshot& snapshot, const Request& request,
                                                             base::WallTime wall) {
  const access::ApiKey* key = snapshot.authorizer->api_keys().find(request.credential);
  if (request.trace != nullptr) tell_api_key(*request.trace, key);
  if (key == nullptr) return Outcome{{Reason::kUnknownApiKey, {}, {}}, nullptr, true};
  Outcome outcome{{Reason::kOk, standing_.of(snapshot, *key), {}}, nullptr, true};
  outcome.api_key = key;
  if (outcome.decision.identity == nullptr) outcome.decision.reason = Reason::kClaimRejected;
  const unsigned proxy_count = snapshot.settings->proxy_count;
  const bool is_near = access::may_come_from(*key, request.forwarded_for, proxy_count);
  if (!is_near) outcome.decision.reason = Reason::kAddressNotAllowed;
  const bool is_revoked =
      outcome.decision.identity != nullptr && revocations_.revokes_caller(outcome.decision.identity->caller, wall);
  if (is_revoked) outcome.decision.reason = Reason::kRevoked;
  if (request.trace != nullptr) {
    const KeyQuestion question{*key, request.forwarded_for, proxy_count, is_near, revocations_.has_entries()};
    tell_key_checks(*request.trace, question, outcome.decision.reason,
                    is_revoked ? revocations_.why_caller(outcome.decision.identity->caller, wall) : std::string());
  }
  return outcome;
}

void DecisionWorker::authorize(const runtime::Snapshot& snapshot, const Request& request, base::WallTime wall,
                               Outcome& outcome) {
  Decision& decision = outcome.decision;
  if (request.trace != nullptr) request.trace->expect(base::Check::kResource, base::Check::kLimits);
  if (decision.reason != Reason::kOk && decision.reason != Reason::kNoToken) return;
  const access::Wish wish{request.resource, request.method, request.path, request.host, request.trace};
  if (decision.reason == Reason::kNoToken) {
    outcome.ruling = snapshot.authorizer->authorize(wish, nullptr);
    if (outcome.ruling.reason == Reason::kOk) decision.identity = standing_.nobody(snapshot);
  } else {
    const Identity& identity = *decision.identity;
    const access::Caller caller{identity.provider, identity.roles, identity.claims, token_age(outcome, wall)};
    outcome.ruling = snapshot.authorizer->authorize(wish, &caller);
  }
  decision.reason = outcome.ruling.reason;
}

std::optional<DecisionWorker::Outcome> DecisionWorker::recall(const runtime::Snapshot& snapshot, TokenTag tag,
                                                              base::SteadyTime now, base::WallTime wall) {
  Verdict* verdict = cache_.find(tag);
  if (verdict == nullptr || now - verdict->made_at >= snapshot.settings->cache.verdict_life ||
      now >= verdict->holds_until || now >= verdict->renew_at || !still_holds(snapshot, *verdict) ||
      !revocations_.can_judge(*verdict))
    return std::nullopt;
  options_.metrics->count_cache_hit();
  const runtime::Provider& provider = *snapshot.providers[verdict->provider];
  const Reason reason =
      jose::check_lifetime(verdict->lifetime, verdict->is_opaque ? opaque_time_rules(provider) : provider.time, wall);
  if (reason == Reason::kOk) return admit(snapshot, *verdict, wall);
  return Outcome{{reason, {}, {}}, &provider, false};
}

DecisionWorker::Outcome DecisionWorker::remember(const runtime::Snapshot& snapshot, TokenTag tag, Verdict verdict,
                                                 base::SteadyTime now, base::WallTime wall) {
  Outcome outcome = admit(snapshot, verdict, wall);
  verdict.snapshot = snapshot.serial;
  verdict.made_at = now;
  if (cache_.put(tag, std::move(verdict))) options_.metrics->count_cache_eviction();
  count_entries();
  return outcome;
}

void DecisionWorker::count_entries() {
  if (options_.cached_verdicts == nullptr || cache_.size() == counted_entries_) return;
  *options_.cached_verdicts += static_cast<std::int64_t>(cache_.size()) - static_cast<std::int64_t>(counted_entries_);
  counted_entries_ = cache_.size();
}

void DecisionWorker::tell(const runtime::Snapshot& snapshot, const Request& request, const Outcome& outcome) {
  const auto duration = options_.clock->steady() - request.arrived_at;
  const Reason reason = outcome.decision.reason;
  observe::ProviderMetrics& metrics = outcome.provider != nullptr ? *outcome.provider->metrics
                                      : outcome.is_api_key        ? *snapshot.api_key_metrics
                                                                  : *snapshot.no_provider_metrics;
  metrics.count_decision(reason, duration);
  if (recent_ != nullptr && recent_->is_on()) keep(snapshot, request, outcome);
  if (options_.log == nullptr || (reason == Reason::kOk && !options_.log->logs_allows())) return;
  observe::DecisionLine line;
  line.reason = reason;
  line.provider = provider_of(outcome.provider, outcome.is_api_key);
  if (outcome.decision.identity != nullptr) {
    line.user = outcome.decision.identity->user_key;
    line.project = outcome.decision.identity->project;
  }
  // Only configured names: whatever else a client asks for is its own text.
  line.resource = !outcome.ruling.deployment.empty() ? outcome.ruling.deployment : outcome.ruling.route;
  const auto& standing = outcome.decision.standing;
  if (standing && standing->reached) line.limit = state::shape_of(*standing->reached).name;
  line.method = request.method;
  line.request_id = request.request_id;
  line.duration = duration;
  options_.log->decision(line);
}

void DecisionWorker::keep(const runtime::Snapshot& snapshot, const Request& request, const Outcome& outcome) {
  // A request that waited may have begun under older settings.
  const auto under = &snapshot == snapshot_.get() ? under_ : decided_under(snapshot);
  const base::WallTime wall = options_.clock->wall();
  DecisionFacts facts{request,
                      outcome.decision,
                      provider_of(outcome.provider, outcome.is_api_key),
                      outcome.ruling.deployment,
                      outcome.ruling.route,
                      token_age(outcome, wall),
                      {}};
  if (request.credential_kind == CredentialKind::kBearer)
    facts.origin = authenticator_.origin_of(snapshot, request.credential);
  if (outcome.api_key != nullptr) facts.api_key = &outcome.api_key->hash;
  recent_->keep(facts, wall, under, hasher_);
}

void DecisionWorker::refuse(Reason reason, std::string_view request_id, base::SteadyTime arrived_at) {
  Request request;
  request.request_id = request_id;
  request.arrived_at = arrived_at;
  tell(*snapshot_, request, Outcome{{reason, {}, {}}, nullptr, false});
}

}  // namespace bearerd::verify
