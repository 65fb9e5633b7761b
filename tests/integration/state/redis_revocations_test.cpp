// Daemons that share their revocations through a real Redis.
#include "state/redis_revocations.hpp"

#include <Poco/Redis/Command.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "integration/state/redis_server.hpp"
#include "state/state_key.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"
#include "support/wait_until.hpp"

namespace bearerd::state {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

const base::Secret kKey{std::string_view("0123456789abcdef0123456789abcdef")};
const base::Secret kOtherKey{std::string_view("fedcba9876543210fedcba9876543210")};

settings::Revocation of_user(const std::string& user) {
  settings::Revocation made;
  made.kind = RevocationKind::kSubject;
  made.provider = "demo";
  made.value = user;
  return made;
}

// What a daemon has of revocations.
class Member {
 public:
  Member(settings::Redis redis, const test::ManualClock& clock, base::Secret key = kKey)
      : redis_(std::move(redis)), clock_(clock), key_(std::move(key)) {
    start();
  }
  void start() {
    store_ = std::make_unique<RevocationStore>(RevocationStoreOptions{
        .directory = folder_.path(), .key = key_, .clock = &clock_, .metrics = &metrics_, .is_shared = true});
    sharing_ = std::make_unique<RedisRevocations>(RedisRevocationsOptions{redis_, key_, &clock_}, *store_);
  }
  void stop() {
    sharing_.reset();
    store_.reset();
  }
  [[nodiscard]] bool refuses(const std::string& user, std::int64_t age = 60) const {
    const TokenTraces traces =
        make_traces(key_, {"demo", {}, {}, {}, std::string_view(caller_key(key_, "demo", user))});
    return store_->box().get()->revokes(&traces, clock_.now() - age, clock_.now());
  }
  [[nodiscard]] std::string file() const { return folder_.path() + "/revocations.db"; }
  [[nodiscard]] RevocationStore& store() { return *store_; }

 private:
  const settings::Redis redis_;
  const test::ManualClock& clock_;
  const base::Secret key_;
  test::TemporaryFolder folder_;
  observe::Metrics metrics_;
  std::unique_ptr<RevocationStore> store_;
  std::unique_ptr<RedisRevocations> sharing_;
};

class RedisRevocationsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server here (scripts/test installs it)";
    server_ = std::make_unique<RedisServer>();
  }
  std::unique_ptr<Member> join(const base::Secret& key = kKey) {
    return std::make_unique<Member>(server_->settings(), clock_, key);
  }
  std::unique_ptr<Member> join_and_open() {
    auto member = join();
    test::wait_until([&] { return !member->refuses("nobody"); });
    return member;
  }

  test::ManualClock clock_;
  std::unique_ptr<RedisServer> server_;
};

TEST_F(RedisRevocationsTest, what_one_daemon_is_told_holds_on_all_of_them_and_on_those_that_come_later) {
  const auto one = join_and_open();
  const auto other = join_and_open();
  ASSERT_TRUE(one->store().add(of_user("alice")));
  EXPECT_TRUE(one->refuses("alice"));
  test::wait_until([&] { return other->refuses("alice"); });
  EXPECT_FALSE(other->refuses("bob"));
  EXPECT_TRUE(join_and_open()->refuses("alice"));
}

TEST_F(RedisRevocationsTest, what_one_daemon_ends_is_over_on_all_of_them_also_on_one_that_was_away) {
  const auto one = join_and_open();
  const auto other = join_and_open();
  const auto away = join_and_open();
  const auto entry = one->store().add(of_user("alice"));
  ASSERT_TRUE(entry);
  for (const auto& member : {&other, &away}) test::wait_until([&] { return (*member)->refuses("alice"); });
  away->stop();
  ASSERT_TRUE(other->store().remove(entry->mark));
  test::wait_until([&] { return !one->refuses("alice"); });
  away->start();
  test::wait_until([&] { return !away->refuses("alice"); });
}

TEST_F(RedisRevocationsTest, revoked_again_in_the_second_in_which_it_was_ended_it_holds_on_all_of_them) {
  const auto one = join_and_open();
  const auto other = join_and_open();
  const auto entry = one->store().add(of_user("alice"));
  ASSERT_TRUE(entry);
  test::wait_until([&] { return other->refuses("alice"); });
  ASSERT_TRUE(one->store().remove(entry->mark));
  test::wait_until([&] { return !other->refuses("alice"); });
  ASSERT_TRUE(one->store().add(of_user("alice")));
  test::wait_until([&] { return other->refuses("alice"); });
  test::wait_until([&] { return !one->store().has_unshared(); });
  EXPECT_TRUE(one->refuses("alice"));
}

TEST_F(RedisRevocationsTest, when_redis_goes_the_last_known_list_stays_in_force_also_after_a_restart) {
  const auto one = join_and_open();
  const auto other = join_and_open();
  ASSERT_TRUE(one->store().add(of_user("alice")));
  test::wait_until([&] { return other->refuses("alice"); });
  server_->kill();
  test::wait_until([&] { return !other->store().fault().empty(); });
  EXPECT_THAT(other->store().fault(),
              HasSubstr("revocations are not shared with all daemons at present, those known stay in"));
  EXPECT_TRUE(other->refuses("alice"));
  other->stop();
  other->start();
  EXPECT_TRUE(other->refuses("alice"));
  EXPECT_FALSE(other->refuses("bob"));
}

TEST_F(RedisRevocationsTest, a_redis_that_comes_back_empty_learns_everything_again_and_what_was_revoked_meanwhile) {
  const auto one = join_and_open();
  const auto other = join_and_open();
  ASSERT_TRUE(one->store().add(of_user("alice")));
  test::wait_until([&] { return other->refuses("alice"); });
  server_->kill();
  ASSERT_TRUE(one->store().add(of_user("bob")));
  EXPECT_TRUE(one->refuses("bob"));
  server_->start();
  test::wait_until([&] { return other->refuses("bob"); });
  EXPECT_TRUE(other->refuses("alice"));
  const auto later = join_and_open();
  EXPECT_TRUE(later->refuses("alice"));
  EXPECT_TRUE(later->refuses("bob"));
  test::wait_until([&] { return one->store().fault().empty(); });
}

TEST_F(RedisRevocationsTest, a_daemon_whose_own_list_can_not_be_kept_or_read_still_takes_in_what_the_others_revoke) {
  const auto one = join_and_open();
  const auto other = join_and_open();
  std::filesystem::remove(other->file());  // from under it
  ASSERT_TRUE(one->store().add(of_user("alice")));
  test::wait_until([&] { return other->refuses("alice"); });
  EXPECT_THAT(other->store().fault(), HasSubstr("was removed or replaced while in use"));
  other->stop();
  std::ofstream(other->file()) << "not a database, and long enough to be looked at as one";
  other->start();
  EXPECT_TRUE(other->refuses("nobody"));
  ASSERT_TRUE(one->store().add(of_user("bob")));
  test::wait_until([&] { return other->refuses("bob", -60); });
  EXPECT_FALSE(other->refuses("nobody", -60));
}

TEST_F(RedisRevocationsTest, nothing_can_be_ended_that_the_others_would_not_hear_of) {
  const auto one = join_and_open();
  const auto entry = one->store().add(of_user("alice"));
  ASSERT_TRUE(entry);
  server_->kill();
  const auto ended = one->store().remove(entry->mark);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(ended.error().text, HasSubstr("the other daemons can't be told"));
  EXPECT_TRUE(one->refuses("alice"));
}

TEST_F(RedisRevocationsTest, a_daemon_that_never_had_a_list_takes_no_older_token_until_redis_has_told) {
  server_->kill();
  const auto fresh = join();
  EXPECT_TRUE(fresh->refuses("nobody"));
  EXPECT_FALSE(fresh->refuses("nobody", -2));
  fresh->stop();
  fresh->start();
  EXPECT_TRUE(fresh->refuses("nobody"));
  EXPECT_THAT(fresh->store().fault(), HasSubstr("until Redis has told"));
  server_->start();
  test::wait_until([&] { return !fresh->refuses("nobody"); });
}

TEST_F(RedisRevocationsTest, an_operator_can_open_a_daemon_that_never_had_a_list) {
  server_->kill();
  const auto fresh = join();
  ASSERT_TRUE(fresh->store().accept_loss());
  EXPECT_FALSE(fresh->refuses("nobody"));
  fresh->stop();
  fresh->start();
  EXPECT_FALSE(fresh->refuses("nobody"));
}

TEST_F(RedisRevocationsTest, another_state_key_is_told_and_opens_nobody) {
  const auto one = join_and_open();
  ASSERT_TRUE(one->store().add(of_user("alice")));
  test::wait_until([&] { return !one->store().has_unshared(); });
  const auto stranger = join(kOtherKey);
  test::wait_until([&] { return !stranger->store().fault().empty(); });
  ASSERT_TRUE(stranger->store().add(of_user("bob")));
  test::wait_until([&] { return one->store().fault().find("another state.keyFile") != std::string::npos; });
  EXPECT_TRUE(one->refuses("alice"));
  EXPECT_TRUE(stranger->refuses("nobody"));
}

TEST_F(RedisRevocationsTest, another_state_key_is_told_when_nothing_was_ever_revoked) {
  server_->command({"HSET", "bearerd:{revocations}:keys", "one that is gone", "1"});
  const auto one = join_and_open();
  const auto other = join_and_open();
  ASSERT_TRUE(one->store().add(of_user("alice")));
  test::wait_until([&] { return other->refuses("alice"); });
  EXPECT_EQ(one->store().fault(), "");
  EXPECT_EQ(other->store().fault(), "");
  const auto stranger = join(kOtherKey);
  for (const auto& member : {&one, &other, &stranger}) {
    test::wait_until([&] { return (*member)->store().fault().find("another state.keyFile") != std::string::npos; });
  }
  EXPECT_TRUE(other->refuses("alice"));
}

TEST_F(RedisRevocationsTest, a_redis_that_takes_no_writes_still_tells_what_is_revoked) {
  const auto one = join_and_open();
  const auto other = join_and_open();
  other->stop();
  ASSERT_TRUE(one->store().add(of_user("alice")));
  test::wait_until([&] { return !one->store().has_unshared(); });
  server_->command({"CONFIG", "SET", "maxmemory", "1"});
  other->start();
  test::wait_until([&] { return other->refuses("alice"); });
  EXPECT_THAT(other->store().fault(), HasSubstr("OOM"));
}

TEST_F(RedisRevocationsTest, what_somebody_spoiled_in_redis_ends_nothing) {
  const auto one = join_and_open();
  const auto entry = one->store().add(of_user("alice"));
  ASSERT_TRUE(entry);
  test::wait_until([&] { return !one->store().has_unshared(); });
  RedisLink link(server_->settings());
  const std::string mark = to_text(entry->mark);
  SharedRevocation ended{*entry, true};
  ended.entry.added_at += 10;
  const auto spoiled = link.with<void>([&](Poco::Redis::Client& client) -> base::Result<void> {
    Poco::Redis::Command command("HSET");
    command << "bearerd:{revocations}" << mark << to_text(kOtherKey, ended) << "version" << "spoiled";
    static_cast<void>(client.execute<Poco::Int64>(command));
    return {};
  });
  ASSERT_TRUE(spoiled);
  test::wait_until([&] { return !one->store().fault().empty(); });
  EXPECT_TRUE(one->refuses("alice"));
}

}  // namespace
}  // namespace bearerd::state
