#include "verify/key_narration.hpp"

#include <algorithm>
#include <string>

namespace bearerd::verify {
namespace {

using base::Check;
using base::excerpt;
using base::Reason;
using base::Trace;

std::string joined(const std::vector<base::Algorithm>& algorithms) {
  std::string text;
  for (const base::Algorithm algorithm : algorithms) text += (text.empty() ? "" : ", ") + std::string(name(algorithm));
  return text.empty() ? "none" : text;
}

std::string key_text(const jose::Key& key) {
  return key.key_id().empty() ? "a key without kid" : "key " + excerpt(key.key_id());
}

// The key that the header names; empty: it names none.
std::string wanted_text(const jose::Header& header) {
  if (header.key_id) return "kid " + excerpt(*header.key_id);
  if (header.x5t_s256) return "x5t#S256 " + excerpt(*header.x5t_s256);
  return header.x5t ? "x5t " + excerpt(*header.x5t) : std::string();
}

bool is_among(const jose::Key& key, const jose::Candidates& candidates) {
  const auto* const end = candidates.keys + candidates.count;
  return std::find(candidates.keys, end, &key) != end;
}

std::string place_of(const runtime::BoundKeys& keys) {
  const keys::KeySourceSettings& settings = keys.source->settings();
  if (!settings.jwks_url.empty()) return settings.jwks_url;
  if (!settings.discovery_url.empty()) return "discovery at " + settings.discovery_url;
  return settings.is_fetched() ? "discovery of " + settings.issuer : "files of the settings";
}

}  // namespace

void tell_algorithm(Trace& trace, const runtime::Provider& provider, const jose::Header& header, bool is_allowed) {
  const std::string sent =
      header.algorithm ? std::string(name(*header.algorithm)) : std::string("an unknown algorithm");
  trace.judge(Check::kAlgorithm, is_allowed,
              sent + (is_allowed ? " is allowed" : " is not allowed") + "; this provider allows " +
                  joined(provider.algorithms));
}

void tell_source(Trace& trace, const runtime::BoundKeys& keys, bool is_of_issuer) {
  std::string text = "keys from " + place_of(keys) + ": ";
  if (!is_of_issuer) {
    return trace.detail(Check::kKey,
                        text + "not looked at, they vouch for the issuer " + excerpt(keys.issuer) + " only");
  }
  const keys::KeySourceStatus status = keys.source->status();
  text += std::to_string(status.key_count) + " keys";
  if (status.is_stale) text += ", past their freshness";
  if (!status.is_ready) text += ", none of them usable now";
  if (!status.last_error.empty()) text += "; the last fetch failed: " + status.last_error;
  trace.detail(Check::kKey, text);
}

void tell_key_set(Trace& trace, const jose::KeySet& set, const jose::Header& header, base::Algorithm algorithm,
                  const jose::Candidates& candidates) {
  const std::string wanted = wanted_text(header);
  for (const auto& key : set.keys()) {
    if (is_among(*key, candidates)) {
      trace.detail(Check::kKey, key_text(*key) + ": fits");
    } else if (!key->can_verify(algorithm)) {
      trace.detail(Check::kKey, key_text(*key) + ": can't verify " + std::string(name(algorithm)));
    } else {
      trace.detail(Check::kKey, key_text(*key) + ": not the one that the token names");
    }
  }
  if (candidates.count == 0) return;
  const std::string how = wanted.empty() ? std::string("the token names no key") : "the token names " + wanted;
  trace.pass(Check::kKey,
             how + "; " + std::to_string(candidates.count) + (candidates.count == 1 ? " key fits" : " keys fit"));
}

void tell_foreign_key(Trace& trace, const jose::Key& key) {
  trace.detail(Check::kSignature, key_text(key) + ": not tried, it vouches for the issuer " + excerpt(key.issuer()) +
                                      " and its tenant only");
}

void tell_no_key(Trace& trace, bool is_named_key_unfit) {
  trace.fail(Check::kKey, is_named_key_unfit ? "the key that the token names can't verify the token's algorithm"
                                             : "this provider has no keys for the token's issuer");
}

void tell_wanted(Trace& trace, const runtime::BoundKeys& keys, const jose::Header& header,
                 const keys::WantedAnswer& answer) {
  const std::string wanted = wanted_text(header);
  const std::string none =
      "no key fits" + (wanted.empty() ? ", and the token names none" : ": the token names " + wanted);
  const std::string again = "; ask again in " + std::to_string(answer.retry_after.count()) + " s";
  switch (answer.wanted) {
    case keys::Wanted::kPresent:
      return trace.detail(Check::kKey, "it came just now: looked again");
    case keys::Wanted::kAbsent:
      return trace.fail(
          Check::kKey,
          none + (keys.source->settings().is_fetched() ? ", which a set fetched since has not either" : ""));
    case keys::Wanted::kPending:
      return trace.fail(Check::kKey, none + "; the set is being fetched anew" + again);
    case keys::Wanted::kCoolingDown:
      return trace.fail(Check::kKey, none + "; the set was fetched too recently to be fetched anew" + again);
    case keys::Wanted::kUnavailable:
      break;
  }
  trace.fail(Check::kKey, "there are no usable keys, and where they come from does not answer" + again);
}

void tell_signature(Trace& trace, Reason reason, const jose::Key* key) {
  if (key != nullptr) return trace.pass(Check::kSignature, "made with " + key_text(*key));
  if (reason == Reason::kWrongTenant)
    return trace.fail(Check::kSignature, "the key belongs to another issuer or tenant than the token");
  if (reason == Reason::kOverloaded)
    return trace.fail(Check::kSignature, "not tried: too many signatures failed lately with this dear key");
  trace.fail(Check::kSignature, "no key that fits made it: the token was changed, or signed by somebody else");
}

}  // namespace bearerd::verify
