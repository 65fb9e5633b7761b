#include "ctl/api_client.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Timespan.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.hpp"

namespace bearerd::ctl {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kMaxAnswerBytes = 16U << 20U;
constexpr long kSendSeconds = 5;
// The daemon itself gives up a reload and a check after 30 seconds, everything else after 5.
constexpr long kLookSeconds = 10, kChangeSeconds = 40;

std::string advice(int error) {
  switch (error) {
    case ENOENT:
      return "is bearerd running? (systemctl status bearerd) Does its setting listen.admin name another path? Then use "
             "--socket";
    case ECONNREFUSED:
      return "the daemon that made this socket is gone (systemctl status bearerd)";
    case EACCES:
      return "become root, or a member of the group bearerd-admin (all calls) or bearerd-observe (to look only)";
    default:
      return "is bearerd running? (systemctl status bearerd)";
  }
}

tl::unexpected<base::Error> no_connection(const std::string& socket, int error) {
  return base::fail(base::ErrorCode::kUnavailable, "cannot reach the daemon at " + socket + ": " +
                                                       base::system_error_text(error) + "\n" + advice(error));
}

// Connected here rather than by POCO, whose exceptions lose the reason.
base::Result<base::FileDescriptor> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return no_connection(path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  base::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return no_connection(path, errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return no_connection(path, errno);
  }
  return socket;
}

base::Result<std::string> read_body(std::istream& in) {
  std::string text;
  std::array<char, 8192> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxAnswerBytes)
      return base::fail(base::ErrorCode::kTooLarge, "the daemon's answer is too large");
  }
  return text;
}

base::Result<ApiAnswer> exchange(net::HTTPClientSession& session, const std::string& method, const std::string& path,
                                 const std::string& body) {
  net::HTTPRequest request(method, path, net::HTTPMessage::HTTP_1_1);
  request.setHost("bearerd");
  request.set("Accept", "application/json, application/problem+json");
  if (method != net::HTTPRequest::HTTP_GET) request.setContentLength(static_cast<std::streamsize>(body.size()));
  if (!body.empty()) request.setContentType("application/json");
  session.sendRequest(request) << body;
  net::HTTPResponse response;
  auto text = read_body(session.receiveResponse(response));
  if (!text) return tl::make_unexpected(text.error());
  ApiAnswer answer{response.getStatus(), std::move(*text), {}};
  answer.object = Poco::JSON::Parser().parse(answer.text).extract<Poco::JSON::Object::Ptr>();
  return answer;
}

}  // namespace

base::Result<ApiAnswer> call_api(const std::string& socket, const std::string& method, const std::string& path,
                                 const std::string& body) {
  auto connected = connect_to(socket);
  if (!connected) return tl::make_unexpected(connected.error());
  const long patience = method == net::HTTPRequest::HTTP_GET ? kLookSeconds : kChangeSeconds;
  try {
    net::StreamSocket stream(new net::StreamSocketImpl(connected->release()));
    stream.setSendTimeout(Poco::Timespan(kSendSeconds, 0));
    stream.setReceiveTimeout(Poco::Timespan(patience, 0));
    net::HTTPClientSession session(stream);
    return exchange(session, method, path, body);
  } catch (const Poco::TimeoutException&) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "the daemon at " + socket + " has not answered for " + std::to_string(patience) +
                          " seconds: does it hang? (systemctl status bearerd; journalctl -u bearerd)");
  } catch (const Poco::Exception& error) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "the daemon at " + socket + " did not answer as it should: " + error.displayText());
  }
}

}  // namespace bearerd::ctl
