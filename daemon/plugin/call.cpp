#include "plugin/call.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "plugin/endpoints.hpp"
#include "plugin/lookups.hpp"

namespace bearerd::plugin {
namespace {

constexpr unsigned kMaxFetches = 16;
constexpr std::size_t kMaxHeaders = 16;
constexpr std::size_t kMaxBodyBytes = 64 * 1024;

// What the host says itself; a second one could change whom we ask or who we are.
constexpr std::array<std::string_view, 9> kOurHeaders{"Authorization",  "Accept",          "Host",
                                                      "Content-Length", "Content-Type",    "Transfer-Encoding",
                                                      "Connection",     "Accept-Encoding", "User-Agent"};

bool is_plugins_header(std::string_view name) {
  return base::is_made_of(name, "-_") &&
         std::none_of(kOurHeaders.begin(), kOurHeaders.end(),
                      [&](std::string_view ours) { return base::equals_ignoring_case(ours, name); });
}

std::optional<Attachment> attachment_of(bearerd_attachment attachment) noexcept {
  switch (attachment) {
    case BEARERD_ATTACH_NOTHING:
      return Attachment::kNothing;
    case BEARERD_ATTACH_BEARER:
      return Attachment::kBearer;
    case BEARERD_ATTACH_FORM_TOKEN:
      return Attachment::kFormToken;
    default:
      return std::nullopt;
  }
}

// Nothing: the plugin asks in a way that can't be.
std::optional<EndpointQuestion> as_question(const bearerd_fetch_request& request) {
  const auto attachment = attachment_of(request.attachment);
  const bool has_headers = request.header_count == 0 || request.headers != nullptr;
  if (!attachment || !has_headers || request.header_count > kMaxHeaders || request.body.size > kMaxBodyBytes)
    return std::nullopt;
  EndpointQuestion question;
  question.url = view(request.url);
  question.method = view(request.method);
  question.body = view(request.body);
  question.attachment = *attachment;
  const bool is_form_in_get =
      question.method != "POST" && (!question.body.empty() || *attachment == Attachment::kFormToken);
  if (is_form_in_get) return std::nullopt;
  for (std::size_t i = 0; i < request.header_count; ++i) {
    if (!is_plugins_header(view(request.headers[i].name))) return std::nullopt;
    question.headers.emplace_back(view(request.headers[i].name), view(request.headers[i].value));
  }
  return question;
}

}  // namespace

Call::Call(const Inquiry& inquiry) noexcept
    : inquiry_(inquiry), abi_{sizeof(bearerd_call), this, &Call::fetch, &Call::end} {}

bearerd_status Call::fetch(void* context, const bearerd_fetch_request* request,
                           bearerd_fetch_response* response) noexcept {
  try {
    if (context == nullptr || request == nullptr || response == nullptr) return BEARERD_FAILED;
    if (request->size < sizeof(bearerd_fetch_request) || response->size < sizeof(bearerd_fetch_response))
      return BEARERD_FAILED;
    response->status = 0;
    response->json = nullptr;
    return static_cast<Call*>(context)->answer(*request, *response) ? BEARERD_DONE : BEARERD_FAILED;
  } catch (...) {  // no memory
    return BEARERD_FAILED;
  }
}

bool Call::answer(const bearerd_fetch_request& request, bearerd_fetch_response& response) {
  if (++fetches_ > kMaxFetches) return false;
  auto question = as_question(request);
  if (!question) return false;
  question->credential = inquiry_.credential;
  question->deadline = inquiry_.deadline;
  const auto answer = inquiry_.endpoints.ask(*question);
  last_url_ = question->url;
  last_status_ = answer ? answer->status : 0;
  if (!answer) return false;
  response.status = answer->status;
  auto parsed = jose::ClaimsDocument::parse(answer->body);
  if (parsed) response.json = as_object(answers_.emplace_back(std::move(*parsed)).claims);
  return true;
}

void Call::tell_undecided() const {
  if (last_status_ != 0) inquiry_.endpoints.tell_undecided(last_url_, last_status_);
}

void Call::end(void* context, std::int64_t second) noexcept {
  if (context == nullptr) return;
  auto& until = static_cast<Call*>(context)->valid_until_;
  until = until ? std::min(*until, second) : second;
}

std::optional<jose::ClaimsDocument> Call::take(const bearerd_object* object) {
  for (Held& held : answers_) {
    if (as_object(held.claims) == object) return std::move(held.document);
  }
  return std::nullopt;
}

}  // namespace bearerd::plugin
