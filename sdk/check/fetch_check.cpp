// resolve() and enrich(), with an identity provider that answers what the check wants, or nothing.
#include <array>
#include <optional>
#include <string>

#include "bearerd/plugin_abi.h"
#include "plugin/lookups.hpp"
#include "sdk/check/checks.hpp"
#include "sdk/check/samples.hpp"
#include "sdk/check/session.hpp"

namespace bearerd::check {
namespace {

// The host's side of one call: every fetch gets the same answer.
class CannedCall {
 public:
  // `answer` null: there is no answer to be had.
  CannedCall(const Probe* answer, std::int32_t status, Faults& faults) noexcept
      : answer_(answer), status_(status), faults_(faults), call_{sizeof call_, this, &fetch, &valid_until} {}
  CannedCall(const CannedCall&) = delete;
  CannedCall& operator=(const CannedCall&) = delete;

  [[nodiscard]] const bearerd_call* call() const noexcept { return &call_; }
  [[nodiscard]] bool was_asked() const noexcept { return was_asked_; }

 private:
  static bearerd_status fetch(void* context, const bearerd_fetch_request* request, bearerd_fetch_response* response) {
    auto& self = *static_cast<CannedCall*>(context);
    self.was_asked_ = true;
    self.look_at(*request);
    if (self.answer_ == nullptr) return BEARERD_FAILED;
    response->status = self.status_;
    response->json = self.answer_->object();
    return BEARERD_DONE;
  }

  static void valid_until(void*, std::int64_t) {}

  void look_at(const bearerd_fetch_request& request) {
    if (request.size < sizeof(bearerd_fetch_request)) return faults_.add("a request's size is less than ABI 1.0 has");
    if (!plugin::view(request.url).starts_with("https://")) faults_.add("a request goes to a URL that is not https");
    if (request.attachment < BEARERD_ATTACH_NOTHING || request.attachment > BEARERD_ATTACH_FORM_TOKEN)
      faults_.add("a request's attachment is " + std::to_string(request.attachment) + ", which is none");
    if (request.headers == nullptr && request.header_count > 0) faults_.add("a request has headers that are not there");
  }

  const Probe* answer_;
  std::int32_t status_;
  Faults& faults_;
  bearerd_call call_;
  bool was_asked_ = false;
};

constexpr std::int32_t kOk = 200;
constexpr std::array<std::int32_t, 3> kStatuses{kOk, 401, 503};

void resolve_once(const Session& session, const Probe* answer, std::int32_t status, Faults& faults) {
  CannedCall canned(answer, status, faults);
  const bearerd_object* claims = nullptr;
  const auto verdict = call_guarded(
      "resolve", faults, [&] { return session.entry().resolve(session.instance(), canned.call(), &claims); });
  if (!verdict) return;
  if (!is_verdict(*verdict)) faults.add("resolve() answered " + std::to_string(*verdict) + ", which is no verdict");
  if (*verdict != BEARERD_ACCEPT) return;
  if (answer == nullptr || !canned.was_asked()) {
    faults.add("resolve() accepts a credential about which nothing was learnt");
  } else if (claims != answer->object()) {
    faults.add("resolve() accepts and gives claims that are no answer of a fetch");
  } else if (status != kOk) {
    faults.add("resolve() accepts on an answer with status " + std::to_string(status));
  }
}

void enrich_once(const Session& session, Record& record, const Probe* answer, std::int32_t status, Faults& faults) {
  const Probe claims(record, BEARERD_KIND_STRING, std::string(kPrivateMark));
  const bearerd_token token{sizeof token, claims.object(), plugin::lend("RS256"), plugin::lend("JWT")};
  CannedCall canned(answer, status, faults);
  Said said;
  const IdentityListener listener(said, faults, Claimed::kText);
  const auto verdict = call_guarded("enrich", faults, [&] {
    return session.entry().enrich(session.instance(), &token, canned.call(), listener.sink());
  });
  if (!verdict) return;
  if (!is_verdict(*verdict)) faults.add("enrich() answered " + std::to_string(*verdict) + ", which is no verdict");
  if (*verdict != BEARERD_ACCEPT || !canned.was_asked()) return;
  if (answer == nullptr) faults.add("enrich() accepts though its fetch failed: unknown is not none");
  if (answer != nullptr && status != kOk)
    faults.add("enrich() accepts on an answer with status " + std::to_string(status));
}

Finding look_at_fetching(Scene& scene) {
  const bool can_resolve = scene.session.entry().resolve != nullptr;
  const bool can_enrich = scene.session.entry().enrich != nullptr;
  if (!can_resolve && !can_enrich) return {Outcome::kPassed, "has neither resolve() nor enrich()"};
  const auto ask = [&](const Probe* answer, std::int32_t status) {
    if (can_resolve) resolve_once(scene.session, answer, status, scene.faults);
    if (can_enrich) enrich_once(scene.session, scene.record, answer, status, scene.faults);
  };
  ask(nullptr, kOk);
  for (const std::int32_t status : kStatuses) {
    for (const Uniform& object : uniform_objects()) {
      if (!object.is_text) continue;
      const Probe answer(scene.record, object.kind, object.text);
      ask(&answer, status);
    }
  }
  if (scene.record.logged().find(kPrivateMark) != std::string::npos) scene.faults.add("logs what it fetched");
  return scene.faults.finding(can_resolve && can_enrich ? "resolve() and enrich() believe no outage"
                              : can_resolve             ? "resolve() believes no outage"
                                                        : "enrich() believes no outage");
}

}  // namespace

Finding check_fetching(const Subject& subject) { return look_at(subject, false, &look_at_fetching); }

}  // namespace bearerd::check
