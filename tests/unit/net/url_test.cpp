#include "net/url.hpp"

#include <gtest/gtest.h>

namespace bearerd::net {
namespace {

TEST(Url, references_are_resolved_like_a_browser_would) {
  const base::Url from = *base::parse_url("https://a.example/x/y?q");
  EXPECT_EQ(resolve_reference(from, "/keys")->target, "/keys");
  EXPECT_EQ(resolve_reference(from, "keys")->target, "/x/keys");
  EXPECT_EQ(resolve_reference(from, "../keys?a=1")->target, "/keys?a=1");
  EXPECT_EQ(resolve_reference(from, "//other.example/keys")->host, "other.example");
  EXPECT_EQ(resolve_reference(from, "http://a.example/")->is_https, false);
}

TEST(Url, references_that_could_be_read_in_two_ways_are_refused) {
  const base::Url from = *base::parse_url("https://a.example/x");
  for (const char* bad : {"", "\\\\evil.example/", "/a b", "https://a.example@evil.example/", "javascript:alert(1)",
                          "/x#y", "https:\t//a.example/"}) {
    EXPECT_FALSE(resolve_reference(from, bad)) << bad;
  }
}

}  // namespace
}  // namespace bearerd::net
