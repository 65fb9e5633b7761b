// Asking an identity provider about one token, and judging what it says by the same rules as what a JWT says.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/reason.hpp"
#include "runtime/snapshot.hpp"
#include "verify/verdict_cache.hpp"

namespace bearerd::verify {

// A JWT that is good so far; its provider has to add what is not in it.
struct VerifiedJwt {
  Verdict verdict;
  std::string key_id;
};

struct ProviderQuestion {
  std::shared_ptr<const runtime::Snapshot> snapshot;
  std::size_t provider = 0;
  std::string credential;
  std::optional<VerifiedJwt> jwt;  // absent: nothing is known about the credential
};

struct ProviderAnswer {
  std::optional<Verdict> verdict;  // set exactly when the token is good; its holds_until is the answer's
  base::Reason reason = base::Reason::kProviderUnavailable;
  std::chrono::seconds retry_after{0};
  base::SteadyTime holds_until{};

  // It says something about the provider, and nothing about the token.
  [[nodiscard]] bool is_outage() const noexcept {
    return reason == base::Reason::kProviderUnavailable || reason == base::Reason::kInternal;
  }
};

// A worker; waits for the network, at most a few seconds. Never throws: what fails is kInternal.
[[nodiscard]] ProviderAnswer ask_provider(ProviderQuestion& question, const base::Clock& clock) noexcept;

}  // namespace bearerd::verify
