#include "state/revocation_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "state/state_key.hpp"
#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::state {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

const base::Secret kKey{std::string_view("0123456789abcdef0123456789abcdef")};

// While it lives, no file of this process gets longer: what writing to a full disk comes to, for root too.
class FullDisk {
 public:
  FullDisk() : ignored_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    set({0, before_.rlim_max});
  }
  ~FullDisk() {
    set(before_);
    std::signal(SIGXFSZ, ignored_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  static void set(const rlimit& limit) { ::setrlimit(RLIMIT_FSIZE, &limit); }
  void (*ignored_)(int);
  rlimit before_{};
};

class RevocationStoreTest : public testing::Test {
 protected:
  RevocationStoreTest() { open(); }
  void open() {
    store_.reset();
    store_ = std::make_unique<RevocationStore>(
        RevocationStoreOptions{folder_.path(), key_, std::chrono::seconds(1000), &clock_, nullptr, &metrics_, 3});
  }
  static settings::Revocation of(RevocationKind kind, const std::string& value) {
    settings::Revocation made;
    made.kind = kind;
    made.provider = "demo";
    made.value = value;
    return made;
  }
  [[nodiscard]] bool is_revoked(const std::string& user, std::int64_t age = 60) const {
    const TokenTraces traces =
        make_traces(kKey, {"demo", "t-" + user, {}, "k-1", std::string_view(caller_key(kKey, "demo", user))});
    return store_->box().get()->revokes(&traces, clock_.now() - age, clock_.now());
  }
  [[nodiscard]] bool is_unreadable() const { return store_->box().get()->refuses_everything_old(); }
  bool has_metric(const std::string& line) { return metrics_.expose().find("\n" + line + "\n") != std::string::npos; }
  void spoil(const std::string& content) {
    store_.reset();
    std::ofstream(path_, std::ios::trunc | std::ios::binary) << content;
  }
  [[nodiscard]] std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_, std::ios::binary).rdbuf();
    return std::move(text).str();
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename());
    return names;
  }
  void expect_closed() {
    EXPECT_TRUE(is_unreadable());
    EXPECT_TRUE(is_revoked("anybody"));
    EXPECT_TRUE(is_revoked("anybody", 0));  // may have been issued earlier in this second
    EXPECT_FALSE(is_revoked("anybody", -1));
    EXPECT_THAT(store_->fault(), HasSubstr("bearerctl revoke --accept-loss"));
    EXPECT_TRUE(has_metric("bearerd_revocations_unreadable 1"));
    EXPECT_EQ(store_->add(of(RevocationKind::kSubject, "alice")).error().code, base::ErrorCode::kUnavailable);
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/revocations.db";
  base::Secret key_ = kKey;
  test::ManualClock clock_;
  observe::Metrics metrics_;
  std::unique_ptr<RevocationStore> store_;
};

TEST_F(RevocationStoreTest, first_start_is_no_loss) {
  EXPECT_FALSE(is_unreadable());
  EXPECT_EQ(store_->fault(), "");
  EXPECT_FALSE(is_revoked("alice"));
  EXPECT_TRUE(has_metric("bearerd_revocations_unreadable 0"));
  struct stat status = {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(RevocationStoreTest, revocation_holds_at_once_and_after_a_restart) {
  const auto serial = store_->box().serial();
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  EXPECT_NE(store_->box().serial(), serial);
  EXPECT_TRUE(is_revoked("alice"));
  EXPECT_FALSE(is_revoked("bob"));
  EXPECT_TRUE(has_metric("bearerd_revocations 1"));
  open();
  EXPECT_TRUE(is_revoked("alice"));
  EXPECT_FALSE(is_revoked("bob"));
}

TEST_F(RevocationStoreTest, what_add_said_is_on_disk_when_it_returns) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  // What a killed process leaves behind.
  const std::string copy = folder_.path() + "/copy.db";
  std::filesystem::copy_file(path_, copy);
  std::vector<RevocationEntry> entries;
  const auto opened = RevocationFile::open(copy, kKey, false, entries);
  ASSERT_TRUE(opened) << opened.error().text;
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries.front().mark, make_entry(kKey, of(RevocationKind::kSubject, "alice")).mark);
}

TEST_F(RevocationStoreTest, removed_one_is_over_at_once_and_after_a_restart) {
  const auto entry = store_->add(of(RevocationKind::kSubject, "alice"));
  ASSERT_TRUE(entry);
  ASSERT_TRUE(store_->remove(entry->mark));
  EXPECT_FALSE(is_revoked("alice"));
  EXPECT_EQ(store_->remove(entry->mark).error().code, base::ErrorCode::kNotFound);
  open();
  EXPECT_FALSE(is_revoked("alice"));
}

TEST_F(RevocationStoreTest, ends_after_the_longest_life_of_a_token_with_the_skew) {
  const auto entry = store_->add(of(RevocationKind::kToken, "t-alice"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->until, clock_.now() + 1300);
  clock_.advance(std::chrono::seconds(1299));
  EXPECT_TRUE(is_revoked("alice"));
  clock_.advance(std::chrono::seconds(1));
  EXPECT_FALSE(is_revoked("alice"));
  EXPECT_TRUE(store_->list({}, 10).entries.empty());
}

TEST_F(RevocationStoreTest, of_a_key_does_not_end_by_itself) {
  const auto entry = store_->add(of(RevocationKind::kKey, "k-1"));
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->until, std::nullopt);
  clock_.advance(std::chrono::hours(24 * 400));
  store_->tick();
  EXPECT_TRUE(is_revoked("alice"));
}

TEST_F(RevocationStoreTest, of_a_moment_to_come_ends_after_the_tokens_issued_until_then) {
  settings::Revocation made = of(RevocationKind::kProviderBefore, "");
  made.issued_before = base::Timestamp{clock_.now() + 500};
  EXPECT_EQ(store_->add(made)->until, clock_.now() + 1800);
}

TEST_F(RevocationStoreTest, said_again_it_never_gets_weaker) {
  settings::Revocation made = of(RevocationKind::kSubject, "alice");
  made.until = base::Timestamp{clock_.now() + 5000};
  ASSERT_TRUE(store_->add(made));
  made.until = base::Timestamp{clock_.now() + 10};
  const auto again = store_->add(made);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->until, clock_.now() + 5000);
}

TEST_F(RevocationStoreTest, what_has_ended_is_forgotten_a_day_later) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kToken, "t-alice")));
  clock_.advance(std::chrono::seconds(1300));
  store_->tick();
  EXPECT_TRUE(has_metric("bearerd_revocations 1"));
  clock_.advance(std::chrono::hours(25));
  store_->tick();
  EXPECT_TRUE(has_metric("bearerd_revocations 0"));
  open();
  EXPECT_TRUE(has_metric("bearerd_revocations 0"));
}

TEST_F(RevocationStoreTest, is_listed_page_by_page) {
  for (const char* user : {"a", "b", "c"}) ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, user)));
  const auto first = store_->list({}, 2);
  EXPECT_TRUE(first.has_more);
  const auto second = store_->list(first.entries.back().mark, 2);
  EXPECT_EQ(second.entries.size(), 1U);
  EXPECT_FALSE(second.has_more);
  EXPECT_GT(second.entries.front().mark, first.entries.back().mark);
}

TEST_F(RevocationStoreTest, more_than_fit_are_refused) {
  for (const char* user : {"a", "b", "c"}) ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, user)));
  EXPECT_EQ(store_->add(of(RevocationKind::kSubject, "d")).error().code, base::ErrorCode::kTooLarge);
  EXPECT_TRUE(store_->add(of(RevocationKind::kSubject, "a"))) << "it is there already";
}

TEST_F(RevocationStoreTest, file_holds_no_identity) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice-the-user")));
  ASSERT_TRUE(store_->add(of(RevocationKind::kToken, "alice-the-token")));
  EXPECT_EQ(content().find("alice"), std::string::npos);
  EXPECT_EQ(content().find("demo"), std::string::npos);
}

TEST_F(RevocationStoreTest, file_that_is_no_database_refuses_all_that_is_old_and_stays_where_it_is) {
  spoil(std::string(5000, 'x'));
  open();
  expect_closed();
  EXPECT_EQ(content(), std::string(5000, 'x'));
}

TEST_F(RevocationStoreTest, file_that_is_missing_or_empty_after_it_was_there_is_a_loss) {
  spoil("");
  open();
  expect_closed();
  store_.reset();
  std::filesystem::remove(path_);
  open();
  expect_closed();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(RevocationStoreTest, each_damaged_byte_of_a_row_is_seen) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  store_.reset();
  const std::string good = content();
  const CallerId handle = make_entry(kKey, of(RevocationKind::kSubject, "alice")).mark.handle;
  const std::size_t at = good.find(std::string(handle.bytes.begin(), handle.bytes.end()));
  ASSERT_NE(at, std::string::npos);
  for (std::size_t i = 0; i < handle.bytes.size(); ++i) {
    std::string bad = good;
    bad[at + i] = static_cast<char>(bad[at + i] ^ 1);
    spoil(bad);
    open();
    EXPECT_TRUE(is_unreadable()) << i;
  }
}

TEST_F(RevocationStoreTest, file_of_another_key_refuses_all_that_is_old) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  key_ = base::Secret(std::string_view("another key, of 32 bytes or more."));
  open();
  expect_closed();
  EXPECT_THAT(store_->fault(), HasSubstr("another state.keyFile"));
}

TEST_F(RevocationStoreTest, without_a_key_what_was_kept_is_unreadable_and_accepting_has_to_wait) {
  key_ = base::Secret();
  open();
  expect_closed();
  EXPECT_EQ(store_->accept_loss().error().code, base::ErrorCode::kUnavailable);
  EXPECT_TRUE(is_unreadable());
}

TEST_F(RevocationStoreTest, without_a_place_that_ever_was_nothing_is_lost_and_calls_are_told) {
  store_.reset();
  std::filesystem::remove_all(folder_.path());
  open();
  EXPECT_FALSE(is_unreadable());
  EXPECT_FALSE(is_revoked("alice"));
  EXPECT_THAT(store_->fault(), HasSubstr("can't be kept"));
  EXPECT_EQ(store_->add(of(RevocationKind::kSubject, "alice")).error().code, base::ErrorCode::kUnavailable);
  EXPECT_TRUE(is_revoked("alice")) << "from memory";
  std::filesystem::create_directory(folder_.path());
  clock_.advance(std::chrono::seconds(5));
  store_->tick();
  EXPECT_EQ(store_->fault(), "");
  open();
  EXPECT_TRUE(is_revoked("alice")) << "it was written when there was a place";
}

TEST_F(RevocationStoreTest, full_disk_delays_no_revocation_and_is_caught_up_with) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  {
    const FullDisk full;
    const auto added = store_->add(of(RevocationKind::kSubject, "bob"));
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, base::ErrorCode::kUnavailable);
    EXPECT_THAT(added.error().text, HasSubstr("in force, but not on disk"));
    EXPECT_TRUE(is_revoked("bob"));
    EXPECT_EQ(store_->list({}, 10).entries.size(), 2U);
    clock_.advance(std::chrono::seconds(5));
    store_->tick();
    EXPECT_THAT(store_->fault(), HasSubstr("a restart would lose some"));
  }
  store_->tick();
  EXPECT_THAT(store_->fault(), HasSubstr("a restart would lose some")) << "too early";
  clock_.advance(std::chrono::seconds(5));
  store_->tick();
  EXPECT_EQ(store_->fault(), "");
  open();
  EXPECT_TRUE(is_revoked("alice"));
  EXPECT_TRUE(is_revoked("bob"));
}

TEST_F(RevocationStoreTest, what_is_revoked_while_the_file_is_unreadable_outlives_both_ways_out) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  store_.reset();
  const std::string backup = content();
  for (const bool is_restored : {true, false}) {
    spoil("damaged");
    open();
    EXPECT_EQ(store_->add(of(RevocationKind::kSubject, "bob")).error().code, base::ErrorCode::kUnavailable);
    EXPECT_TRUE(is_revoked("bob", -60)) << "of a token that is young enough otherwise";
    EXPECT_FALSE(is_revoked("carol", -60));
    if (is_restored) {
      std::ofstream(path_, std::ios::trunc | std::ios::binary) << backup;
      store_->tick();
    } else {
      ASSERT_TRUE(store_->accept_loss());
    }
    EXPECT_EQ(store_->fault(), "");
    open();
    EXPECT_TRUE(is_revoked("bob"));
    EXPECT_EQ(is_revoked("alice"), is_restored);
  }
}

TEST_F(RevocationStoreTest, restored_file_is_picked_up) {
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  store_.reset();
  const std::string backup = content();
  spoil("damaged");
  open();
  expect_closed();
  store_->tick();
  EXPECT_TRUE(is_unreadable());
  std::ofstream(path_, std::ios::trunc | std::ios::binary) << backup;
  store_->tick();
  EXPECT_FALSE(is_unreadable());
  EXPECT_EQ(store_->fault(), "");
  EXPECT_TRUE(is_revoked("alice"));
  EXPECT_FALSE(is_revoked("bob"));
  EXPECT_TRUE(has_metric("bearerd_revocations_unreadable 0"));
  EXPECT_TRUE(store_->add(of(RevocationKind::kSubject, "bob")));
}

TEST_F(RevocationStoreTest, file_that_another_process_has_is_tried_again) {
  auto other = std::move(store_);
  open();
  expect_closed();
  other.reset();
  store_->tick();
  EXPECT_TRUE(is_unreadable()) << "too early";
  clock_.advance(std::chrono::seconds(5));
  store_->tick();
  EXPECT_FALSE(is_unreadable());
}

TEST_F(RevocationStoreTest, accepted_loss_sets_the_file_aside_and_starts_anew) {
  spoil("damaged");
  open();
  const auto aside = store_->accept_loss();
  ASSERT_TRUE(aside) << aside.error().text;
  EXPECT_THAT(files(), Contains(StartsWith("revocations.db.damaged-")));
  EXPECT_TRUE(std::filesystem::exists(*aside));
  EXPECT_FALSE(is_unreadable());
  EXPECT_FALSE(is_revoked("alice"));
  EXPECT_EQ(store_->fault(), "");
  ASSERT_TRUE(store_->add(of(RevocationKind::kSubject, "alice")));
  open();
  EXPECT_FALSE(is_unreadable());
  EXPECT_TRUE(is_revoked("alice"));
  EXPECT_EQ(store_->accept_loss().error().code, base::ErrorCode::kNotFound);
}

TEST_F(RevocationStoreTest, accepted_loss_of_a_missing_file_has_nothing_to_set_aside) {
  store_.reset();
  std::filesystem::remove(path_);
  open();
  EXPECT_EQ(store_->accept_loss().value(), "");
  EXPECT_FALSE(is_unreadable());
}

TEST_F(RevocationStoreTest, file_that_is_removed_or_replaced_in_use_changes_nothing_in_force) {
  const auto entry = store_->add(of(RevocationKind::kSubject, "alice"));
  ASSERT_TRUE(entry);
  std::filesystem::rename(path_, path_ + ".moved");
  EXPECT_EQ(store_->add(of(RevocationKind::kSubject, "bob")).error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(store_->remove(entry->mark).error().code, base::ErrorCode::kUnavailable);
  EXPECT_TRUE(is_revoked("alice")) << "what is known stays in force";
  EXPECT_TRUE(is_revoked("bob")) << "so is what is added";
  std::filesystem::rename(path_ + ".moved", path_);
  clock_.advance(std::chrono::seconds(5));
  store_->tick();
  EXPECT_EQ(store_->fault(), "");
  open();
  EXPECT_TRUE(is_revoked("bob"));
}

}  // namespace
}  // namespace bearerd::state
