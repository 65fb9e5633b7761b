#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>

#include <sstream>

#include "support/issuer/issuer.hpp"

namespace bearerd::test {
namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

class EchoHandler : public Poco::Net::HTTPRequestHandler {
 public:
  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    Poco::JSON::Array headers;
    for (const auto& [name, value] : request) {
      Poco::JSON::Array pair;
      pair.add(name);
      pair.add(value);
      headers.add(pair);
    }
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);

    Poco::JSON::Object seen;
    seen.set("method", request.getMethod());
    seen.set("target", request.getURI());
    seen.set("headers", headers);
    seen.set("body_bytes", body.size());
    std::ostringstream text;
    seen.stringify(text);
    const std::string answer = text.str() + "\n";
    response.setContentType("application/json");
    response.sendBuffer(answer.data(), answer.size());
  }
};

class EchoFactory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest& /*request*/) override {
    return new EchoHandler;
  }
};

}  // namespace

Poco::Net::HTTPRequestHandlerFactory::Ptr make_echo() { return new EchoFactory; }

}  // namespace bearerd::test
