#include "access/protected_path.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace bearerd::access {
namespace {

std::string normalised(std::string_view target) {
  std::string storage;
  const auto path = normalise_path(target, storage);
  return path ? std::string(*path) : "refused";
}

TEST(ProtectedPath, plain_paths_stay_and_are_not_copied) {
  std::string storage;
  const std::string target = "/v1/openai/deployments/gpt-4/chat";
  const auto path = normalise_path(target, storage);
  ASSERT_TRUE(path);
  EXPECT_EQ(path->data(), target.data());
  EXPECT_EQ(*path, target);
}

TEST(ProtectedPath, the_query_is_dropped) {
  EXPECT_EQ(normalised("/a?x=/../b"), "/a");
  EXPECT_EQ(normalised("/?"), "/");
  EXPECT_EQ(normalised("/a%2fb?%zz"), "/a%2Fb");
}

TEST(ProtectedPath, dot_segments_and_doubled_slashes_go) {
  EXPECT_EQ(normalised("/a/./b"), "/a/b");
  EXPECT_EQ(normalised("/a/../b"), "/b");
  EXPECT_EQ(normalised("/./admin"), "/admin");
  EXPECT_EQ(normalised("//admin"), "/admin");
  EXPECT_EQ(normalised("///a////b//"), "/a/b/");
  EXPECT_EQ(normalised("/a/b/.."), "/a/");
  EXPECT_EQ(normalised("/a/."), "/a/");
  EXPECT_EQ(normalised("/a//../b"), "/b");
  EXPECT_EQ(normalised("/a/.."), "/");
}

TEST(ProtectedPath, dots_in_names_are_no_dot_segments) {
  EXPECT_EQ(normalised("/.well-known/x"), "/.well-known/x");
  EXPECT_EQ(normalised("/..a/b..c/..."), "/..a/b..c/...");
}

TEST(ProtectedPath, climbing_above_the_root_is_refused) {
  EXPECT_EQ(normalised("/.."), "refused");
  EXPECT_EQ(normalised("/a/../.."), "refused");
  EXPECT_EQ(normalised("//..//a"), "refused");
  EXPECT_EQ(normalised("/../../healthz"), "refused");
}

TEST(ProtectedPath, encodings_get_one_spelling) {
  EXPECT_EQ(normalised("/%61%62%7e"), "/ab~");
  EXPECT_EQ(normalised("/a%20b"), "/a%20b");
  EXPECT_EQ(normalised("/%c3%a9"), "/%C3%A9");
  EXPECT_EQ(normalised("/\xC3\xA9"), "/%C3%A9");
  EXPECT_EQ(normalised("/%40me"), "/@me");
  EXPECT_EQ(normalised("/a%3bb"), "/a;b");
  EXPECT_EQ(normalised("/a%3fb%23c"), "/a%3Fb%23c");
  EXPECT_EQ(normalised("/100%25"), "/100%25");
  EXPECT_EQ(normalised("/{a}"), "/%7Ba%7D");
}

TEST(ProtectedPath, a_dot_segment_between_encoded_slashes_is_refused) {
  for (const std::string_view target : {"/a%2F..%2F..%2Fadmin", "/a%2f..", "/..%2Fa", "/a%2F.%2Fb", "/x/a%2F../b"}) {
    EXPECT_EQ(normalised(target), "refused") << target;
  }
  EXPECT_EQ(normalised("/org%2Fmodel.v1/..x%2F...%2Fy"), "/org%2Fmodel.v1/..x%2F...%2Fy");
}

TEST(ProtectedPath, a_dot_segment_with_parameters_is_refused) {
  for (const std::string_view target : {"/public/..;/admin/x", "/public/..;v=1/admin", "/public/..%3B/admin", "/a/.;/b",
                                        "/..;", "/a%2F..;x%2Fb", "/a/..;x%2Fb"}) {
    EXPECT_EQ(normalised(target), "refused") << target;
  }
  EXPECT_EQ(normalised("/a/..b;v=1/...;x"), "/a/..b;v=1/...;x");
}

TEST(ProtectedPath, parameters_can_be_left_out) {
  const auto bare = [](std::string_view path) {
    std::string storage;
    return std::string(without_parameters(path, storage));
  };
  EXPECT_EQ(bare("/"), "/");
  EXPECT_EQ(bare("/a;v=1/b;x;y"), "/a/b");
  EXPECT_EQ(bare("/a/;x/b/"), "/a/b/");
  EXPECT_EQ(bare("/;x"), "/");
  EXPECT_EQ(bare("/a/;x"), "/a/");
}

TEST(ProtectedPath, what_backends_disagree_about_is_refused) {
  for (const std::string_view target : {"/a%2e%2e/b", "/%2e", "/a%2E", "/..%5cb", "/a%5Cb", "/a\\b", "/a%00", "/%",
                                        "/%2", "/%zz", "/a#b", "/a%4", "/a\x01", "/a\x7f"}) {
    EXPECT_EQ(normalised(target), "refused") << target;
  }
  EXPECT_EQ(normalised(std::string_view("/a\0b", 4)), "refused");
}

TEST(ProtectedPath, only_absolute_paths_are_paths) {
  for (const std::string_view target : {"", "a", "*", "http://x/a", "?x", "%2Fa"})
    EXPECT_EQ(normalised(target), "refused") << target;
}

TEST(ProtectedPath, encoded_slashes_stay_and_show) {
  std::string storage;
  const auto path = normalise_path("/a%2fb", storage);
  ASSERT_TRUE(path);
  EXPECT_EQ(*path, "/a%2Fb");
  EXPECT_TRUE(has_encoded_slash(*path));
  EXPECT_FALSE(has_encoded_slash(normalised("/a%252fb")));
  EXPECT_FALSE(has_encoded_slash("/a/b"));
}

TEST(ProtectedPath, normalising_twice_is_normalising_once) {
  std::mt19937 random(7);
  constexpr std::string_view kPieces[] = {"/", "/",   ".", "..",  "%2f", "%25", "%2e",  "a",
                                          "B", "%41", "?", "%zz", ";",   "%7f", "\x80", " "};
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string target = "/";
    for (auto i = random() % 10; i > 0; --i) target += kPieces[random() % std::size(kPieces)];
    const std::string once = normalised(target);
    if (once == "refused") continue;
    ++accepted;
    ASSERT_EQ(normalised(once), once) << target;
    ASSERT_EQ(once.find("//"), std::string::npos) << target;
    ASSERT_EQ(once.find("/./"), std::string::npos) << target;
    ASSERT_EQ(once.find("/../"), std::string::npos) << target;
    ASSERT_FALSE(once.ends_with("/..") || once.ends_with("/.")) << target;
  }
  EXPECT_GT(accepted, 30U);
}

}  // namespace
}  // namespace bearerd::access
