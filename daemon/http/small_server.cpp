#include "http/small_server.hpp"

#include <Poco/AutoPtr.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponseImpl.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/Net/TCPServerDispatcher.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timespan.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <array>
#include <optional>

#include "http/connection_deadlines.hpp"
#include "http/reception.hpp"
#include "http/socket_file.hpp"
#include "http/tls_server.hpp"

namespace bearerd::http {
namespace {

namespace net = Poco::Net;
using namespace std::chrono_literals;

// Enough to read what has come.
constexpr auto kHeadTime = 1ms;
// Of who sends on after its answer.
constexpr auto kLingerTime = 2s;
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;

Poco::Timespan timespan_of(std::chrono::microseconds time) { return {time.count()}; }

// POCO makes its sockets itself; ours is bound with care (socket_file.hpp) and only adopted.
class AdoptedSocketImpl final : public net::ServerSocketImpl {
 public:
  explicit AdoptedSocketImpl(int fd) { reset(fd); }
};
class AdoptedSocket final : public net::ServerSocket {
 public:
  explicit AdoptedSocket(int fd) : net::ServerSocket(new AdoptedSocketImpl(fd), true) {}
};

// One request, read by POCO's parser, and its answer.
class Connection final : public net::TCPServerConnection {
 public:
  Connection(const net::StreamSocket& socket, net::HTTPServerParams::Ptr parameters,
             const SmallServer::Handler& handler, ConnectionDeadlines& deadlines, const SmallServerOptions& options)
      : net::TCPServerConnection(socket),
        parameters_(std::move(parameters)),
        handler_(handler),
        deadlines_(deadlines),
        options_(options),
        number_(deadlines.watch(socket.impl()->sockfd())) {
    count(1);
  }
  ~Connection() override {
    deadlines_.forget(number_);
    count(-1);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void run() override {
    net::HTTPServerSession session(socket(), parameters_);  // closes at its end
    answer(session);
    if (lingers_) linger();
  }

 private:
  void answer(net::HTTPServerSession& session) {
    if (!session.hasMoreRequests()) return;
    net::HTTPServerResponseImpl response(session);
    prepare(response);
    std::optional<net::HTTPServerRequestImpl> request;
    try {
      // The whole head is there, or what can't become one: POCO has nothing to wait for.
      if (options_.tls == nullptr) session.socket().setReceiveTimeout(timespan_of(kHeadTime));
      request.emplace(response, session, parameters_.get());
      session.socket().setReceiveTimeout(parameters_->getTimeout());
    } catch (const net::NoMessageException&) {
      return;
    } catch (const Poco::Exception&) {  // no head of a request, or a length that is no number
      net::HTTPServerResponseImpl refusal(session);
      prepare(refusal);
      return options_.refuse_malformed(refusal);
    }
    response.setVersion(request->getVersion());
    if (request->getExpectContinue()) response.sendContinue();
    handler_(*request, response, RequestConnection(deadlines_, socket().impl()->sockfd(), lingers_));
  }
  // With TLS there is no end of one direction alone: an answer has its length, and its reader closes.
  void linger() {
    deadlines_.set(socket().impl()->sockfd(), kLingerTime);
    socket().shutdownSend();
    std::array<char, 16 * 1024> dropped{};
    for (std::size_t left = kLingerBytes; left > 0;) {
      const int count = socket().receiveBytes(dropped.data(), dropped.size());
      if (count <= 0) return;
      left -= std::min(left, static_cast<std::size_t>(count));
    }
  }
  void prepare(net::HTTPServerResponse& response) const {
    response.setVersion(net::HTTPMessage::HTTP_1_1);
    response.setDate(Poco::Timestamp());
    response.setKeepAlive(false);
    response.set("Server", parameters_->getSoftwareVersion());
  }
  void count(int difference) noexcept {
    if (options_.metrics != nullptr) options_.metrics->add_connections(options_.kind, difference);
  }
  net::HTTPServerParams::Ptr parameters_;
  const SmallServer::Handler& handler_;
  ConnectionDeadlines& deadlines_;
  const SmallServerOptions& options_;
  const std::uint64_t number_;
  bool lingers_ = false;
};

class ConnectionFactory final : public net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(net::HTTPServerParams::Ptr parameters, SmallServer::Handler handler, ConnectionDeadlines& deadlines,
                    const SmallServerOptions& options)
      : parameters_(std::move(parameters)), handler_(std::move(handler)), deadlines_(deadlines), options_(options) {}
  net::TCPServerConnection* createConnection(const net::StreamSocket& socket) override {
    return new Connection(socket, parameters_, handler_, deadlines_, options_);
  }

 private:
  const net::HTTPServerParams::Ptr parameters_;
  const SmallServer::Handler handler_;
  ConnectionDeadlines& deadlines_;
  const SmallServerOptions& options_;
};

net::HTTPServerParams::Ptr parameters_of(const SmallServerOptions& options) {
  net::HTTPServerParams::Ptr parameters(new net::HTTPServerParams);
  parameters->setKeepAlive(false);
  parameters->setTimeout(timespan_of(options.read_timeout));
  parameters->setMaxThreads(static_cast<int>(options.max_threads));
  parameters->setMaxQueued(static_cast<int>(options.max_waiting));
  parameters->setSoftwareVersion("bearerd");
  return parameters;
}

struct Listening {
  net::ServerSocket socket;
  std::optional<SocketFile> file;  // its descriptor has moved into `socket`
};

// A renewed certificate is taken at the next handshake: POCO's own context holds none.
int lend_certificate(SSL* ssl, void* tls) { return static_cast<const TlsServer*>(tls)->lend_certificate(ssl) ? 1 : 0; }

// TLS 1.2 and 1.3, no renegotiation, no compression (RFC 9325 §3, §4).
net::ServerSocket tls_socket(const TlsServer& tls) {
  net::Context::Params parameters;
  parameters.verificationMode = net::Context::VERIFY_NONE;
  parameters.loadDefaultCAs = false;
  parameters.cipherList = "HIGH:!aNULL:!eNULL:!MD5:!RC4:!3DES:!PSK:!SRP";
  net::Context::Ptr context = new net::Context(net::Context::TLS_SERVER_USE, parameters);
  context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
  SSL_CTX_set_options(context->sslContext(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_cert_cb(context->sslContext(), lend_certificate, const_cast<TlsServer*>(&tls));
  return net::SecureServerSocket(context);
}

base::Result<Listening> listen_tcp(const settings::Address& address, const TlsServer* tls) {
  try {
    net::ServerSocket socket = tls != nullptr ? tls_socket(*tls) : net::ServerSocket();
    socket.bind(net::SocketAddress(address.host, address.port), true, false);
    socket.listen(kListenBacklog);
    return Listening{socket, std::nullopt};
  } catch (const Poco::Exception& error) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "cannot listen on " + address.display() + ": " + error.displayText());
  }
}

base::Result<Listening> take_over(SmallServerOptions& options) {
  // POCO makes the sockets that carry its TLS itself.
  if (options.tls != nullptr) {
    return base::fail(base::ErrorCode::kInvalid, options.address.display() +
                                                     ": a socket that the service manager holds is not served with "
                                                     "TLS here; take it out of the socket unit");
  }
  if (options.address.is_unix) {
    if (auto open = open_to_groups(options.address.path, options.groups); !open)
      return tl::make_unexpected(open.error());
  }
  return Listening{AdoptedSocket(options.passed->fd.release()), std::nullopt};
}

base::Result<Listening> listen_on(SmallServerOptions& options) {
  if (options.passed) return take_over(options);
  if (!options.address.is_unix) return listen_tcp(options.address, options.tls);
  auto file = open_socket_file({options.address.path, options.groups});
  if (!file) return tl::make_unexpected(file.error());
  const AdoptedSocket socket(file->fd.release());
  return Listening{socket, std::move(*file)};
}

}  // namespace

void RequestConnection::set_deadline(std::chrono::milliseconds from_now) const { deadlines_.set(socket_, from_now); }

struct SmallServer::State {
  State(SmallServerOptions given, Handler handler, Listening listening)
      : options(std::move(given)),
        file(std::move(listening.file)),
        deadlines(options.deadline),
        pool(1, static_cast<int>(options.max_threads)),
        socket(listening.socket),
        dispatcher(new net::TCPServerDispatcher(
            new ConnectionFactory(parameters_of(options), std::move(handler), deadlines, options), pool,
            parameters_of(options))) {
    if (!options.address.is_unix) socket.setNoDelay(true);  // what it accepts has it too
  }
  [[nodiscard]] base::Result<void> serve() {
    auto opened = Reception::open(socket, {options.tls != nullptr, options.read_timeout, options.max_unheard},
                                  [this](const net::StreamSocket& caller) { dispatcher->enqueue(caller); });
    if (!opened) return tl::make_unexpected(std::move(opened.error()));
    reception = std::move(*opened);
    return {};
  }

  ~State() {
    reception.reset();
    dispatcher->stop();
    socket.close();
    if (file) file->remove();
    deadlines.end_all();
    pool.joinAll();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const SmallServerOptions options;
  const std::optional<SocketFile> file;
  ConnectionDeadlines deadlines;
  Poco::ThreadPool pool;
  net::ServerSocket socket;
  Poco::AutoPtr<net::TCPServerDispatcher> dispatcher;
  std::unique_ptr<Reception> reception;
};

SmallServer::SmallServer(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
SmallServer::~SmallServer() = default;

base::Result<std::unique_ptr<SmallServer>> SmallServer::open(SmallServerOptions options, Handler handler) {
  auto listening = listen_on(options);
  if (!listening) return tl::make_unexpected(listening.error());
  auto state = std::make_unique<State>(std::move(options), std::move(handler), std::move(*listening));
  if (auto serving = state->serve(); !serving) return tl::make_unexpected(std::move(serving.error()));
  return std::unique_ptr<SmallServer>(new SmallServer(std::move(state)));
}

const std::vector<std::string>& SmallServer::unknown_groups() const noexcept {
  static const std::vector<std::string> none;
  return state_->file ? state_->file->unknown_groups : none;
}

std::uint16_t SmallServer::port() const noexcept {
  return state_->options.address.is_unix ? std::uint16_t{0} : state_->socket.address().port();
}

}  // namespace bearerd::http
