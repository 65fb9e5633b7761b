#include <gtest/gtest.h>

#include "keys/key_store.hpp"
#include "support/signer/signer.hpp"

namespace bearerd::keys {
namespace {

TEST(FixedSource, serves_its_keys_and_knows_no_others) {
  const auto key = test::TestKey::generate(base::Algorithm::kEs256, "k1");
  const auto source =
      make_fixed_source("files", jose::parse_key_set(test::key_set_json({key}), jose::KeySetOrigin::kFile)->keys);
  ASSERT_NE(source->current(), nullptr);
  EXPECT_EQ(source->current()->keys().front()->key_id(), "k1");
  EXPECT_NE(source->epoch(), 0U);
  EXPECT_TRUE(source->status().is_ready);
  EXPECT_TRUE(source->status().has_tried);
  EXPECT_EQ(source->want("k2", {}).wanted, Wanted::kAbsent);
}

TEST(FixedSource, no_two_sources_share_an_epoch) {
  EXPECT_NE(make_fixed_source("a", {})->epoch(), make_fixed_source("a", {})->epoch());
  EXPECT_EQ(make_fixed_source("a", {})->current(), nullptr);
}

}  // namespace
}  // namespace bearerd::keys
