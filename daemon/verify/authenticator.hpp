// Who is the bearer? One order of checks for every provider, cheap and attacker-independent first:
// shape → issuer → provider → algorithm and key → signature → time → audience → the plugin's rules (RFC 7519 §7.2, RFC
// 8725 §3). Opaque tokens are asked about, by the background.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "base/trace.hpp"
#include "jose/token.hpp"
#include "jose/validity.hpp"
#include "runtime/snapshot.hpp"
#include "verify/failure_limiter.hpp"
#include "verify/inquiries.hpp"
#include "verify/verdict_cache.hpp"

namespace bearerd::verify {

// A refusal, with the provider that had been chosen by then (null: none).
struct Refusal {
  base::Reason reason = base::Reason::kInternal;
  const runtime::Provider* provider = nullptr;
  std::chrono::seconds retry_after{0};
};

// Keys, or a provider's word, are being fetched: ask again once `resume` was called.
struct Waiting {
  const runtime::Provider* provider = nullptr;
};

using Finding = std::variant<Verdict, Refusal, Waiting>;

// By what a token finds its provider; nothing of it was verified. Neither for what no provider is looked for.
struct TokenOrigin {
  std::optional<std::string_view> issuer;  // of a JWT, empty when it names none
  std::optional<base::Reason> opaque;      // of an opaque token: how it is refused where nobody takes such
};

// Not thread-safe: one per worker. Never waits.
class Authenticator {
 public:
  // `inquiries` null: nobody is asked, so opaque tokens are refused as where no provider takes them, and what is
  // missing in a JWT is unavailable.
  explicit Authenticator(observe::Log* log, Inquiries* inquiries = nullptr) : log_(log), inquiries_(inquiries) {}

  struct Question {
    std::string_view token;
    std::uint64_t source = 0;  // hash of the client's address as far as it is known
    base::WallTime wall{};
    base::SteadyTime steady{};
    const std::function<void()>* resume = nullptr;  // null: answer from what is there, never Waiting
    bool wants_traces = false;                      // something is revoked
    base::Trace* trace = nullptr;                   // null: nobody wants it explained
  };
  [[nodiscard]] Finding authenticate(const runtime::Snapshot& snapshot, const Question& question);
  // Lent until the next call.
  [[nodiscard]] TokenOrigin origin_of(const runtime::Snapshot& snapshot, std::string_view token);

 private:
  // A JWT whose issuer has led to a provider.
  struct Routed {
    const jose::UnverifiedToken& token;
    std::string_view issuer;
    const runtime::IssuerMatch& match;
    const runtime::Provider& provider;
  };
  struct Claimed {
    jose::Lifetime lifetime;
    bool needs_enrichment = false;
  };

  [[nodiscard]] Finding authenticate_jwt(const runtime::Snapshot& snapshot, const Question& question);
  [[nodiscard]] Finding verify_jwt(const runtime::Snapshot& snapshot, const Question& question, const Routed& jwt);
  // Once the signature is right: the time, the audience, and the provider's rules.
  [[nodiscard]] static tl::expected<Claimed, base::Reason> check_claims(const Question& question, const Routed& jwt);
  [[nodiscard]] Finding ask_every_provider(const runtime::Snapshot& snapshot, const Question& question);
  // `jwt`: what the provider is asked for is what the token does not say.
  [[nodiscard]] Finding ask_provider_about(const runtime::Snapshot& snapshot, const Question& question,
                                           std::size_t provider, std::optional<VerifiedJwt> jwt);

  struct Signed {
    std::size_t source = 0;  // index in Provider::keys
    std::uint64_t keys_epoch = 0;
    // Of the very key, whatever the header says. Always: what a provider adds is remembered with all its traces.
    std::string key_id;
  };
  using Signature = std::variant<Signed, Refusal, Waiting>;
  struct Asked {
    const jose::UnverifiedToken& token;
    base::Algorithm algorithm;
    std::string_view issuer;
    const Question& question;
  };

  [[nodiscard]] Signature check_signature(const runtime::Provider& provider, const jose::UnverifiedToken& token,
                                          std::string_view issuer, const Question& question);
  // Nothing when the source has no key that fits.
  [[nodiscard]] std::optional<Signature> try_source(const runtime::Provider& provider, std::size_t source,
                                                    const Asked& asked, bool& is_named_key_unfit);
  [[nodiscard]] Signature ask_for_key(const runtime::Provider& provider, std::size_t source, const Asked& asked);
  struct Tried {
    base::Reason reason = base::Reason::kBadSignature;
    const jose::Key* key = nullptr;  // that the signature fits; set exactly with kOk
  };
  [[nodiscard]] Tried try_keys(const runtime::Provider& provider, const jose::Candidates& candidates,
                               const Asked& asked);
  void warn_if_ambiguous(const runtime::IssuerMatch& match, const runtime::Provider& provider, base::SteadyTime now);

  // The settings' own limit is looked at before; this is what the buffers are made for.
  static constexpr jose::TokenLimits kLimits{64 * 1024, 8 * 1024, 16};
  jose::TokenParser parser_{kLimits};
  FailureLimiter limiter_;
  observe::Log* log_;
  Inquiries* inquiries_;
  TokenHasher hasher_;  // for what is asked about
  base::SteadyTime next_ambiguity_warning_{};
  std::uint64_t ambiguous_ = 0;
};

}  // namespace bearerd::verify
