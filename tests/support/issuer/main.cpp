// demo-issuer --port N [--issuer URL] [--tls CERT KEY]    an OpenID issuer on loopback
// demo-issuer --echo N                                    an upstream that says what reached it
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <signal.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/issuer/issuer.hpp"

namespace {

using Poco::Net::HTTPServer;
using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;

struct Options {
  Poco::UInt16 port = 0;
  bool is_echo = false;
  std::string issuer, certificate, key;
};

std::optional<Options> parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    const std::size_t values = arguments.size() - i - 1;
    if ((name == "--port" || name == "--echo") && values >= 1) {
      options.is_echo = name == "--echo";
      options.port = static_cast<Poco::UInt16>(std::stoul(arguments[++i]));
    } else if (name == "--issuer" && values >= 1) {
      options.issuer = arguments[++i];
    } else if (name == "--tls" && values >= 2) {
      options.certificate = arguments[++i];
      options.key = arguments[++i];
    } else {
      return std::nullopt;
    }
  }
  if (options.port == 0) return std::nullopt;
  if (options.issuer.empty()) {
    options.issuer =
        (options.certificate.empty() ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(options.port);
  }
  return options;
}

ServerSocket open_socket(const Options& options) {
  const SocketAddress address("127.0.0.1", options.port);
  if (options.certificate.empty()) return ServerSocket(address);
  const Poco::Net::Context::Ptr context = new Poco::Net::Context(
      Poco::Net::Context::SERVER_USE, options.key, options.certificate, "", Poco::Net::Context::VERIFY_NONE);
  return Poco::Net::SecureServerSocket(address, 64, context);
}

void serve_until_told(const Options& options) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);  // before any thread, so that only sigwait() sees them

  // A connection holds its thread while it is kept alive; without keep-alive a few threads serve any number of callers.
  Poco::Net::HTTPServerParams::Ptr parameters = new Poco::Net::HTTPServerParams;
  parameters->setKeepAlive(false);
  HTTPServer server(options.is_echo ? bearerd::test::make_echo() : bearerd::test::make_issuer(options.issuer),
                    open_socket(options), parameters);
  server.start();
  std::printf("ready\n");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop, &signal);
  server.stopAll(true);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = parse({argv + 1, argv + argc});
    if (!options) {
      std::fprintf(stderr, "usage: demo-issuer --port N [--issuer URL] [--tls CERT KEY] | --echo N\n");
      return 64;
    }
    serve_until_told(*options);
    return 0;
  } catch (const Poco::Exception& error) {
    std::fprintf(stderr, "demo-issuer: %s\n", error.displayText().c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "demo-issuer: %s\n", error.what());
  }
  return 1;
}
