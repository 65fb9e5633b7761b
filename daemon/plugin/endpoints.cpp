#include "plugin/endpoints.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/ascii.hpp"
#include "observe/fetch_result.hpp"

namespace bearerd::plugin {
namespace {

using base::ErrorCode;
using observe::Endpoint;
using observe::FetchResult;

constexpr std::size_t kMaxAnswerBytes = 256 * 1024;
constexpr std::chrono::minutes kBetweenLines{1};

// application/x-www-form-urlencoded, the strict way: nothing but RFC 3986's unreserved characters stands for itself.
void append_form_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    if (base::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
  }
}

void append_form_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form.append(name) += '=';
  append_form_encoded(form, value);
}

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Endpoint name_of(std::string_view setting) noexcept {
  if (setting == "tokenInfoUrl") return Endpoint::kTokenInfo;
  return setting == "groupsUrl" ? Endpoint::kGroups : Endpoint::kOther;
}

FetchResult result_of(const base::Result<net::FetchResponse>& answer) noexcept {
  if (!answer) return observe::fetch_result(answer.error().code);
  return answer->status == 200 ? FetchResult::kOk : FetchResult::kHttpStatus;
}

// What RFC 6749 §5.2 and RFC 7662 §2.3 answer to a client that they do not know.
bool refuses_client(int status) noexcept { return status == 400 || status == 401 || status == 403; }

}  // namespace

Endpoints::Endpoints(const settings::Provider& settings, EndpointTools tools)
    : provider_(settings.name),
      ca_file_(settings.ca_file),
      introspection_(settings.introspection),
      tools_(std::move(tools)),
      next_line_(std::numeric_limits<base::SteadyTime::rep>::min()) {
  if (introspection_) known_.push_back({introspection_->url, Endpoint::kIntrospection});
  if (!settings.user_info_endpoint.empty()) known_.push_back({settings.user_info_endpoint, Endpoint::kUserInfo});
  for (const auto& [key, url] : settings.plugin_urls) known_.push_back({url, name_of(key)});
}

const Endpoints::Known* Endpoints::find(std::string_view url) const noexcept {
  const std::string_view path = url.substr(0, url.find('?'));
  const auto found = std::find_if(known_.begin(), known_.end(),
                                  [&](const Known& known) { return known.url == url || known.url == path; });
  return found == known_.end() ? nullptr : &*found;
}

base::Result<net::FetchResponse> Endpoints::ask(const EndpointQuestion& question) const {
  const Known* const endpoint = find(question.url);
  if (endpoint == nullptr) return base::fail(ErrorCode::kDenied, "the plugin asks at a URL that no setting names");
  if (question.method != "GET" && question.method != "POST")
    return base::fail(ErrorCode::kInvalid, "the plugin asks with a method other than GET and POST");
  const base::SteadyTime start = now();
  const auto left = std::chrono::floor<std::chrono::milliseconds>(question.deadline - start);
  if (left.count() <= 0) return base::fail(ErrorCode::kTimeout, "no time was left");
  net::FetchRequest request = make_request(question, endpoint->name == Endpoint::kIntrospection);
  request.deadline = left;
  const auto answer = tools_.fetcher->fetch(request);
  for (auto& [name, value] : request.headers) base::wipe(value);
  base::wipe(request.body);
  if (tools_.metrics) tools_.metrics->count_request(endpoint->name, result_of(answer), now() - start);
  tell(*endpoint, answer);
  return answer;
}

net::FetchRequest Endpoints::make_request(const EndpointQuestion& question, bool is_introspection) const {
  net::FetchRequest request;
  request.url = question.url;
  request.method = question.method;
  request.headers = question.headers;
  request.headers.emplace_back("Accept", "application/json");
  request.body = question.body;
  request.ca_file = ca_file_;
  request.max_body_bytes = kMaxAnswerBytes;
  request.max_redirects = 0;  // a credential goes where the settings say
  if (question.attachment == Attachment::kBearer)
    request.headers.emplace_back("Authorization", "Bearer " + std::string(question.credential));
  if (question.attachment == Attachment::kFormToken) append_form_field(request.body, "token", question.credential);
  if (is_introspection) add_client(request);
  if (question.method == "POST") request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return request;
}

void Endpoints::add_client(net::FetchRequest& request) const {
  const std::string_view secret = introspection_->client_secret.as_text();
  if (introspection_->authentication == settings::ClientAuthentication::kPost) {
    append_form_field(request.body, "client_id", introspection_->client_id);
    append_form_field(request.body, "client_secret", secret);
    return;
  }
  // RFC 6749 §2.3.1: both are form-encoded before they are joined.
  std::string pair;
  append_form_encoded(pair, introspection_->client_id);
  pair += ':';
  append_form_encoded(pair, secret);
  request.headers.emplace_back("Authorization", "Basic " + base64(pair));
  base::wipe(pair);
}

bool Endpoints::may_tell() const noexcept {
  const auto moment = now().time_since_epoch().count();
  auto next = next_line_.load(std::memory_order_relaxed);
  const auto then = moment + std::chrono::duration_cast<base::SteadyTime::duration>(kBetweenLines).count();
  return moment >= next && next_line_.compare_exchange_strong(next, then, std::memory_order_relaxed);
}

void Endpoints::tell(const Known& endpoint, const base::Result<net::FetchResponse>& answer) const {
  const bool is_about_us = endpoint.name == Endpoint::kIntrospection && answer && refuses_client(answer->status);
  // What introspection says about a token comes with 200 (RFC 7662 §2.2); 404 is another place than was meant.
  const bool is_trouble = !answer || answer->status == 429 || answer->status >= 500 || answer->status == 404 ||
                          (endpoint.name == Endpoint::kIntrospection && answer->status != 200);
  if (tools_.log == nullptr || (!is_about_us && !is_trouble) || !may_tell()) return;
  if (is_about_us) {
    tools_.log->write(observe::Level::kError, "introspection_refused",
                      "the introspection endpoint refuses us: look at introspection.clientId, clientSecretFile and "
                      "authentication; no opaque token of this provider can be accepted until then",
                      {{"provider", std::string_view(provider_)}, {"status", std::int64_t{answer->status}}});
    return;
  }
  tell_unavailable(endpoint, answer ? "answered with status " + std::to_string(answer->status) : answer.error().text);
}

void Endpoints::tell_undecided(std::string_view url, int status) const {
  const Known* const endpoint = find(url);
  if (tools_.log == nullptr || endpoint == nullptr || !may_tell()) return;
  tell_unavailable(*endpoint, "answered with status " + std::to_string(status) + ", and with nothing that decides");
}

void Endpoints::tell_unavailable(const Known& endpoint, const std::string& text) const {
  tools_.log->write(observe::Level::kWarning, "idp_unavailable",
                    "tokens that were not asked about lately get 503: " + text,
                    {{"provider", std::string_view(provider_)}, {"endpoint", name(endpoint.name)}});
}

}  // namespace bearerd::plugin
