#include "access/route_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/text.hpp"

namespace bearerd::access {
namespace {

settings::Route route(std::string name, std::vector<std::string> paths) {
  settings::Route made;
  made.name = std::move(name);
  made.paths = std::move(paths);
  return made;
}

std::string name_of(const RouteTable& table, std::string_view path, std::string_view method = "GET",
                    std::string_view host = "app.example.com") {
  const auto found = table.find({method, path, host});
  if (found.needs_host) return "needs a host";
  return found.route != nullptr ? found.route->name : "none";
}

TEST(RouteTable, the_first_route_that_matches_counts_whatever_its_pattern_looks_like) {
  const RouteTable table({route("exact", {"/a/b"}), route("pattern", {"/a/[a-z]"}), route("below", {"/a/.*"}),
                          route("all", {".*"}), route("never", {"/a/c"})});
  EXPECT_EQ(name_of(table, "/a/b"), "exact");
  EXPECT_EQ(name_of(table, "/a/c"), "pattern");
  EXPECT_EQ(name_of(table, "/a/cc"), "below");
  EXPECT_EQ(name_of(table, "/a/"), "below");
  EXPECT_EQ(name_of(table, "/a"), "all");
  EXPECT_EQ(name_of(RouteTable({}), "/a"), "none");
}

TEST(RouteTable, a_pattern_matches_the_whole_path) {
  const RouteTable table({route("r", {"/rate", "^\\/v[12]\\/x$"})});
  EXPECT_EQ(name_of(table, "/rate"), "r");
  EXPECT_EQ(name_of(table, "/rates"), "none");
  EXPECT_EQ(name_of(table, "/x/rate"), "none");
  EXPECT_EQ(name_of(table, "/v1/x"), "r");
  EXPECT_EQ(name_of(table, "/v3/x"), "none");
}

TEST(RouteTable, another_method_or_host_is_another_routes_request) {
  auto posts = route("posts", {"/a"});
  posts.methods = {"POST", "PUT"};
  auto hosted = route("hosted", {"/a"});
  hosted.hosts = {"App.example.com", "*.example.net"};
  const RouteTable table({posts, hosted, route("rest", {"/a"})});
  EXPECT_EQ(name_of(table, "/a", "POST"), "posts");
  EXPECT_EQ(name_of(table, "/a", "post"), "hosted");
  EXPECT_EQ(name_of(table, "/a", "GET", "APP.example.COM:8443"), "hosted");
  EXPECT_EQ(name_of(table, "/a", "GET", "app.example.com."), "hosted");
  EXPECT_EQ(name_of(table, "/a", "GET", "x.y.example.net"), "hosted");
  EXPECT_EQ(name_of(table, "/a", "GET", "example.net"), "rest");
  for (const std::size_t length : {1U, 240U, 255U, 300U, 5000U}) {
    const std::string label(length, 'a');
    EXPECT_EQ(name_of(table, "/a", "GET", label + ".example.net:80"), "hosted") << length;
    EXPECT_EQ(name_of(table, "/a", "GET", label + "..x.EXAMPLE.net"), "hosted") << length;
    EXPECT_EQ(name_of(table, "/a", "GET", "example.net." + label), "rest") << length;
  }
  EXPECT_EQ(name_of(table, "/a", "GET", "evilexample.net"), "rest");
  EXPECT_EQ(name_of(table, "/a", "GET", "[::1]:80"), "rest");
  EXPECT_EQ(name_of(table, "/a", "GET", ""), "needs a host");
  EXPECT_EQ(name_of(table, "/a", "POST", ""), "posts");
}

// As the page about routes says it.
bool takes(const settings::Route& route, std::string_view host) {
  if (route.hosts.empty() || host.empty()) return true;
  std::string bare = base::to_lower(host.substr(0, host.find(':')));
  if (bare.ends_with('.')) bare.pop_back();
  return std::ranges::any_of(route.hosts, [&](const std::string& each) {
    return each.starts_with("*.") ? bare.size() >= each.size() && bare.ends_with(each.substr(1)) : bare == each;
  });
}

// The index must find what trying all of them in their order finds.
TEST(RouteTable, finds_what_a_search_from_the_first_to_the_last_finds) {
  std::mt19937 random(11);
  constexpr std::string_view kPieces[] = {"/",     "a",      "b",   "c",  "[ab]",   ".*",
                                          "(b|c)", "(/.*)?", "\\/", "a*", "[^/]+/", "[a-c]*/"};
  constexpr std::string_view kBytes[] = {"/", "a", "b", "c"};
  constexpr std::string_view kHosts[] = {"a.example.com", "*.example.com", "*.a.example.com", "*.com", "b.example.com"};
  constexpr std::string_view kAsked[] = {"A.example.com:80", "b.Example.com", "x.a.example.com.", "com", "", ":80"};
  int found = 0;
  for (int round = 0; round < 100; ++round) {
    std::vector<settings::Route> routes;
    for (int i = 0; i < 30; ++i) {
      std::string pattern = "/";
      for (auto n = random() % 6; n > 0; --n) pattern += kPieces[random() % std::size(kPieces)];
      if (!settings::Regex::compile(pattern)) continue;
      routes.push_back(route(std::to_string(routes.size()), {pattern}));
      for (auto n = random() % 3; n > 0 && round % 2 == 0; --n)
        routes.back().hosts.emplace_back(kHosts[random() % std::size(kHosts)]);
    }
    const RouteTable table(routes);
    for (int i = 0; i < 100; ++i) {
      std::string path = "/";
      for (auto n = random() % 6; n > 0; --n) path += kBytes[random() % std::size(kBytes)];
      const std::string_view host = kAsked[random() % std::size(kAsked)];
      const auto matches = [&](const settings::Route& each) {
        return settings::Regex::compile(each.paths[0]).value()->matches_whole(path) && takes(each, host);
      };
      const auto first = std::ranges::find_if(routes, matches);
      const RouteTable::Found answer = table.find({"GET", path, host});
      ASSERT_EQ(answer.route != nullptr ? answer.route->name : "none", first != routes.end() ? first->name : "none")
          << path << " of " << host;
      if (first == routes.end()) continue;
      ++found;
      EXPECT_EQ(answer.needs_host, host.empty() && !first->hosts.empty());
      const auto place = static_cast<std::uint32_t>(first - routes.begin());
      EXPECT_EQ(table.mismatch(place, {"GET", path, host}), RouteTable::Mismatch::kNone);
      for (std::uint32_t other = 0; other < place; ++other)
        EXPECT_NE(table.mismatch(other, {"GET", path, host}), RouteTable::Mismatch::kNone);
    }
  }
  EXPECT_GT(found, 2'000);
}

}  // namespace
}  // namespace bearerd::access
