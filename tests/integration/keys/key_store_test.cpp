#include "keys/key_store.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "integration/keys/fake_server.hpp"
#include "net/https_fetcher.hpp"
#include "support/manual_clock.hpp"
#include "support/signer/signer.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::keys {
namespace {

using namespace std::chrono_literals;

// Waits for what another thread says, within bounds.
class Signal {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

class KeyStoreTest : public testing::Test {
 protected:
  KeyStoreTest() { settings_.provider = "p"; }
  KeyStoreOptions options() { return {folder_.path(), &clock_, &fetcher_, nullptr, nullptr}; }

  static test::FakeServer::Handler serves(const std::string& body) {
    return [body](const std::string&, Poco::Net::StreamSocket& client) {
      test::send(client, test::http_answer(200, body));
    };
  }
  static bool wait_until_answered(KeySource& source, std::string_view name) {
    const auto signal = std::make_shared<Signal>();
    return source.want(name, [signal] { signal->ring(); }).wanted != Wanted::kPending || signal->wait_for(1);
  }

  test::ManualClock clock_;
  net::HttpsFetcher fetcher_;
  test::TemporaryFolder folder_;
  KeySourceSettings settings_;
  std::string body_ = test::key_set_json({test::TestKey::generate(base::Algorithm::kEs256, "k1")});
};

TEST_F(KeyStoreTest, opened_source_gets_its_keys_from_the_network) {
  test::FakeServer server(serves(body_));
  settings_.jwks_url = server.url("/keys");
  KeyStore store(options());
  const auto source = store.open(settings_);
  ASSERT_TRUE(wait_until_answered(*source, "k1"));
  EXPECT_EQ(source->want("k1", {}).wanted, Wanted::kPresent);
}

TEST_F(KeyStoreTest, equal_settings_are_the_same_source_and_others_are_not) {
  test::FakeServer server(serves(body_));
  settings_.jwks_url = server.url("/keys");
  KeyStore store(options());
  const auto source = store.open(settings_);
  EXPECT_EQ(store.open(settings_), source);
  settings_.negative_ttl = 1s;
  EXPECT_NE(store.open(settings_), source);
}

TEST_F(KeyStoreTest, flood_of_invented_kids_is_one_request_and_known_keys_do_not_wait) {
  test::FakeServer server(serves(body_));
  settings_.jwks_url = server.url("/keys");
  KeyStore store(options());
  const auto source = store.open(settings_);
  ASSERT_TRUE(wait_until_answered(*source, "k1"));
  for (int i = 0; i < 10'000; ++i) {
    (void)source->want("invented-" + std::to_string(i), [] {});
    ASSERT_NE(source->current(), nullptr);
  }
  ASSERT_TRUE(wait_until_answered(*source, "one-more"));
  EXPECT_LE(server.requests(), 2);
}

TEST_F(KeyStoreTest, restart_while_the_issuer_is_down_has_keys_at_once) {
  {
    test::FakeServer server(serves(body_));
    settings_.jwks_url = server.url("/keys");
    KeyStore store(options());
    ASSERT_TRUE(wait_until_answered(*store.open(settings_), "k1"));
  }
  KeyStore store(options());
  const auto source = store.open(settings_);
  EXPECT_NE(source->current(), nullptr);
  EXPECT_TRUE(source->status().is_from_disk);
}

TEST_F(KeyStoreTest, hanging_issuer_costs_only_its_own_provider) {
  test::FakeServer* self = nullptr;
  test::FakeServer hanging([&](const std::string&, Poco::Net::StreamSocket&) {
    while (!self->is_stopping()) std::this_thread::sleep_for(5ms);
  });
  self = &hanging;
  test::FakeServer server(serves(body_));
  KeyStore store(options());
  KeySourceSettings slow = settings_;
  slow.provider = "slow";
  slow.jwks_url = hanging.url("/keys");
  const auto slow_source = store.open(slow);
  settings_.jwks_url = server.url("/keys");
  ASSERT_TRUE(wait_until_answered(*store.open(settings_), "k1"));
  EXPECT_FALSE(slow_source->status().has_tried);
}

TEST_F(KeyStoreTest, clock_moved_by_hand_refreshes_after_a_wake) {
  test::FakeServer server(serves(body_));
  settings_.jwks_url = server.url("/keys");
  KeyStore store(options());
  const auto source = store.open(settings_);
  ASSERT_TRUE(wait_until_answered(*source, "k1"));
  const auto before = source->status().last_success;
  clock_.advance(8min);
  store.wake();
  const auto limit = std::chrono::steady_clock::now() + 10s;
  while (source->status().last_success == before && std::chrono::steady_clock::now() < limit)
    std::this_thread::sleep_for(1ms);
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(KeyStoreTest, source_outlives_the_store_and_says_unavailable) {
  test::FakeServer server(serves(body_));
  settings_.jwks_url = server.url("/keys");
  std::shared_ptr<KeySource> source;
  {
    KeyStore store(options());
    source = store.open(settings_);
    ASSERT_TRUE(wait_until_answered(*source, "k1"));
  }
  EXPECT_EQ(source->want("other", {}).wanted, Wanted::kUnavailable);
}

}  // namespace
}  // namespace bearerd::keys
