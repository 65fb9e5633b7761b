#include "base/claim_path.hpp"

#include <gtest/gtest.h>

namespace bearerd::base {
namespace {

using Segments = std::vector<std::string>;

TEST(ClaimPath, text_keeps_its_literal_and_is_split_at_dots) {
  EXPECT_EQ(ClaimPath::from_text("roles").segments, Segments{"roles"});
  EXPECT_EQ(ClaimPath::from_text("a.b.c").segments, (Segments{"a", "b", "c"}));
  EXPECT_EQ(ClaimPath::from_text("https://x.example/roles").literal, "https://x.example/roles");
}

TEST(ClaimPath, empty_segments_are_kept) {
  EXPECT_EQ(ClaimPath::from_text("").segments, Segments{""});
  EXPECT_EQ(ClaimPath::from_text(".").segments, (Segments{"", ""}));
  EXPECT_EQ(ClaimPath::from_text(".a.").segments, (Segments{"", "a", ""}));
}

TEST(ClaimPath, a_list_is_exact) {
  const ClaimPath path = ClaimPath::from_segments({"resource_access", "my.client", "roles"});
  EXPECT_TRUE(path.literal.empty());
  EXPECT_EQ(path.display(), "resource_access.my.client.roles");
  EXPECT_NE(path, ClaimPath::from_text("resource_access.my.client.roles"));
}

TEST(ClaimPath, displays_what_was_given) {
  for (const char* text : {"", ".", "a", ".a", "a.b.", "https://x.example/roles"}) {
    EXPECT_EQ(ClaimPath::from_text(text).display(), text);
  }
  EXPECT_EQ(ClaimPath::from_segments({"", "a"}).display(), ".a");
}

}  // namespace
}  // namespace bearerd::base
