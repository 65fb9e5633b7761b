#include "http/metrics_listener.hpp"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace bearerd::http {
namespace {

using Poco::Net::HTTPResponse;

// Who may reach a UNIX socket for metrics besides the daemon's own user.
constexpr const char* kGroup = "bearerd-observe";

void send(Poco::Net::HTTPServerResponse& response, bool has_body, const std::string& body) {
  response.set("Cache-Control", "no-store");
  response.setContentLength(static_cast<std::streamsize>(body.size()));
  std::ostream& out = response.send();
  if (has_body) out << body;
}

void refuse(Poco::Net::HTTPServerResponse& response, bool has_body, HTTPResponse::HTTPStatus status) {
  response.setStatusAndReason(status);
  response.setContentType("text/plain; charset=utf-8");
  send(response, has_body, response.getReason() + "\n");
}

void serve(observe::Metrics& metrics, Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) {
  const bool is_head = request.getMethod() == "HEAD";
  if (!is_head && request.getMethod() != "GET") {
    response.set("Allow", "GET, HEAD");
    return refuse(response, true, HTTPResponse::HTTP_METHOD_NOT_ALLOWED);
  }
  const std::string& target = request.getURI();
  const std::string path = target.substr(0, target.find('?'));
  if (path == "/metrics") {
    // Prometheus offers OpenMetrics first; it takes this as well, whatever it asked for.
    response.setContentType("text/plain; version=0.0.4; charset=utf-8");
    return send(response, !is_head, metrics.expose());
  }
  if (path == "/healthz") {
    response.setContentType("text/plain; charset=utf-8");
    return send(response, !is_head, "ok\n");
  }
  refuse(response, !is_head, HTTPResponse::HTTP_NOT_FOUND);
}

}  // namespace

MetricsListener::MetricsListener(std::vector<std::unique_ptr<SmallServer>> servers) noexcept
    : servers_(std::move(servers)) {}

base::Result<std::unique_ptr<MetricsListener>> MetricsListener::open(const std::vector<settings::Address>& addresses,
                                                                     observe::Metrics& metrics,
                                                                     std::vector<ListeningSocket> passed) {
  std::vector<std::unique_ptr<SmallServer>> servers;
  for (const settings::Address& address : addresses) {
    SmallServerOptions options;
    options.address = address;
    options.passed = take_bound_to(passed, address);
    options.groups = {kGroup};
    options.kind = observe::ListenerKind::kMetrics;
    options.metrics = &metrics;
    auto server = SmallServer::open(std::move(options), [&metrics](auto& request, auto& response, RequestConnection) {
      serve(metrics, request, response);
    });
    if (!server) return tl::make_unexpected(server.error());
    servers.push_back(std::move(*server));
  }
  return std::unique_ptr<MetricsListener>(new MetricsListener(std::move(servers)));
}

std::uint16_t MetricsListener::port() const noexcept {
  return servers_.empty() ? std::uint16_t{0} : servers_.front()->port();
}

}  // namespace bearerd::http
