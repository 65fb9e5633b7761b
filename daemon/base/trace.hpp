// How a decision came about, check by check, for whoever asks to have it explained. The code that decides tells it here
// as it goes; where nobody asked, it looks at a null pointer and no more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearerd::base {

// In the order in which a request meets them.
enum class Check : std::uint8_t {
  kRequest = 1,
  kCredential,
  kApiKey,
  kClientAddress,
  kShape,
  kIssuer,
  kProvider,
  kAlgorithm,
  kKey,
  kSignature,
  kExpiry,
  kNotBefore,
  kIssuedAt,
  kAge,
  kAudience,
  kTenant,
  kBinding,
  kTokenType,
  kRequiredClaims,
  kPlugin,
  kIdentity,
  kRoles,
  kRevocation,
  kResource,
  kRoute,
  kPermission,
  kLimits,
};
inline constexpr std::size_t kCheckCount = 27;
// The public name, such as "not_before".
[[nodiscard]] std::string_view name(Check check) noexcept;

enum class Outcome : std::uint8_t {
  kPassed = 1,
  kFailed,
  kNotReached,  // another one had failed before
  kNotAsked,    // the settings, or the request, give it nothing to look at
};
[[nodiscard]] std::string_view name(Outcome outcome) noexcept;

struct Step {
  Check check = Check::kRequest;
  Outcome outcome = Outcome::kNotReached;
  std::string why;                   // for people
  std::vector<std::string> details;  // such as what else was looked at, and why it was not taken
};

// Of one request. Not thread-safe. Bounded: texts are cut, and so is the number of details.
class Trace {
 public:
  // `shows_claims`: what the token says may be repeated; else only what the settings say about it.
  explicit Trace(bool shows_claims) noexcept : shows_claims_(shows_claims) {}

  // What is told twice, as after a wait, is replaced.
  void pass(Check check, std::string_view why) { tell(check, Outcome::kPassed, why); }
  void fail(Check check, std::string_view why) { tell(check, Outcome::kFailed, why); }
  void skip(Check check, std::string_view why) { tell(check, Outcome::kNotAsked, why); }
  // The outcome of a check that a condition decides.
  void judge(Check check, bool is_passed, std::string_view why) {
    tell(check, is_passed ? Outcome::kPassed : Outcome::kFailed, why);
  }
  // Goes with `check`, before or after its outcome is told.
  void detail(Check check, std::string_view text);
  // These belong to this request: what is not told of them from here on was not reached. What was told of them before,
  // as by an attempt that had to wait, is forgotten.
  void expect(Check first, Check last);

  [[nodiscard]] bool has_failed() const noexcept;
  [[nodiscard]] bool shows_claims() const noexcept { return shows_claims_; }
  // A claim's value in quotes, cut, or that it is not shown.
  [[nodiscard]] std::string claim(std::string_view value) const;

  // In the order of Check.
  [[nodiscard]] std::vector<Step> steps() const;

  // Configured names, as far as they were found; empty: none.
  std::string provider, deployment, route;

 private:
  void tell(Check check, Outcome outcome, std::string_view why);
  Step& step_of(Check check);

  std::vector<Step> steps_;  // few
  bool shows_claims_;
};

// In quotes, cut where it is long. For texts that may be hostile.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace bearerd::base
