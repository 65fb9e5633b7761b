#include "http/verify_service.hpp"

#include "base/text.hpp"

namespace bearerd::http {
namespace {

using base::Reason;
using verify::Decision;

constexpr std::string_view kBasicChallenge = "WWW-Authenticate: Basic realm=\"bearerd introspection\"\r\n";

std::string readiness_body(const std::vector<verify::ProviderState>& states, bool is_ready,
                           const verify::Worker& worker) {
  std::string body = is_ready ? R"({"ready":true,"providers":[)" : R"({"ready":false,"providers":[)";
  for (const verify::ProviderState& state : states) {
    if (body.back() == '}') body += ',';
    body += R"({"name":")";
    base::append_json_escaped(body, state.name);
    body.append(R"(","state":")").append(name(state.readiness));
    body.append(state.is_optional ? R"(","optional":true})" : R"(","optional":false})");
  }
  body.append(worker.is_counting_degraded() ? R"(],"counters":"degraded")" : R"(],"counters":"ok")");
  body.append(worker.are_revocations_unreadable() ? R"(,"revocations":"unreadable"})" : R"(,"revocations":"ok"})");
  return body + "\n";
}

}  // namespace

VerifyService::VerifyService(verify::Worker& worker, WakeFactory wake) : worker_(worker), wake_(std::move(wake)) {}

void VerifyService::begin_turn(base::SteadyTime now) noexcept try {
  now_ = now;
  has_world_ = false;
  worker_.begin_turn();
  const auto& settings = worker_.snapshot().settings;
  if (answers_ == nullptr || answers_->settings() != settings.get())
    answers_ = std::make_shared<const Answers>(settings);
  date_text_ = date_.at(std::chrono::system_clock::now());
  has_world_ = true;
} catch (...) {  // a turn's top: its requests get their 503, and the next turn tries again
}

Framing VerifyService::framing(Persistence persistence) { return {persistence, date_text_}; }

// A request's top: a bug, or no memory. The process never notices; half an answer is never sent.
std::unique_ptr<Exchange> VerifyService::serve(const RequestHead& head, Persistence persistence, std::string& out) {
  const std::size_t whole = out.size();
  try {
    if (has_world_) return answer(head, persistence, out);
  } catch (...) {
    out.resize(whole);
  }
  answer_failed(head, persistence, out);
  return nullptr;
}

// A turn without a world of its own answers 503 as for any other request.
std::optional<IntrospectionForm> VerifyService::begin_form(const RequestHead& head) noexcept try {
  if (!has_world_ || !has_introspection_form(head, *answers_->settings())) return std::nullopt;
  return IntrospectionForm{};
} catch (...) {  // no memory
  return std::nullopt;
}

std::unique_ptr<Exchange> VerifyService::serve_form(const IntrospectionForm& form, Persistence persistence,
                                                    std::string& out) {
  const std::size_t whole = out.size();
  try {
    if (has_world_) return introspect(form, persistence, out);
  } catch (...) {
    out.resize(whole);
  }
  append_plain(out, {503, {}, {}, false, {}}, framing(persistence));
  return nullptr;
}

std::unique_ptr<Exchange> VerifyService::introspect(const IntrospectionForm& form, Persistence persistence,
                                                    std::string& out) {
  auto token = find_token(form.body);
  if (!token) {
    tell_bad_request();
    append_plain(out, {400, {}, {}, false, {}}, framing(persistence));
    return nullptr;
  }
  auto exchange = make_exchange();
  exchange->endpoint = Endpoint::kIntrospect;
  exchange->token = std::move(*token);
  verify::Request& request = exchange->question.request;
  request = {};
  request.arrived_at = now_;
  request.request_id = ids_.choose({}, exchange->question.id_storage);
  request.credential_kind = verify::CredentialKind::kBearer;
  request.credential = exchange->token;
  if (!exchange->attempt.resume) exchange->attempt.resume = wake_(exchange->ticket);
  const auto decision = worker_.decide(request, exchange->attempt);
  if (!decision) {
    exchange->answers = answers_;
    return exchange;
  }
  append_answer(*exchange, *decision, framing(persistence), out);
  return nullptr;
}

void VerifyService::append_answer(const Exchange& exchange, const Decision& decision, const Framing& framing,
                                  std::string& out) const {
  if (exchange.endpoint != Endpoint::kIntrospect)
    return exchange.answers->append_decision(out, exchange.endpoint, decision, framing);
  // Who can't decide must not say that a token is dead.
  if (base::kind_of(decision.reason) == base::DecisionKind::kError)
    return append_plain(out, {503, {}, {}, false, {}}, framing);
  append_plain(out, {200, "application/json", introspection_body(decision), false, {}}, framing);
}

// Whatever is no form of a known client; its body, if any, is thrown away.
void VerifyService::answer_introspection(const RequestHead& head, const Framing& framing, std::string& out) {
  const settings::Settings& settings = *answers_->settings();
  const bool is_head = head.is_head_method();
  if (settings.verify.introspection_clients.empty()) return append_plain(out, {404, {}, {}, is_head, {}}, framing);
  tell_bad_request();
  if (!is_from_known_client(head, settings)) return append_plain(out, {401, {}, {}, is_head, kBasicChallenge}, framing);
  if (head.method() != "POST") return append_plain(out, {405, {}, {}, is_head, "Allow: POST\r\n"}, framing);
  append_plain(out, {400, {}, {}, false, {}}, framing);  // no form, or none that we take
}

void VerifyService::answer_failed(const RequestHead& head, Persistence persistence, std::string& out) {
  std::array<char, 16> id{};
  tell_refused(Reason::kInternal, ids_.choose(head.value(HeaderField::kRequestId), id), now_);
  const Endpoint endpoint = select_endpoint(head.target()).endpoint;
  if (answers_ != nullptr && is_verify(endpoint))
    return answers_->append_decision(out, endpoint, {Reason::kInternal, nullptr, {}}, framing(persistence));
  append_plain(out, {503, {}, {}, head.is_head_method(), {}}, framing(persistence));
}

std::unique_ptr<Exchange> VerifyService::answer(const RequestHead& head, Persistence persistence, std::string& out) {
  const Selection selection = select_endpoint(head.target());
  if (is_verify(selection.endpoint)) return ask(head, selection, persistence, out);
  answer_other(head, selection, framing(persistence), out);
  return nullptr;
}

std::unique_ptr<Exchange> VerifyService::make_exchange() {
  if (spare_ != nullptr) return std::move(spare_);
  auto exchange = std::make_unique<Exchange>();
  exchange->ticket = ++last_ticket_;
  return exchange;
}

std::unique_ptr<Exchange> VerifyService::ask(const RequestHead& head, const Selection& selection,
                                             Persistence persistence, std::string& out) {
  auto exchange = make_exchange();
  ProtectedRequest& question = exchange->question;
  question.request = {};
  question.request.arrived_at = now_;
  question.request.request_id = ids_.choose(head.value(HeaderField::kRequestId), question.id_storage);
  const bool has_api_keys = !answers_->settings()->dynamic.keys.empty();
  const Reason fault = question.assign(head, selection, has_api_keys);
  if (fault != Reason::kOk) {
    tell_refused(fault, question.request.request_id, now_);
    answers_->append_decision(out, selection.endpoint, {fault, nullptr, {}}, framing(persistence));
    spare_ = std::move(exchange);
    return nullptr;
  }
  // The worker may have moved it out the last time.
  if (!exchange->attempt.resume) exchange->attempt.resume = wake_(exchange->ticket);
  exchange->endpoint = selection.endpoint;
  const auto decision = worker_.decide(question.request, exchange->attempt);
  if (!decision) {
    exchange->answers = answers_;
    return exchange;
  }
  answers_->append_decision(out, selection.endpoint, *decision, framing(persistence));
  exchange->attempt.snapshot.reset();
  exchange->attempt.deadline = {};
  spare_ = std::move(exchange);
  return nullptr;
}

bool VerifyService::resume(Exchange& exchange, bool is_expired, Persistence persistence, std::string& out) {
  exchange.attempt.is_expired = is_expired;
  std::optional<Decision> decision;
  try {
    decision = worker_.decide(exchange.question.request, exchange.attempt);
    if (!decision && !is_expired) return false;
  } catch (...) {  // a request's top
    tell_refused(Reason::kInternal, exchange.question.request.request_id, exchange.question.request.arrived_at);
    decision = Decision{Reason::kInternal, nullptr, {}};
  }
  // Asked for the last time and still undecided: unsure means no.
  if (!decision) decision = Decision{Reason::kInternal, nullptr, {}};
  append_answer(exchange, *decision, framing(persistence), out);
  return true;
}

void VerifyService::tell_bad_request() noexcept {
  std::array<char, 16> id{};
  tell_refused(Reason::kBadRequest, ids_.choose({}, id), now_);
}

// What can't be logged for want of memory is still refused.
void VerifyService::tell_refused(Reason reason, std::string_view request_id, base::SteadyTime arrived_at) noexcept {
  try {
    worker_.refuse(reason, request_id, arrived_at);
  } catch (...) {
  }
}

void VerifyService::answer_other(const RequestHead& head, const Selection& selection, const Framing& framing,
                                 std::string& out) {
  const bool is_head = head.is_head_method();
  switch (selection.endpoint) {
    case Endpoint::kHealth:
      append_plain(out, {200, "text/plain", "ok\n", is_head, {}}, framing);
      return;
    case Endpoint::kReady:
      answer_readiness(is_head, has_parameter(selection.query, "all"), framing, out);
      return;
    case Endpoint::kResourceMetadata:
      answer_metadata(head, selection.rest, framing, out);
      return;
    case Endpoint::kIntrospect:
      answer_introspection(head, framing, out);
      return;
    case Endpoint::kBadTarget:
      tell_bad_request();
      append_plain(out, {400, {}, {}, is_head, {}}, framing);
      return;
    default:
      append_plain(out, {404, {}, {}, is_head, {}}, framing);
      return;
  }
}

void VerifyService::answer_readiness(bool is_head_method, bool all, const Framing& framing, std::string& out) {
  const auto states = verify::provider_states(worker_.snapshot(), now_);
  const bool is_ready = verify::is_ready(states, all);
  append_plain(
      out, {is_ready ? 200 : 503, "application/json", readiness_body(states, is_ready, worker_), is_head_method, {}},
      framing);
}

void VerifyService::answer_metadata(const RequestHead& head, std::string_view rest, const Framing& framing,
                                    std::string& out) {
  const std::string& metadata = worker_.snapshot().resource_metadata;
  const bool is_head = head.is_head_method();
  // RFC 9728 §3.1: the resource's own path goes behind the well-known one; without it, it is found too.
  const bool is_there =
      !metadata.empty() && (rest.empty() || rest == resource_path(answers_->settings()->verify.resource));
  if (!is_there) return append_plain(out, {404, {}, {}, is_head, {}}, framing);
  if (!is_head && !head.is_get_method())
    return append_plain(out, {405, {}, {}, false, "Allow: GET, HEAD\r\n"}, framing);
  append_plain(out, {200, "application/json", metadata, is_head, {}}, framing);
}

void VerifyService::refuse(Fault fault, std::string_view target, std::string& out) {
  std::array<char, 16> id{};
  tell_refused(reason_of(fault), ids_.choose({}, id), now_);
  append_fault(out, fault, target, date_text_);
}

void VerifyService::refuse_overload() noexcept {
  std::array<char, 16> id{};
  tell_refused(Reason::kOverloaded, ids_.choose({}, id), now_);
}

}  // namespace bearerd::http
