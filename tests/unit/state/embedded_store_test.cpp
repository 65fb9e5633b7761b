#include "state/embedded_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/manual_clock.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::state {
namespace {

using testing::HasSubstr;

UsageKey key_of(std::uint8_t caller, std::uint64_t deployment) {
  UsageKey key;
  key.caller.bytes.fill(caller);
  key.deployment = deployment;
  return key;
}

Limits ten_an_hour() {
  Limits limits;
  limits.of(Window::kRequestsHour) = 10;
  return limits;
}

class EmbeddedStoreTest : public testing::Test {
 protected:
  EmbeddedStoreTest() { open(); }
  void open() {
    store_.reset();
    store_ = std::make_unique<EmbeddedStore>(options());
  }
  // 0: write() is called by hand.
  EmbeddedStoreOptions options(std::chrono::milliseconds write_every = std::chrono::milliseconds(0)) {
    return {path_, &clock_, nullptr, &metrics_, write_every};
  }
  Standing check(const UsageKey& key) {
    return std::get<Standing>(store_->check({key, ten_an_hour(), clock_.now()}, nullptr));
  }
  std::int64_t used(const UsageKey& key) {
    const UsagePage page = store_->list({key.caller, {}, 1}).value();
    for (const CallerUsage& usage : page.callers) {
      for (const auto& counter : usage.counters) {
        if (counter.deployment == key.deployment)
          return used_in(shape_of(Window::kRequestsHour), counter.entries, clock_.now());
      }
    }
    return 0;
  }
  bool has_metric(const std::string& line) { return metrics_.expose().find("\n" + line + "\n") != std::string::npos; }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }
  void spoil() {
    store_.reset();
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
    std::ofstream(path_, std::ios::trunc) << std::string(5000, 'x');
  }

  test::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/usage.db";
  test::ManualClock clock_;
  observe::Metrics metrics_;
  std::unique_ptr<EmbeddedStore> store_;
};

TEST_F(EmbeddedStoreTest, counts_are_there_after_a_restart) {
  const UsageKey key = key_of(1, 7);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(check(key).reached);
  clock_.advance(std::chrono::minutes(3));
  EXPECT_FALSE(check(key).reached);
  open();
  EXPECT_EQ(used(key), 5);
  clock_.advance(std::chrono::minutes(57));
  EXPECT_EQ(used(key), 1);
}

TEST_F(EmbeddedStoreTest, what_was_written_survives_a_process_that_just_ends) {
  const UsageKey key = key_of(1, 7);
  EXPECT_FALSE(check(key).reached);
  store_->write();
  EXPECT_FALSE(check(key).reached);
  // What a killed process leaves behind.
  const std::string copy = folder_.path() + "/copy.db";
  for (const char* suffix : {"", "-wal"}) std::filesystem::copy_file(path_ + suffix, copy + suffix);
  int requests = 0;
  const auto opened = UsageFile::open(copy, [&](const UsageRow& row) {
    EXPECT_EQ(row.key, key);
    for (const UsageEntry& entry : row.entries) requests += static_cast<int>(entry.requests);
  });
  ASSERT_TRUE(opened) << opened.error().text;
  EXPECT_EQ(requests, 1);
}

TEST_F(EmbeddedStoreTest, the_file_is_the_daemons_alone) {
  struct stat status = {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(EmbeddedStoreTest, a_file_that_is_no_database_is_set_aside_and_counting_starts_anew) {
  spoil();
  open();
  EXPECT_THAT(files(), testing::Contains(testing::StartsWith("usage.db.damaged-")));
  EXPECT_EQ(store_->fault(), "");
  const UsageKey key = key_of(1, 7);
  EXPECT_FALSE(check(key).reached);
  open();
  EXPECT_EQ(used(key), 1);
}

TEST_F(EmbeddedStoreTest, a_file_that_is_damaged_inside_is_set_aside_too) {
  for (std::uint8_t caller = 0; caller < 200; ++caller) EXPECT_FALSE(check(key_of(caller, 7)).reached);
  store_.reset();
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(0, std::ios::end);
  ASSERT_GT(file.tellp(), 8192);
  file.seekp(4096);
  file << std::string(4096, '\x5A');
  file.close();
  open();
  EXPECT_THAT(files(), testing::Contains(testing::StartsWith("usage.db.damaged-")));
  EXPECT_EQ(store_->fault(), "");
}

TEST_F(EmbeddedStoreTest, a_row_that_is_no_counter_is_damage) {
  store_.reset();
  {
    auto file = UsageFile::open(path_, [](const UsageRow&) {}).value();
    ASSERT_TRUE(file->write(std::vector<UsageRow>{{key_of(1, 7), {{20, 1, 1}, {10, 1, 1}}}}));
  }
  open();
  EXPECT_THAT(files(), testing::Contains(testing::StartsWith("usage.db.damaged-")));
}

TEST_F(EmbeddedStoreTest, without_a_place_to_write_it_counts_in_memory_and_says_so) {
  store_.reset();
  std::filesystem::remove_all(folder_.path());
  open();
  EXPECT_THAT(store_->fault(), HasSubstr("cannot open " + path_));
  EXPECT_TRUE(has_metric("bearerd_state_degraded 1"));
  const UsageKey key = key_of(1, 7);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(check(key).reached);
  EXPECT_EQ(check(key).reached, Window::kRequestsHour);
  store_->write();
  // The place comes back: all of it is kept.
  std::filesystem::create_directory(folder_.path());
  store_->write();
  EXPECT_THAT(store_->fault(), HasSubstr("cannot open"));
  clock_.advance(std::chrono::seconds(5));
  store_->write();
  EXPECT_EQ(store_->fault(), "");
  EXPECT_TRUE(has_metric("bearerd_state_degraded 0"));
  open();
  EXPECT_EQ(used(key), 10);
}

TEST_F(EmbeddedStoreTest, a_second_daemon_on_the_same_file_is_told_and_harms_nothing) {
  const UsageKey key = key_of(1, 7);
  EXPECT_FALSE(check(key).reached);
  store_->write();
  {
    EmbeddedStore other(options());
    EXPECT_THAT(other.fault(), HasSubstr("another process has it"));
    EXPECT_TRUE(std::holds_alternative<Standing>(other.check({key, ten_an_hour(), clock_.now()}, nullptr)));
  }
  open();
  EXPECT_EQ(used(key), 1);
}

TEST_F(EmbeddedStoreTest, its_thread_writes_by_itself) {
  store_.reset();
  EmbeddedStore store(options(std::chrono::milliseconds(5)));
  EXPECT_TRUE(std::holds_alternative<Standing>(store.check({key_of(1, 7), ten_an_hour(), clock_.now()}, nullptr)));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!has_metric("bearerd_state_writes_total{result=\"success\"} 1") &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(has_metric("bearerd_state_writes_total{result=\"success\"} 1"));
}

TEST(UsageFile, removes_rows_that_no_window_holds) {
  const test::TemporaryFolder folder;
  const std::string path = folder.path() + "/usage.db";
  {
    auto file = UsageFile::open(path, [](const UsageRow&) {}).value();
    ASSERT_TRUE(file->write(std::vector<UsageRow>{{key_of(1, 7), {{100, 1, 1}}}, {key_of(2, 7), {{200, 1, 1}}}}));
    ASSERT_TRUE(file->remove_before(200));
  }
  std::vector<UsageKey> left;
  ASSERT_TRUE(UsageFile::open(path, [&](const UsageRow& row) { left.push_back(row.key); }));
  EXPECT_EQ(left, std::vector<UsageKey>{key_of(2, 7)});
}

}  // namespace
}  // namespace bearerd::state
