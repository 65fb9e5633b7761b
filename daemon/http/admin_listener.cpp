#include "http/admin_listener.hpp"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/ascii.hpp"
#include "base/text.hpp"
#include "http/admin_check.hpp"
#include "http/credential.hpp"

namespace bearerd::http {
namespace {

using namespace std::chrono_literals;

std::uint64_t source_of(const Poco::Net::HTTPServerRequest& request) {
  return std::hash<std::string>{}(request.clientAddress().host().toString());
}

// More than any call needs; what is longer is refused before it is read.
constexpr std::size_t kMaxBodyBytes = 64 * 1024;
// Strangers reach it: those who begin a handshake and don't end it hold a thread for as long as one may take to come.
constexpr unsigned kTcpThreads = 16;
// And those who wait for one wait as long.
constexpr unsigned kTcpWaiting = 32;
// From the moment that a request is read: a reload of many files on a slow disk takes a while.
constexpr auto kAnswerTime = 60s;

std::size_t count_of(const Poco::Net::HTTPServerRequest& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(request, [&](const auto& field) { return base::equals_ignoring_case(field.first, name); }));
}

AdminAnswer bad_request(std::string_view title) { return admin_refusal(400, "bad_request", title); }

// By one Content-Length, or without a body: POCO takes what is cut or framed twice for whole (RFC 9112 §6.3), reads
// until the connection's end where there is no length, and takes "Content-Length :" for another header (§5.1).
tl::expected<std::size_t, AdminAnswer> body_length(const Poco::Net::HTTPServerRequest& request) {
  if (!std::ranges::all_of(request, [](const auto& field) { return base::is_http_token(field.first); }))
    return tl::make_unexpected(bad_request("this can't be the name of a header"));
  const std::size_t lengths = count_of(request, "Content-Length");
  const bool is_encoded = request.has("Transfer-Encoding");
  if (lengths > 1 || (lengths == 1 && is_encoded))
    return tl::make_unexpected(bad_request("the body's length is told more than once"));
  if (is_encoded) return tl::make_unexpected(admin_refusal(411, "length_required", "a body needs a Content-Length"));
  const auto length = base::parse_decimal(lengths == 0 ? "0" : request.get("Content-Length"));
  if (!length) return tl::make_unexpected(bad_request("Content-Length has to be a number"));
  return *length;
}

// All of it, wanted or not: closing a socket with unread bytes resets it, and the answer may be lost.
tl::expected<std::string, AdminAnswer> read_body(Poco::Net::HTTPServerRequest& request, std::size_t most) {
  const auto length = body_length(request);
  if (!length) return tl::make_unexpected(length.error());
  if (*length > most) return tl::make_unexpected(admin_refusal(413, "too_large", "the body is too large"));
  std::string body(*length, '\0');
  if (!body.empty() && !request.stream().read(body.data(), static_cast<std::streamsize>(body.size())))
    return tl::make_unexpected(bad_request("the body is shorter than its Content-Length"));
  return body;
}

std::optional<Peer> peer_of(Poco::Net::HTTPServerRequest& request) {
  auto& with_socket = dynamic_cast<Poco::Net::HTTPServerRequestImpl&>(request);
  return find_peer(with_socket.socket().impl()->sockfd());
}

void send(Poco::Net::HTTPServerResponse& response, const AdminAnswer& answer) {
  response.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(answer.status));
  response.setContentType(answer.content_type);
  response.set("Cache-Control", "no-store");
  if (!answer.allow.empty()) response.set("Allow", answer.allow);
  if (!answer.challenge.empty()) response.set("WWW-Authenticate", answer.challenge);
  if (answer.retry_after.count() != 0) response.set("Retry-After", std::to_string(answer.retry_after.count()));
  response.setContentLength(static_cast<std::streamsize>(answer.body.size()));
  response.send() << answer.body;
}

bool is_tls(Poco::Net::HTTPServerRequest& request) {
  return dynamic_cast<Poco::Net::HTTPServerRequestImpl&>(request).socket().impl()->secure();
}

// Coarse: whoever has no right here learns no more than that.
AdminAnswer token_refusal(const verify::AdminRefusal& refusal) {
  using base::Reason;
  switch (refusal.reason) {
    case Reason::kBadRequest:
      return bad_request("there is more than one credential");
    case Reason::kNoRole:
      return admin_refusal(403, "forbidden", "this caller may not do this");
    case Reason::kProviderUnavailable:
    case Reason::kOverloaded:
    case Reason::kInternal: {
      AdminAnswer answer = admin_refusal(503, "cannot_decide", "whether this token is good can't be told now");
      answer.retry_after = std::max(refusal.retry_after, 1s);
      return answer;
    }
    default:
      break;
  }
  const bool is_missing = refusal.reason == Reason::kNoToken;
  AdminAnswer answer = is_missing ? admin_refusal(401, "no_token", "a bearer token is needed")
                                  : admin_refusal(401, "invalid_token", "this token is not good here");
  answer.challenge =
      is_missing ? R"(Bearer realm="bearerd admin")" : R"(Bearer realm="bearerd admin", error="invalid_token")";
  return answer;
}

}  // namespace

AdminListener::AdminListener(AdminCalls calls, observe::Log& log, RightHolders holders, verify::AdminGuard* guard)
    : router_(std::move(calls), log), log_(log), holders_(holders), guard_(guard) {}

base::Result<std::unique_ptr<AdminListener>> AdminListener::open(Options options) {
  std::unique_ptr<AdminListener> listener(
      new AdminListener(std::move(options.calls), *options.log, options.holders, options.guard));
  for (const settings::Address& address : options.addresses) {
    if (!address.is_unix && (!options.tls || options.guard == nullptr)) {
      return base::fail(base::ErrorCode::kDenied,
                        "cannot listen on " + address.display() + ": over TCP the admin API is served with TLS only");
    }
    if (!address.is_unix && listener->tls_ == nullptr) {
      auto tls = TlsServer::open(*options.tls);
      if (!tls) return base::fail(tls.error().code, "listen.adminTls: " + tls.error().text);
      listener->tls_ = std::move(*tls);
    }
    SmallServerOptions server;
    server.address = address;
    server.passed = take_bound_to(options.passed, address);
    if (!address.is_unix) {
      server.tls = listener->tls_.get();
      server.max_threads = kTcpThreads;
      server.max_waiting = kTcpWaiting;
    }
    server.groups = {"bearerd-admin", "bearerd-observe", "bearerd-usage"};
    server.kind = observe::ListenerKind::kAdmin;
    server.metrics = options.metrics;
    server.refuse_malformed = [](auto& response) { send(response, bad_request("this is no HTTP request")); };
    server.deadline = options.request_time;
    auto opened =
        SmallServer::open(std::move(server), [self = listener.get()](auto& request, auto& response, auto connection) {
          self->serve(request, response, connection);
        });
    if (!opened) return tl::make_unexpected(opened.error());
    for (const std::string& group : (*opened)->unknown_groups()) {
      options.log->write(observe::Level::kInfo, "no_socket_group",
                         "nobody gets in by a group that this system does not have; systemd-sysusers makes it",
                         {{"address", std::string_view(address.display())}, {"group", std::string_view(group)}});
    }
    listener->servers_.push_back(std::move(*opened));
  }
  return listener;
}

base::Result<bool> AdminListener::renew_certificate() { return tls_ == nullptr ? false : tls_->renew(); }

std::uint16_t AdminListener::port() const noexcept {
  for (const auto& server : servers_) {
    if (server->port() != 0) return server->port();
  }
  return 0;
}

AdminListener::Admission AdminListener::admit(Poco::Net::HTTPServerRequest& request) {
  if (is_tls(request)) return admit_by_token(request);
  AdminCaller caller;
  caller.peer = peer_of(request);
  if (caller.peer) caller.rights = rights_of(*caller.peer, holders_);
  return caller;
}

AdminListener::Admission AdminListener::admit_by_token(const Poco::Net::HTTPServerRequest& request) {
  const Credential credential = parse_authorization(request.get("Authorization", ""));
  if (count_of(request, "Authorization") > 1) return tl::make_unexpected(token_refusal({base::Reason::kBadRequest}));
  if (credential.kind == verify::CredentialKind::kNone)
    return tl::make_unexpected(token_refusal({base::Reason::kNoToken}));
  if (credential.fault != base::Reason::kOk) return tl::make_unexpected(token_refusal({credential.fault}));
  auto grant = guard_->check(credential.value, source_of(request));
  if (!grant) {
    tell_refused(grant.error().reason);
    return tl::make_unexpected(token_refusal(grant.error()));
  }
  return AdminCaller{{grant->has_admin, grant->has_observe, grant->has_usage},
                     std::nullopt,
                     std::move(grant->provider),
                     std::move(grant->user_key),
                     std::move(grant->caller)};
}

// A line a second: whoever knocks must not fill the log.
void AdminListener::tell_refused(base::Reason reason) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(refusals_mutex_);
  if (now < next_refusal_line_) {
    ++refusals_left_out_;
    return;
  }
  next_refusal_line_ = now + 1s;
  log_.write(observe::Level::kWarning, "admin_refused", "a token was refused on the admin listener",
             {{"reason", base::name(reason)}, {"omitted", std::exchange(refusals_left_out_, 0)}});
}

void AdminListener::serve(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
                          RequestConnection connection) {
  auto caller = admit(request);
  if (!caller) return send(response, caller.error());
  const std::string content_type = request.get("Content-Type", "");
  AdminRequest call{request.getMethod(), request.getURI(), content_type, {}, std::move(*caller), {}, {}};
  // Who may do nothing is not read from any further.
  if (!call.caller.rights.has_any()) return send(response, router_.answer(std::move(call)));
  // Settings to be tried may be as large as files of settings.
  const auto body = read_body(request, request.getURI() == kCheckPath ? kMaxCheckBytes : kMaxBodyBytes);
  if (!body) {
    connection.linger_after_answer();
    return send(response, body.error());
  }
  call.body = *body;
  connection.set_deadline(kAnswerTime);
  send(response, router_.answer(std::move(call)));
}

}  // namespace bearerd::http
