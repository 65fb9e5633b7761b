#include "keys/canonical.hpp"

#include <gtest/gtest.h>

namespace bearerd::keys {
namespace {

TEST(Canonical, white_space_and_order_of_keys_do_not_matter) {
  EXPECT_EQ(canonical_key_set(R"({"keys":[{"kid":"a"},{"kid":"b"}]})"),
            canonical_key_set("{ \"keys\" : [ {\"kid\" :\t\"b\"} ,\n{\"kid\":\"a\"} ], \"other\": 1 }"));
}

TEST(Canonical, every_byte_of_a_key_matters) {
  const std::string one = canonical_key_set(R"({"keys":[{"kid":"a b"}]})");
  EXPECT_NE(one, canonical_key_set(R"({"keys":[{"kid":"ab"}]})"));
  EXPECT_NE(one, canonical_key_set(R"({"keys":[{"kid":"a b","x":"y"}]})"));
  EXPECT_NE(one, canonical_key_set(R"({"keys":[{"kid":"a b"},{"kid":"a b"}]})"));
  EXPECT_NE(one, canonical_key_set(R"({"keys":[]})"));
}

TEST(Canonical, braces_and_quotes_inside_strings_are_text) {
  EXPECT_NE(canonical_key_set(R"({"keys":[{"kid":"}\"{"}]})"), canonical_key_set(R"({"keys":[{"kid":"}\"{ "}]})"));
  EXPECT_EQ(canonical_key_set(R"({"keys":[{"x5c":["a", "b"]}]})"),
            canonical_key_set(R"({"keys":[{"x5c":["a","b"]}]})"));
}

}  // namespace
}  // namespace bearerd::keys
