#include "http/admin_listener.hpp"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/StreamSocket.h>

#include <array>

namespace bearerd::http {
namespace {

using namespace std::chrono_literals;

// More than any call needs; what is longer is refused before it is read.
constexpr std::streamsize kMaxBodyBytes = 64 * 1024;
// From the moment that a request is read: a reload of many files on a slow disk takes a while.
constexpr auto kAnswerTime = 60s;

// All of it, wanted or not: closing a socket with unread bytes resets it, and the answer may be lost. Nothing: it is
// too large.
std::optional<std::string> read_body(Poco::Net::HTTPServerRequest& request) {
  if (request.getContentLength64() > kMaxBodyBytes) return std::nullopt;
  std::array<char, 4096> buffer{};
  std::string body;
  while (request.stream().read(buffer.data(), buffer.size()) || request.stream().gcount() > 0) {
    body.append(buffer.data(), static_cast<std::size_t>(request.stream().gcount()));
    if (body.size() > static_cast<std::size_t>(kMaxBodyBytes)) return std::nullopt;
  }
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
  response.setContentLength(static_cast<std::streamsize>(answer.body.size()));
  response.send() << answer.body;
}

}  // namespace

AdminListener::AdminListener(AdminCalls calls, observe::Log& log, RightHolders holders)
    : router_(std::move(calls), log), holders_(holders) {}

base::Result<std::unique_ptr<AdminListener>> AdminListener::open(Options options) {
  std::unique_ptr<AdminListener> listener(new AdminListener(std::move(options.calls), *options.log, options.holders));
  for (const settings::Address& address : options.addresses) {
    if (!address.is_unix) {
      return base::fail(base::ErrorCode::kDenied,
                        "cannot listen on " + address.display() + ": the admin API is served on UNIX sockets only");
    }
    SmallServerOptions server;
    server.address = address;
    server.passed = take_bound_to(options.passed, address);
    server.groups = {"bearerd-admin", "bearerd-observe", "bearerd-usage"};
    server.kind = observe::ListenerKind::kAdmin;
    server.metrics = options.metrics;
    server.deadline = options.request_time;
    auto opened =
        SmallServer::open(std::move(server), [self = listener.get()](auto& request, auto& response, auto deadline) {
          self->serve(request, response, deadline);
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

void AdminListener::serve(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
                          RequestDeadline deadline) {
  const auto peer = peer_of(request);
  AdminRequest call{request.getMethod(), request.getURI(), {}, peer.value_or(Peer{}), {}};
  if (peer) call.rights = rights_of(*peer, holders_);
  // Who may do nothing is not read from any further.
  if (!call.rights.has_any()) return send(response, router_.answer(call));
  const auto body = read_body(request);
  if (!body) return send(response, admin_refusal(413, "too_large", "the body is too large"));
  call.body = *body;
  deadline.set(kAnswerTime);
  send(response, router_.answer(call));
}

}  // namespace bearerd::http
