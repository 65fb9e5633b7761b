#include "support/issuer/issuer.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <map>
#include <thread>

#include "support/issuer/minter.hpp"

namespace bearerd::test {
namespace {

using Poco::Net::HTTPRequestHandler;
using Poco::Net::HTTPRequestHandlerFactory;
using Poco::Net::HTTPResponse;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;
using Query = std::map<std::string, std::string>;

// What one server's handlers share.
struct Site {
  explicit Site(std::string issuer) : minter(std::move(issuer)) {}
  Minter minter;
  std::atomic<int> delay_ms{0}, max_age{-1}, discovery_fetches{0}, key_set_fetches{0};
  std::atomic<bool> is_down{false};
};

Query query_of(const Poco::URI& uri) {
  const auto parameters = uri.getQueryParameters();
  return {parameters.begin(), parameters.end()};
}

std::string value_or(const Query& query, const std::string& name, std::string fallback) {
  const auto found = query.find(name);
  return found == query.end() ? std::move(fallback) : found->second;
}

std::string text_of(const Poco::JSON::Object& object) {
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

class IssuerHandler : public HTTPRequestHandler {
 public:
  explicit IssuerHandler(std::shared_ptr<Site> site) : site_(std::move(site)) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    try {
      answer(request, response);
    } catch (const Poco::Exception& error) {
      send(response, HTTPResponse::HTTP_BAD_REQUEST, "text/plain", error.displayText() + "\n");
    } catch (const std::exception& error) {
      send(response, HTTPResponse::HTTP_BAD_REQUEST, "text/plain", std::string(error.what()) + "\n");
    }
  }

 private:
  void answer(HTTPServerRequest& request, HTTPServerResponse& response) {
    const Poco::URI uri(request.getURI());
    const std::string& path = uri.getPath();
    if (path == "/.well-known/openid-configuration") return publish(response, site_->discovery_fetches, discovery());
    if (path == "/jwks") return publish(response, site_->key_set_fetches, site_->minter.key_set());
    if (path == "/token") return send(response, HTTPResponse::HTTP_OK, "text/plain", mint(request));
    if (path == "/rotate") return send(response, HTTPResponse::HTTP_OK, "text/plain", rotate(query_of(uri)));
    if (path == "/state") return send(response, HTTPResponse::HTTP_OK, "application/json", state());
    if (path == "/set") {
      set(query_of(uri));
      return send(response, HTTPResponse::HTTP_OK, "text/plain", "ok\n");
    }
    send(response, HTTPResponse::HTTP_NOT_FOUND, "text/plain", "nothing here\n");
  }

  void publish(HTTPServerResponse& response, std::atomic<int>& fetches, const std::string& body) {
    ++fetches;
    if (site_->is_down) return send(response, HTTPResponse::HTTP_SERVICE_UNAVAILABLE, "text/plain", "down\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(site_->delay_ms));
    if (site_->max_age >= 0) response.set("Cache-Control", "max-age=" + std::to_string(site_->max_age));
    send(response, HTTPResponse::HTTP_OK, "application/json", body);
  }

  [[nodiscard]] std::string discovery() const {
    const std::string& issuer = site_->minter.issuer();
    Poco::JSON::Object document;
    document.set("issuer", issuer);
    document.set("jwks_uri", issuer + "/jwks");
    document.set("token_endpoint", issuer + "/token");
    return text_of(document);
  }

  std::string mint(HTTPServerRequest& request) {
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);
    return site_->minter.mint(body);
  }

  std::string rotate(const Query& query) {
    const auto algorithm = base::find_algorithm(value_or(query, "alg", "RS256"));
    if (!algorithm) throw std::invalid_argument("unknown alg");
    return site_->minter.rotate(*algorithm, value_or(query, "keep", "1") == "1");
  }

  void set(const Query& query) {
    site_->delay_ms = std::stoi(value_or(query, "delay", std::to_string(site_->delay_ms)));
    site_->max_age = std::stoi(value_or(query, "max_age", std::to_string(site_->max_age)));
    site_->is_down = value_or(query, "down", site_->is_down ? "1" : "0") == "1";
  }

  [[nodiscard]] std::string state() const {
    Poco::JSON::Array kids;
    for (const std::string& kid : site_->minter.key_ids()) kids.add(kid);
    Poco::JSON::Object state;
    state.set("discovery_fetches", site_->discovery_fetches.load());
    state.set("key_set_fetches", site_->key_set_fetches.load());
    state.set("kids", kids);
    return text_of(state);
  }

  static void send(HTTPServerResponse& response, HTTPResponse::HTTPStatus status, const std::string& type,
                   const std::string& body) {
    response.setStatusAndReason(status);
    response.setContentType(type);
    response.sendBuffer(body.data(), body.size());
  }

  std::shared_ptr<Site> site_;
};

class IssuerFactory : public HTTPRequestHandlerFactory {
 public:
  explicit IssuerFactory(std::string issuer_url) : site_(std::make_shared<Site>(std::move(issuer_url))) {}
  HTTPRequestHandler* createRequestHandler(const HTTPServerRequest& /*request*/) override {
    return new IssuerHandler(site_);
  }

 private:
  std::shared_ptr<Site> site_;
};

}  // namespace

HTTPRequestHandlerFactory::Ptr make_issuer(std::string issuer_url) { return new IssuerFactory(std::move(issuer_url)); }

}  // namespace bearerd::test
