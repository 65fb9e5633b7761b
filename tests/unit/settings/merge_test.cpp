#include "settings/merge.hpp"

#include <gtest/gtest.h>

namespace bearerd::settings {
namespace {

Node text(std::string value) {
  Node node;
  node.kind = NodeKind::kString;
  node.text = std::move(value);
  return node;
}

Node object(std::vector<std::pair<std::string, Node>> members) {
  Node node = make_object({});
  for (auto& [key, value] : members) node.members.push_back({std::move(key), {}, std::move(value)});
  return node;
}

std::string canonical(const Node& node) {
  std::string out;
  append_canonical(out, node);
  return out;
}

TEST(Merge, objects_are_merged_key_by_key_and_the_rest_is_replaced) {
  Node target = object({{"a", text("1")}, {"b", object({{"x", text("2")}})}});
  merge_into(target, object({{"b", object({{"x", text("3")}, {"y", text("4")}})}, {"c", text("5")}}), false);
  EXPECT_EQ(canonical(target), R"({"a":"1","b":{"x":"3","y":"4"},"c":"5"})");
  EXPECT_EQ(target.members.back().key, "c") << "what is new comes after what was there";
}

TEST(Merge, a_key_moves_with_a_value_that_is_replaced_and_stays_with_an_object_that_is_merged) {
  const auto placed = [](Node node, std::uint32_t line) {
    for (Member& member : node.members) member.where.line = line;
    return node;
  };
  Node target = placed(object({{"a", text("1")}, {"b", object({})}}), 1);
  merge_into(target, placed(object({{"a", text("2")}, {"b", object({})}}), 2), false);
  EXPECT_EQ(target.find("a")->where.line, 2U);
  EXPECT_EQ(target.find("b")->where.line, 1U);
}

TEST(Merge, a_key_that_the_source_has_twice_is_one_member) {
  Node target = object({});
  merge_into(target, object({{"a", text("1")}, {"a", text("2")}}), false);
  EXPECT_EQ(canonical(target), R"({"a":"2"})");
}

// Each member against each of the other file would be ten thousand million comparisons: minutes, and the test's end.
TEST(Merge, two_files_of_a_hundred_thousand_members_are_one) {
  constexpr std::size_t kMembers = 100'000;
  const auto numbered = [](std::size_t first) {
    Node node = make_object({});
    for (std::size_t i = first; i < first + kMembers; ++i)
      node.members.push_back({"a-route-of-somebody-" + std::to_string(i), {}, text("x")});
    return node;
  };
  Node target = numbered(0);
  merge_into(target, numbered(kMembers / 2), false);
  EXPECT_EQ(target.members.size(), kMembers + kMembers / 2);
}

}  // namespace
}  // namespace bearerd::settings
