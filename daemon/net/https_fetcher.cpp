#include "net/https_fetcher.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "base/text.hpp"
#include "net/connector.hpp"
#include "net/freshness.hpp"
#include "net/url.hpp"

namespace bearerd::net {
namespace {

using base::ErrorCode;
using base::SteadyTime;
using base::Url;

constexpr int kMaxHeaderFields = 100;  // of at most 8 KiB each, POCO's own limit

// POCO lets nobody but a derived class give it a connected descriptor.
class ConnectedSocket final : public Poco::Net::StreamSocket {
 public:
  explicit ConnectedSocket(base::FileDescriptor fd) : StreamSocket(new Poco::Net::StreamSocketImpl(fd.release())) {}
};

struct Exchange {
  FetchResponse response;
  std::string location;  // of a redirect
};

bool is_redirect(int status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

base::Result<void> check_scheme(const Url& url) {
  if (url.is_https || base::is_loopback_host(url.host)) return {};
  return base::fail(ErrorCode::kDenied, url.origin() + " is refused: plain http is for loopback hosts only");
}

base::Result<void> check_redirect(const Url& from, const Url& to) {
  if (from.is_https && !to.is_https)
    return base::fail(ErrorCode::kDenied, from.origin() + " redirects from https to http");
  const bool is_upgrade = !from.is_https && to.is_https;
  if (from.host != to.host || (from.port != to.port && !is_upgrade))
    return base::fail(ErrorCode::kDenied, from.origin() + " redirects to another host or port");
  return check_scheme(to);
}

bool is_field_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

base::Result<void> check_request(const FetchRequest& request) {
  const auto is_fine = [](const auto& header) {
    return !header.first.empty() && is_field_value(header.first) && is_field_value(header.second);
  };
  if (!std::all_of(request.headers.begin(), request.headers.end(), is_fine))
    return base::fail(ErrorCode::kInvalid, "a request header holds control characters");
  return {};
}

Poco::Net::HTTPRequest make_request(const FetchRequest& request, const Url& url) {
  Poco::Net::HTTPRequest message(request.method, url.target, Poco::Net::HTTPMessage::HTTP_1_1);
  message.set("Host", url.authority());
  message.set("User-Agent", "bearerd/" BEARERD_VERSION);
  message.set("Accept-Encoding", "identity");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.setKeepAlive(false);
  if (!request.body.empty() || request.method == "POST")
    message.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
  return message;
}

std::string joined(const Poco::Net::HTTPResponse& message, const std::string& name) {
  std::string all;
  for (auto it = message.find(name); it != message.end() && base::equals_ignoring_case(it->first, name); ++it) {
    all += (all.empty() ? "" : ",") + it->second;
  }
  return all;
}

std::chrono::seconds freshness_in(const Poco::Net::HTTPResponse& message) {
  const std::string cache_control = joined(message, "Cache-Control");
  const std::string age = message.get("Age", ""), expires = message.get("Expires", ""), date = message.get("Date", "");
  return freshness_of({cache_control, age, expires, date});
}

base::Result<std::string> read_body(std::istream& stream, const Poco::Net::HTTPResponse& message,
                                    std::size_t max_bytes) {
  const auto too_large = [&] {
    return base::fail(ErrorCode::kTooLarge, "the body is larger than " + std::to_string(max_bytes) + " bytes");
  };
  const bool has_length = message.hasContentLength();
  if (has_length && static_cast<std::uint64_t>(message.getContentLength64()) > max_bytes) return too_large();
  std::string body;
  std::array<char, 8192> buffer{};
  while (stream) {
    stream.read(buffer.data(), buffer.size());
    body.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
    if (body.size() > max_bytes) return too_large();
  }
  if (stream.bad() || (has_length && std::cmp_not_equal(body.size(), message.getContentLength64()))) {
    return base::fail(ErrorCode::kUnavailable, "the body ends early");
  }
  return body;
}

base::Result<Exchange> exchange(Poco::Net::HTTPClientSession& session, const FetchRequest& request, const Url& url) {
  Poco::Net::HTTPRequest message = make_request(request, url);
  std::ostream& out = session.sendRequest(message);
  out.write(request.body.data(), static_cast<std::streamsize>(request.body.size()));
  out.flush();
  Poco::Net::HTTPResponse answer;
  answer.setFieldLimit(kMaxHeaderFields);
  std::istream& in = session.receiveResponse(answer);
  Exchange result;
  result.response.status = static_cast<int>(answer.getStatus());
  result.response.max_age = freshness_in(answer);
  if (is_redirect(result.response.status)) result.location = answer.get("Location", "");
  auto body = read_body(in, answer, request.max_body_bytes);
  if (!body) return tl::make_unexpected(body.error());
  result.response.body = std::move(*body);
  return result;
}

constexpr const char* kTrustAdvice =
    " (authorities that the system does not know have to be in the file that the provider's caFile names)";

// A certificate that does not hold is a refusal of ours; any other failure of TLS is the other side not answering
// usefully.
ErrorCode code_of(const Poco::Exception& e) {
  if (dynamic_cast<const Poco::Net::CertificateValidationException*>(&e) != nullptr) return ErrorCode::kDenied;
  if (dynamic_cast<const Poco::Net::InvalidCertificateException*>(&e) != nullptr) return ErrorCode::kDenied;
  const bool is_tls = dynamic_cast<const Poco::Net::SSLException*>(&e) != nullptr;
  if (is_tls && e.displayText().find("certificate") != std::string::npos) return ErrorCode::kDenied;
  return dynamic_cast<const Poco::TimeoutException*>(&e) != nullptr ? ErrorCode::kTimeout : ErrorCode::kUnavailable;
}

// OpenSSL writes without MSG_NOSIGNAL: a peer that hangs up must not end the process, whatever it does about SIGPIPE.
class SigpipeBlock {
 public:
  SigpipeBlock() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeBlock() {
    const timespec no_time{};
    while (::sigtimedwait(&pipe_, nullptr, &no_time) == SIGPIPE) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  sigset_t pipe_{}, before_{};
};

class OneFetch {
 public:
  OneFetch(const FetchRequest& request, Resolver& resolver, TlsContexts& contexts, DeadlineWatch& watch)
      : request_(request),
        resolver_(resolver),
        contexts_(contexts),
        watch_(watch),
        deadline_(std::chrono::steady_clock::now() + request.deadline) {}

  base::Result<FetchResponse> run() {
    auto url = base::parse_url(request_.url);
    if (!url) return base::fail(url.error().code, "the URL " + url.error().text);
    if (auto checked = check_scheme(*url); !checked) return tl::make_unexpected(checked.error());
    if (auto checked = check_request(request_); !checked) return tl::make_unexpected(checked.error());
    for (unsigned redirects = 0;; ++redirects) {
      auto result = exchange_with(*url);
      if (!result) return tl::make_unexpected(result.error());
      if (result->location.empty() || request_.method != "GET") return std::move(result->response);
      if (redirects == request_.max_redirects)
        return base::fail(ErrorCode::kDenied, url->origin() + " redirects too often");
      auto next = resolve_reference(*url, result->location);
      if (!next) return tl::make_unexpected(next.error());
      if (auto checked = check_redirect(*url, *next); !checked) return tl::make_unexpected(checked.error());
      url = std::move(next);
    }
  }

 private:
  base::Result<Exchange> exchange_with(const Url& url) {
    Poco::Net::Context::Ptr context;
    if (url.is_https) {
      auto found = contexts_.get(request_.ca_file);
      if (!found) return tl::make_unexpected(found.error());
      context = *found;
    }
    auto fd = connect_to(url, resolver_, deadline_);
    if (!fd) return tl::make_unexpected(fd.error());
    const int number = fd->get();
    ConnectedSocket socket(std::move(*fd));
    const DeadlineWatch::Guard guard = watch_.watch(number, deadline_);  // goes before the socket does
    auto result = talk(socket, context, url);
    // Also after a success: a body without a length that we cut off ourselves looks complete.
    if (!guard.has_expired()) return result;
    return base::fail(ErrorCode::kTimeout, "fetching from " + url.origin() + ": not done within the deadline");
  }

  base::Result<Exchange> talk(const Poco::Net::StreamSocket& plain, const Poco::Net::Context::Ptr& context,
                              const Url& url) const {
    const SigpipeBlock block;
    const std::string what = "fetching from " + url.origin() + ": ";
    try {
      Poco::Net::StreamSocket socket(plain);
      const auto left = std::chrono::duration_cast<std::chrono::microseconds>(request_.deadline).count();
      socket.setReceiveTimeout(Poco::Timespan(left));
      socket.setSendTimeout(Poco::Timespan(left));
      if (url.is_https) {
        Poco::Net::SecureStreamSocket secure = Poco::Net::SecureStreamSocket::attach(plain, url.host, context);
        if (secure.completeHandshake() != 1)
          return base::fail(ErrorCode::kUnavailable, what + "the TLS handshake did not end");
        secure.verifyPeerCertificate(url.host);
        socket = secure;
      }
      Poco::Net::HTTPClientSession session(socket);
      auto result = exchange(session, request_, url);
      if (!result) return base::fail(result.error().code, what + result.error().text);
      return result;
    } catch (const Poco::Exception& e) {
      const ErrorCode code = code_of(e);
      return base::fail(code, what + e.displayText() + (code == ErrorCode::kDenied ? kTrustAdvice : ""));
    }
  }

  const FetchRequest& request_;
  Resolver& resolver_;
  TlsContexts& contexts_;
  DeadlineWatch& watch_;
  SteadyTime deadline_;
};

}  // namespace

HttpsFetcher::HttpsFetcher(std::shared_ptr<Resolver> resolver)
    : resolver_(resolver ? std::move(resolver) : std::make_shared<SystemResolver>()) {}

base::Result<FetchResponse> HttpsFetcher::fetch(const FetchRequest& request) {
  return OneFetch(request, *resolver_, contexts_, watch_).run();
}

}  // namespace bearerd::net
