// An identity provider that says what a test wants, without a network.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "net/fetch.hpp"

namespace bearerd::test {

// Not thread-safe.
class FakeFetcher final : public net::Fetcher {
 public:
  base::Result<net::FetchResponse> fetch(const net::FetchRequest& request) override {
    asked.push_back(request);
    return answer(request);
  }
  static net::FetchResponse json(std::string body, int status = 200) {
    net::FetchResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
  std::vector<net::FetchRequest> asked;
  std::function<base::Result<net::FetchResponse>(const net::FetchRequest&)> answer = [](const net::FetchRequest&) {
    return json(R"({"active": true, "sub": "alice"})");
  };
};

}  // namespace bearerd::test
