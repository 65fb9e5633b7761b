// Which keys of a set are tried for a token.
#include "jose/key.hpp"
#include "support.hpp"

namespace bearerd::jose {
namespace {

using base::Algorithm;
using test::TestKey;

std::string jwk(Algorithm algorithm, const std::string& members) {
  return "{" + key_for(algorithm).jwk_material() + (members.empty() ? "" : ",") + members + "}";
}

KeySet set_of(std::initializer_list<std::string> jwks) {
  std::string text;
  for (const std::string& one : jwks) text += (text.empty() ? "" : ",") + one;
  return keys_from(R"({"keys":[)" + text + "]}", KeySetOrigin::kFile);
}

Header with_key_id(std::string_view key_id) {
  Header header;
  header.key_id = key_id;
  return header;
}

std::vector<std::string> names(const Candidates& candidates) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < candidates.count; ++i) found.push_back(candidates.keys[i]->key_id());
  return found;
}

using Names = std::vector<std::string>;

TEST(KeySet, a_kid_selects_by_exact_bytes) {
  const KeySet set = set_of({jwk(Algorithm::kEs256, R"("kid":"a")"), jwk(Algorithm::kEs256, R"("kid":"b")")});
  EXPECT_EQ(names(set.find(with_key_id("b"), Algorithm::kEs256)), Names{"b"});
  for (const std::string_view key_id : {"B", "b ", "", "bb"}) {
    const Candidates found = set.find(with_key_id(key_id), Algorithm::kEs256);
    EXPECT_EQ(found.count, 0U) << key_id;
    EXPECT_FALSE(found.is_named_key_unfit);
  }
  EXPECT_EQ(set.find(with_key_id(std::string_view("b\0", 2)), Algorithm::kEs256).count, 0U);
}

TEST(KeySet, a_kid_never_selects_a_key_without_one_while_others_have_names) {
  const KeySet set = set_of({jwk(Algorithm::kEs256, ""), jwk(Algorithm::kEs256, R"("kid":"b")")});
  EXPECT_EQ(names(set.find(with_key_id("b"), Algorithm::kEs256)), Names{"b"});
  EXPECT_EQ(set.find(with_key_id("c"), Algorithm::kEs256).count, 0U);
  EXPECT_EQ(set.find(with_key_id(""), Algorithm::kEs256).count, 0U);
}

TEST(KeySet, a_set_without_names_serves_any_kid) {
  const KeySet set = set_of({jwk(Algorithm::kEs256, ""), jwk(Algorithm::kRs256, "")});
  EXPECT_EQ(set.find(with_key_id("any"), Algorithm::kEs256).count, 1U);
  EXPECT_EQ(set.find(with_key_id("any"), Algorithm::kEs384).count, 0U);
}

TEST(KeySet, a_named_key_that_does_not_fit_is_told_from_an_unknown_one) {
  const KeySet set =
      set_of({jwk(Algorithm::kEs256, R"("kid":"a")"), jwk(Algorithm::kRs256, R"("kid":"b","alg":"RS256")")});
  EXPECT_TRUE(set.find(with_key_id("a"), Algorithm::kRs256).is_named_key_unfit);
  EXPECT_TRUE(set.find(with_key_id("b"), Algorithm::kPs256).is_named_key_unfit);
  EXPECT_FALSE(set.find(with_key_id("c"), Algorithm::kRs256).is_named_key_unfit);
  EXPECT_FALSE(set.find(Header{}, Algorithm::kHs256).is_named_key_unfit);
}

TEST(KeySet, two_keys_may_share_a_kid) {
  const KeySet set =
      set_of({jwk(Algorithm::kRs256, R"("kid":"a","alg":"PS256")"), jwk(Algorithm::kEs256, R"("kid":"a")"),
              jwk(Algorithm::kRs256, R"("kid":"a","alg":"RS256")")});
  const Candidates found = set.find(with_key_id("a"), Algorithm::kRs256);
  ASSERT_EQ(found.count, 1U);
  EXPECT_TRUE(found.keys[0]->can_verify(Algorithm::kRs256));
  EXPECT_FALSE(found.is_named_key_unfit);
  EXPECT_EQ(set.find(with_key_id("a"), Algorithm::kEs256).count, 1U);
}

TEST(KeySet, thumbprints_are_the_second_choice) {
  const KeySet set = set_of({jwk(Algorithm::kEs256, R"("kid":"a","x5t":"t1","x5t#S256":"s1")"),
                             jwk(Algorithm::kEs256, R"("kid":"b","x5t":"t2","x5t#S256":"s2")")});
  Header header;
  header.x5t = "t2";
  EXPECT_EQ(names(set.find(header, Algorithm::kEs256)), Names{"b"});
  header.x5t_s256 = "s1";
  EXPECT_EQ(names(set.find(header, Algorithm::kEs256)), Names{"a"});
  header.key_id = "b";
  EXPECT_EQ(names(set.find(header, Algorithm::kEs256)), Names{"b"});
  header.key_id = "c";
  EXPECT_EQ(set.find(header, Algorithm::kEs256).count, 0U);
  Header unknown;
  unknown.x5t_s256 = "s3";
  EXPECT_EQ(set.find(unknown, Algorithm::kEs256).count, 0U);
}

TEST(KeySet, a_set_without_thumbprints_serves_a_header_that_has_only_one) {
  const KeySet set = set_of({jwk(Algorithm::kEs256, R"("kid":"a")")});
  Header header;
  header.x5t = "t";
  EXPECT_EQ(names(set.find(header, Algorithm::kEs256)), Names{"a"});
}

TEST(KeySet, without_a_name_a_few_that_fit_are_tried) {
  std::vector<TestKey> keys;
  for (int i = 0; i < 6; ++i) keys.push_back(key_for(Algorithm::kEs256).with_key_id("k" + std::to_string(i)));
  keys.insert(keys.begin(), key_for(Algorithm::kEs384));
  const Candidates found = keys_of(keys).find(Header{}, Algorithm::kEs256);
  EXPECT_EQ(found.count, Candidates::kMost);
  EXPECT_FALSE(found.is_named_key_unfit);
}

TEST(KeySet, an_empty_one_finds_nothing) {
  EXPECT_EQ(KeySet().find(with_key_id("a"), Algorithm::kEs256).count, 0U);
  EXPECT_EQ(KeySet().find(Header{}, Algorithm::kEs256).count, 0U);
  EXPECT_TRUE(KeySet().algorithms().empty());
}

}  // namespace
}  // namespace bearerd::jose
