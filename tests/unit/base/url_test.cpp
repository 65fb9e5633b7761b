#include "base/url.hpp"

#include <gtest/gtest.h>

namespace bearerd::base {
namespace {

TEST(Url, parts_are_found) {
  const auto url = parse_url("HTTPS://Issuer.Example:8443/realms/a?x=1");
  ASSERT_TRUE(url) << url.error().text;
  EXPECT_EQ(*url, (Url{true, "issuer.example", 8443, "/realms/a?x=1"}));
  EXPECT_EQ(url->authority(), "issuer.example:8443");
}

TEST(Url, defaults_are_filled_in) {
  EXPECT_EQ(*parse_url("https://a.example"), (Url{true, "a.example", 443, "/"}));
  EXPECT_EQ(*parse_url("http://localhost?q"), (Url{false, "localhost", 80, "/?q"}));
  EXPECT_EQ(parse_url("https://[::1]:444/")->authority(), "[::1]:444");
  EXPECT_EQ(parse_url("https://a.example./x")->host, "a.example");
}

TEST(Url, a_host_is_as_long_as_dns_lets_it_be) {
  const std::string longest = std::string(251, 'a') + ".b";
  EXPECT_EQ(parse_url("https://" + longest + "/")->host, longest);
  EXPECT_EQ(parse_url("https://" + longest + "./")->host, longest);
  EXPECT_FALSE(parse_url("https://a" + longest + "/"));
}

class RefusedUrl : public testing::TestWithParam<std::string> {};

TEST_P(RefusedUrl, is_invalid) {
  const auto url = parse_url(GetParam());
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().code, ErrorCode::kInvalid);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, RefusedUrl,
    testing::Values("", "https", "https://", "https:///path", "ftp://a.example/", "file:///etc/passwd",
                    "javascript://a.example/", "https://user@a.example/", "https://user:pass@a.example/",
                    "https://a.example/#fragment", "https://a.example#fragment", "https://a.example/a b",
                    "https://a.example/\n", "https://a.example\r/", std::string("https://a.example/\0x", 20),
                    "https://a.example/\x7f", "https://a.example/\xc3\xa9", "https://a\\b.example/",
                    "https://a.example/\\b", "https://a.example/keys[1]", "https://a.example/?keys[]=1",
                    "https://a%2eexample/", "https://.a.example/", "https://a..example/", "https://a.example../",
                    "https://a.example:/", "https://a.example:0/", "https://a.example:65536/", "https://a.example:+1/",
                    "https://[::1/", "https://[a.example]/", "https://[127.0.0.1]/", "https://[]/",
                    "https://[fe80::1%25eth0]/", "https://[::1]x/", std::string("https://[::1\0x]/", 16), "https://.",
                    "https://" + std::string(300, 'a') + "/", "https://a.example/" + std::string(5000, 'a')));

TEST(Url, loopback_hosts_are_told_apart) {
  for (const char* yes : {"localhost", "issuer.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback_host(yes)) << yes;
  }
  for (const char* no : {"localhost.example", "notlocalhost", "128.0.0.1", "::2", "::ffff:10.0.0.1", "::127.0.0.1",
                         "10.0.0.1", "127.0.0.1.example", "127.1", "2130706433"}) {
    EXPECT_FALSE(is_loopback_host(no)) << no;
  }
}

}  // namespace
}  // namespace bearerd::base
