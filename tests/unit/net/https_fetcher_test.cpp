#include "net/https_fetcher.hpp"

#include <gtest/gtest.h>

namespace bearerd::net {
namespace {

// Answers every name with these addresses; nothing is ever connected to in these tests.
class FixedResolver final : public Resolver {
 public:
  explicit FixedResolver(std::vector<std::string> literals) : literals_(std::move(literals)) {}
  base::Result<std::vector<Address>> resolve(const std::string&, std::uint16_t port, base::SteadyTime) override {
    std::vector<Address> addresses;
    for (const std::string& literal : literals_) addresses.push_back(*Address::from_literal(literal, port));
    return addresses;
  }

 private:
  std::vector<std::string> literals_;
};

base::ErrorCode refusal(const std::string& url, std::vector<std::string> resolves_to = {"169.254.169.254"}) {
  HttpsFetcher fetcher(std::make_shared<FixedResolver>(std::move(resolves_to)));
  FetchRequest request;
  request.url = url;
  const auto response = fetcher.fetch(request);
  return response ? base::ErrorCode::kInternal : response.error().code;
}

TEST(HttpsFetcher, name_that_resolves_to_a_link_local_address_is_denied) {
  EXPECT_EQ(refusal("https://metadata.example/"), base::ErrorCode::kDenied);
  EXPECT_EQ(refusal("https://metadata.example/", {"::ffff:169.254.169.254", "fe80::1", "0.0.0.0"}),
            base::ErrorCode::kDenied);
}

TEST(HttpsFetcher, plain_http_is_for_loopback_names_that_lead_to_loopback) {
  EXPECT_EQ(refusal("http://issuer.example/", {"127.0.0.1"}), base::ErrorCode::kDenied);
  EXPECT_EQ(refusal("http://localhost/", {"192.0.2.1"}), base::ErrorCode::kDenied);
}

TEST(HttpsFetcher, unusable_requests_are_invalid) {
  EXPECT_EQ(refusal("https://user@issuer.example/"), base::ErrorCode::kInvalid);
  EXPECT_EQ(refusal("https://issuer.example/#x"), base::ErrorCode::kInvalid);
  HttpsFetcher fetcher(std::make_shared<FixedResolver>(std::vector<std::string>{"127.0.0.1"}));
  FetchRequest request;
  request.url = "http://localhost/";
  request.headers = {{"X-Thing", "a\r\nHost: evil"}};
  EXPECT_EQ(fetcher.fetch(request).error().code, base::ErrorCode::kInvalid);
}

}  // namespace
}  // namespace bearerd::net
