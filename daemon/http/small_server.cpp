#include "http/small_server.hpp"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timespan.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/connection_deadlines.hpp"
#include "http/socket_file.hpp"

namespace bearerd::http {
namespace {

namespace net = Poco::Net;

// POCO makes its sockets itself; ours is bound with care (socket_file.hpp) and only adopted.
class AdoptedSocketImpl final : public net::ServerSocketImpl {
 public:
  explicit AdoptedSocketImpl(int fd) { reset(fd); }
};
class AdoptedSocket final : public net::ServerSocket {
 public:
  explicit AdoptedSocket(int fd) : net::ServerSocket(new AdoptedSocketImpl(fd), true) {}
};

class FunctionHandler final : public net::HTTPRequestHandler {
 public:
  explicit FunctionHandler(const SmallServer::Handler& handler) : handler_(handler) {}
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    handler_(request, response);
  }

 private:
  const SmallServer::Handler& handler_;
};

class HandlerFactory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit HandlerFactory(SmallServer::Handler handler) : handler_(std::move(handler)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new FunctionHandler(handler_);
  }

 private:
  const SmallServer::Handler handler_;
};

class WatchedConnection final : public net::HTTPServerConnection {
 public:
  WatchedConnection(const net::StreamSocket& socket, net::HTTPServerParams::Ptr parameters,
                    net::HTTPRequestHandlerFactory::Ptr handlers, ConnectionDeadlines& deadlines,
                    const SmallServerOptions& options)
      : net::HTTPServerConnection(socket, std::move(parameters), std::move(handlers)),
        deadlines_(deadlines),
        options_(options),
        number_(deadlines.watch(socket.impl()->sockfd())) {
    count(1);
  }
  ~WatchedConnection() override {
    deadlines_.forget(number_);
    count(-1);
  }
  WatchedConnection(const WatchedConnection&) = delete;
  WatchedConnection& operator=(const WatchedConnection&) = delete;

 private:
  void count(int difference) noexcept {
    if (options_.metrics != nullptr) options_.metrics->add_connections(options_.kind, difference);
  }
  ConnectionDeadlines& deadlines_;
  const SmallServerOptions& options_;
  const std::uint64_t number_;
};

class ConnectionFactory final : public net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(net::HTTPServerParams::Ptr parameters, SmallServer::Handler handler, ConnectionDeadlines& deadlines,
                    const SmallServerOptions& options)
      : parameters_(std::move(parameters)),
        handlers_(new HandlerFactory(std::move(handler))),
        deadlines_(deadlines),
        options_(options) {}
  net::TCPServerConnection* createConnection(const net::StreamSocket& socket) override {
    return new WatchedConnection(socket, parameters_, handlers_, deadlines_, options_);
  }

 private:
  const net::HTTPServerParams::Ptr parameters_;
  const net::HTTPRequestHandlerFactory::Ptr handlers_;
  ConnectionDeadlines& deadlines_;
  const SmallServerOptions& options_;
};

net::HTTPServerParams::Ptr parameters_of(const SmallServerOptions& options) {
  net::HTTPServerParams::Ptr parameters(new net::HTTPServerParams);
  parameters->setKeepAlive(false);
  parameters->setTimeout(Poco::Timespan(std::chrono::microseconds(options.read_timeout).count()));
  parameters->setMaxThreads(static_cast<int>(options.max_threads));
  parameters->setMaxQueued(static_cast<int>(options.max_waiting));
  parameters->setSoftwareVersion("bearerd");
  return parameters;
}

base::Result<net::ServerSocket> listen_tcp(const settings::Address& address) {
  try {
    net::ServerSocket socket;
    socket.bind(net::SocketAddress(address.host, address.port), true, false);
    socket.listen(64);
    return socket;
  } catch (const Poco::Exception& error) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "cannot listen on " + address.display() + ": " + error.displayText());
  }
}

base::Result<net::ServerSocket> listen_on(const SmallServerOptions& options) {
  if (!options.address.is_unix) return listen_tcp(options.address);
  auto socket = open_socket_file({options.address.path, options.groups});
  if (!socket) return tl::make_unexpected(socket.error());
  return net::ServerSocket(AdoptedSocket(socket->release()));
}

// Which file is ours: a successor may have put its own in the same place before we stop.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

FileIdentity identity_of(const std::string& path) {
  struct stat status{};
  if (path.empty() || ::lstat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace

struct SmallServer::State {
  State(SmallServerOptions given, Handler handler, const net::ServerSocket& listening)
      : options(std::move(given)),
        file(identity_of(options.address.path)),
        deadlines(options.deadline),
        pool(1, static_cast<int>(options.max_threads)),
        socket(listening),
        server(new ConnectionFactory(parameters_of(options), std::move(handler), deadlines, options), pool, socket,
               parameters_of(options)) {
    server.start();
  }

  ~State() {
    server.stop();
    socket.close();
    if (options.address.is_unix && file == identity_of(options.address.path)) ::unlink(options.address.path.c_str());
    deadlines.end_all();
    pool.joinAll();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const SmallServerOptions options;
  const FileIdentity file;
  ConnectionDeadlines deadlines;
  Poco::ThreadPool pool;
  net::ServerSocket socket;
  net::TCPServer server;
};

SmallServer::SmallServer(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
SmallServer::~SmallServer() = default;

base::Result<std::unique_ptr<SmallServer>> SmallServer::open(SmallServerOptions options, Handler handler) {
  auto socket = listen_on(options);
  if (!socket) return tl::make_unexpected(socket.error());
  return std::unique_ptr<SmallServer>(
      new SmallServer(std::make_unique<State>(std::move(options), std::move(handler), *socket)));
}

std::uint16_t SmallServer::port() const noexcept {
  return state_->options.address.is_unix ? std::uint16_t{0} : state_->socket.address().port();
}

}  // namespace bearerd::http
