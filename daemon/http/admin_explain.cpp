#include "http/admin_explain.hpp"

#include <Poco/JSON/Array.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/secret.hpp"
#include "http/admin_body.hpp"
#include "http/admin_json.hpp"
#include "http/answers.hpp"
#include "http/protected_request.hpp"
#include "http/request_head.hpp"
#include "settings/address_range.hpp"
#include "verify/waiting.hpp"

namespace bearerd::http {
namespace {

using base::Check;
using base::Reason;
using base::Trace;
using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
using verify::CredentialKind;

constexpr std::array<std::string_view, 10> kMembers{"token", "api_key",  "endpoint",       "method",        "uri",
                                                    "host",  "resource", "client_address", "forwarded_for", "claims"};

constexpr std::array<std::pair<std::string_view, Endpoint>, kVerifyEndpointCount> kEndpoints{{
    {"verify", Endpoint::kVerify},
    {"nginx", Endpoint::kNginx},
    {"forward", Endpoint::kForward},
    {"envoy", Endpoint::kEnvoy},
}};

// What could end a header or the request line, and begin another one.
bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

base::Result<void> read_line(const Object& object, const std::string& name, std::string& out) {
  if (!object.has(name)) return {};
  auto text = text_member(object, name);
  if (!text) return tl::make_unexpected(text.error());
  if (!is_one_line(*text)) return invalid_call("\"" + name + "\" holds a control character");
  out = std::move(*text);
  return {};
}

base::Result<void> read_endpoint(const Object& object, ExplainWish& wish) {
  std::string text = object.has("uri") ? "nginx" : "verify";
  if (auto read = read_line(object, "endpoint", text); !read) return read;
  const auto* const found =
      std::find_if(kEndpoints.begin(), kEndpoints.end(), [&](const auto& each) { return each.first == text; });
  if (found == kEndpoints.end()) return invalid_call(R"("endpoint" has to be "verify", "nginx", "forward" or "envoy")");
  wish.endpoint = found->second;
  const bool is_bare = wish.endpoint == Endpoint::kVerify;
  for (const char* name : {"method", "uri", "host"}) {
    if (is_bare && object.has(name))
      return invalid_call("\"" + std::string(name) + "\" says nothing to the endpoint \"verify\"");
  }
  if (!is_bare && object.has("resource")) return invalid_call(R"("resource" is for the endpoint "verify" alone)");
  return {};
}

base::Result<void> read_credential(const Object& object, ExplainWish& wish) {
  if (object.has("token") && object.has("api_key")) return invalid_call(R"(there is "token" and "api_key")");
  if (object.has("token")) wish.kind = CredentialKind::kBearer;
  if (object.has("api_key")) wish.kind = CredentialKind::kApiKey;
  if (wish.kind == CredentialKind::kNone) return {};
  const std::string name = wish.kind == CredentialKind::kBearer ? "token" : "api_key";
  if (auto read = read_line(object, name, wish.credential); !read) return read;
  if (wish.credential.empty())
    return invalid_call("\"" + name + "\" is empty; leave it out to ask without a credential");
  return {};
}

base::Result<void> check_address(const ExplainWish& wish) {
  if (wish.client_address.empty()) return {};
  if (!wish.forwarded_for.empty()) return invalid_call(R"(there is "client_address" and "forwarded_for")");
  if (!settings::ClientAddress::parse(wish.client_address))
    return invalid_call(R"("client_address" has to be one address; "forwarded_for" takes a whole X-Forwarded-For)");
  return {};
}

base::Result<void> read_wish(const Object& object, ExplainWish& wish) {
  if (auto read = read_credential(object, wish); !read) return read;
  if (auto read = read_endpoint(object, wish); !read) return read;
  for (const auto& [name, member] :
       {std::pair{"method", &ExplainWish::method}, std::pair{"uri", &ExplainWish::uri},
        std::pair{"host", &ExplainWish::host}, std::pair{"resource", &ExplainWish::resource},
        std::pair{"client_address", &ExplainWish::client_address},
        std::pair{"forwarded_for", &ExplainWish::forwarded_for}}) {
    if (auto read = read_line(object, name, wish.*member); !read) return read;
  }
  if (auto checked = check_address(wish); !checked) return checked;
  if (!object.has("claims")) return {};
  const Var claims = object.get("claims");
  if (!claims.isBoolean()) return invalid_call(R"("claims" has to be true or false)");
  wish.shows_claims = claims.extract<bool>();
  return {};
}

// The request's head as a proxy would send it.
class HeadText {
 public:
  HeadText(const ExplainWish& wish, unsigned proxy_count) : wish_(wish) {
    const bool is_envoy = wish.endpoint == Endpoint::kEnvoy;
    text_ = (is_envoy ? wish.method : "GET") + " " + target() + " HTTP/1.1\r\n";
    add("Host", is_envoy ? wish.host : "bearerd");
    if (wish.kind == CredentialKind::kBearer) add("Authorization", "Bearer " + wish.credential);
    if (wish.kind == CredentialKind::kApiKey) add("Api-Key", wish.credential);
    if (!wish.forwarded_for.empty()) add("X-Forwarded-For", wish.forwarded_for);
    if (!wish.client_address.empty()) add("X-Forwarded-For", forwarded_for(proxy_count));
    add_request();
    text_ += "\r\n";
  }
  ~HeadText() { base::wipe(text_); }
  HeadText(const HeadText&) = delete;
  HeadText& operator=(const HeadText&) = delete;
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  [[nodiscard]] std::string target() const {
    switch (wish_.endpoint) {
      case Endpoint::kNginx:
        return "/verify/nginx";
      case Endpoint::kForward:
        return "/verify/forward";
      case Endpoint::kEnvoy:
        return "/verify/envoy" + wish_.uri;
      default:
        return "/verify";
    }
  }
  // With an entry for each trusted proxy before the one that asks.
  [[nodiscard]] std::string forwarded_for(unsigned proxy_count) const {
    std::string text = wish_.client_address;
    for (; proxy_count > 0; --proxy_count) text += ", unknown";
    return text;
  }
  void add(std::string_view name, std::string_view value) {
    text_.append(name).append(": ").append(value).append("\r\n");
  }
  void add_request() {
    if (wish_.endpoint == Endpoint::kVerify && !wish_.resource.empty()) add("X-Bearerd-Resource", wish_.resource);
    const bool is_nginx = wish_.endpoint == Endpoint::kNginx;
    if (!is_nginx && wish_.endpoint != Endpoint::kForward) return;
    const std::string family = is_nginx ? "X-Original-" : "X-Forwarded-";
    add(family + "Method", wish_.method);
    add(family + "Uri", wish_.uri);
    if (!wish_.host.empty()) add(family + "Host", wish_.host);
  }

  const ExplainWish& wish_;
  std::string text_;
};

std::string_view fault_text(Fault fault) {
  switch (fault) {
    case Fault::kHeadTooLarge:
      return "the request's head is larger than listen.maxHeaderBytes";
    case Fault::kUnknownMethod:
      return "there is no such method";
    default:
      return "it is no well-formed HTTP request";
  }
}

Explanation refuse(Reason reason) {
  Explanation explanation;
  explanation.reason = reason;
  return explanation;
}

// Of what is no request at all.
Explanation refuse(Trace& trace, Fault fault) {
  trace.fail(Check::kRequest, fault_text(fault));
  return refuse(reason_of(fault));
}

Explanation ask(const ExplainWish& wish, verify::Worker& worker, const base::Clock& clock, Trace& trace) {
  const settings::Settings& settings = *worker.snapshot().settings;
  const HeadText head(wish, settings.proxy_count);
  if (head.text().size() > settings.listen.max_header_bytes) return refuse(trace, Fault::kHeadTooLarge);
  RequestParser parser;
  if (parser.advance(head.text()) != RequestParser::Event::kHead) return refuse(trace, parser.fault());
  ProtectedRequest question;
  question.request.arrived_at = clock.steady();
  question.request.trace = &trace;
  const Reason fault =
      question.assign(parser.head(), select_endpoint(parser.head().target()), !settings.dynamic.keys.empty());
  if (fault == Reason::kBadRequest) trace.detail(Check::kRequest, "\"What is read\" in http-api.md says what is taken");
  if (fault != Reason::kOk) return refuse(fault);
  trace.pass(Check::kRequest, question.request.path.empty()
                                  ? std::string("well-formed")
                                  : std::string(question.request.method) + " " + base::excerpt(question.request.path));
  const verify::Decision decision = verify::decide_waiting(worker, question.request, clock);
  Explanation explanation;
  explanation.reason = decision.reason;
  if (decision.retry_after.count() > 0) explanation.retry_after = decision.retry_after;
  return explanation;
}

Object step_json(const base::Step& step) {
  Object item = new_object();
  item.set("check", std::string(name(step.check)));
  item.set("outcome", std::string(name(step.outcome)));
  item.set("why", text_or_null(step.why));
  item.set("details", strings_json(step.details));
  return item;
}

}  // namespace

ExplainWish::~ExplainWish() { base::wipe(credential); }

base::Result<ExplainWish> parse_explain(std::string_view body) {
  const auto object = parse_body(body, kMembers);
  if (!object) return tl::make_unexpected(object.error());
  ExplainWish wish;
  if (auto read = read_wish(**object, wish); !read) return tl::make_unexpected(read.error());
  return wish;
}

Explanation explain(const ExplainWish& wish, verify::Worker& worker, const base::Clock& clock) {
  Trace trace(wish.shows_claims);
  worker.begin_turn();
  Explanation explanation = ask(wish, worker, clock, trace);
  const runtime::Snapshot& snapshot = worker.snapshot();
  const Answers answers(snapshot.settings);
  for (const auto& [name, endpoint] : kEndpoints)
    explanation.statuses.push_back({name, answers.status(endpoint, explanation.reason)});
  explanation.static_generation = snapshot.static_generation;
  explanation.dynamic_generation = snapshot.dynamic_generation;
  explanation.provider = trace.provider;
  explanation.deployment = trace.deployment;
  explanation.route = trace.route;
  explanation.steps = trace.steps();
  return explanation;
}

std::string to_json(const Explanation& explanation) {
  Object statuses = new_object();
  for (const Explanation::Status& each : explanation.statuses) statuses.set(std::string(each.endpoint), each.status);
  Object generations = new_object();
  generations.set("static", static_cast<Poco::UInt64>(explanation.static_generation));
  generations.set("dynamic", static_cast<Poco::UInt64>(explanation.dynamic_generation));
  Array steps;
  for (const base::Step& step : explanation.steps) steps.add(step_json(step));
  Object root = new_object();
  root.set("decision", std::string(name(base::kind_of(explanation.reason))));
  root.set("reason", std::string(name(explanation.reason)));
  root.set("retry_after",
           explanation.retry_after ? Var(static_cast<Poco::Int64>(explanation.retry_after->count())) : Var());
  root.set("statuses", statuses);
  root.set("provider", text_or_null(explanation.provider));
  root.set("deployment", text_or_null(explanation.deployment));
  root.set("route", text_or_null(explanation.route));
  root.set("steps", steps);
  root.set("generations", generations);
  return to_text(root);
}

AdminAnswer explain_request(const AdminCalls& calls, const AdminRequest& request) {
  const auto wish = parse_explain(request.body);
  if (!wish) return invalid_refusal(wish.error());
  if (wish->shows_claims && !request.caller.rights.allows(Right::kAdmin))
    return admin_refusal(403, "forbidden", "this caller may not see claims");
  const auto worker = calls.explaining_worker();
  const Explanation explanation = explain(*wish, *worker, *calls.clock);
  AdminAnswer answer = json_answer(to_json(explanation));
  answer.audited = {{"verdict", std::string(name(explanation.reason))}};
  return answer;
}

}  // namespace bearerd::http
