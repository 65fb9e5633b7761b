#include <gtest/gtest.h>

#include "world.hpp"

namespace bearerd::verify {
namespace {

using test::World;

keys::KeySourceStatus tried(bool is_ready) {
  keys::KeySourceStatus status;
  status.is_ready = is_ready;
  status.has_tried = true;
  return status;
}

class ReadinessTest : public testing::Test {
 protected:
  test::Entry add(const std::string& name, bool is_optional = false) {
    test::Entry entry = world_.add(name, "https://" + name + ".example", {});
    entry.provider->settings.is_optional = is_optional;
    entry.provider->opened_at = world_.clock.steady();
    return entry;
  }
  bool ready(bool all = false) { return is_ready(provider_states(*world_.snapshot(), world_.clock.steady()), all); }
  World world_;
};

TEST_F(ReadinessTest, waits_for_each_provider_that_is_not_optional_for_ten_seconds_at_most) {
  const auto good = add("good");
  const auto slow = add("slow");
  good.keys->status_ = tried(true);
  EXPECT_FALSE(ready());
  world_.clock.advance(std::chrono::seconds(10));
  EXPECT_TRUE(ready());
  EXPECT_FALSE(ready(true));
}

TEST_F(ReadinessTest, a_provider_that_failed_is_not_waited_for) {
  add("good").keys->status_ = tried(true);
  add("down").keys->status_ = tried(false);
  EXPECT_TRUE(ready());
  EXPECT_FALSE(ready(true));
}

TEST_F(ReadinessTest, an_optional_provider_is_never_waited_for) {
  add("good").keys->status_ = tried(true);
  add("extra", true);
  EXPECT_TRUE(ready());
  EXPECT_TRUE(ready(true));
}

TEST_F(ReadinessTest, nobody_able_to_decide_is_not_ready) {
  add("down").keys->status_ = tried(false);
  EXPECT_FALSE(ready());
}

TEST_F(ReadinessTest, a_provider_of_opaque_tokens_only_is_ready_when_configured) {
  add("opaque").provider->keys.clear();
  EXPECT_TRUE(ready());
}

}  // namespace
}  // namespace bearerd::verify
