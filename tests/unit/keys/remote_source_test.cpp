#include "keys/remote_source.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "keys/disk_cache.hpp"
#include "support/manual_clock.hpp"
#include "support/signer/signer.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::keys {
namespace {

using namespace std::chrono_literals;

constexpr const char* kDiscoveryUrl = "https://issuer.example/.well-known/openid-configuration";
constexpr const char* kJwksUrl = "https://issuer.example/keys";

// Answers from a table; `while_asked` runs in the middle of a fetch.
class FakeFetcher final : public net::Fetcher {
 public:
  base::Result<net::FetchResponse> fetch(const net::FetchRequest& request) override {
    requests.push_back(request.url);
    if (while_asked) while_asked();
    if (is_down) return base::fail(base::ErrorCode::kUnavailable, "down");
    const auto found = bodies.find(request.url);
    net::FetchResponse response;
    response.status = found == bodies.end() ? 404 : 200;
    if (found != bodies.end()) response.body = found->second;
    response.max_age = max_age;
    return response;
  }
  std::vector<std::string> requests;
  std::map<std::string, std::string> bodies;
  std::chrono::seconds max_age{-1};
  bool is_down = false;
  std::function<void()> while_asked;
};

class RemoteSourceTest : public testing::Test {
 protected:
  RemoteSourceTest() {
    settings_.provider = "p";
    settings_.issuer = "https://issuer.example";
    settings_.discovery_url = kDiscoveryUrl;
    fetcher_.bodies[kDiscoveryUrl] =
        std::string(R"({"issuer":"https://issuer.example","jwks_uri":")") + kJwksUrl + "\"}";
    serve({key("k1")});
  }

  static test::TestKey key(const std::string& key_id) {
    return test::TestKey::generate(base::Algorithm::kEs256, key_id);
  }
  void serve(const std::vector<test::TestKey>& keys) { fetcher_.bodies[kJwksUrl] = test::key_set_json(keys); }

  std::unique_ptr<RemoteSource> make() {
    SourceEnvironment environment{&clock_, &fetcher_, nullptr, nullptr, cache_, [] { return 0.5; }};
    auto source = std::make_unique<RemoteSource>(settings_, environment, [this] { ++wakes_; });
    source->load_from_disk();
    return source;
  }
  std::unique_ptr<RemoteSource> make_ready() {
    auto source = make();
    source->run_due();
    return source;
  }
  void pass(RemoteSource& source, std::chrono::nanoseconds time) {
    clock_.advance(time);
    source.run_due();
  }
  WantedAnswer want(RemoteSource& source, std::string_view name) {
    return source.want(name, [this] { ++told_; });
  }
  static bool has(const RemoteSource& source, std::string_view key_id) {
    const auto set = source.current();
    if (!set) return false;
    return std::any_of(set->keys().begin(), set->keys().end(),
                       [&](const auto& one) { return one->key_id() == key_id; });
  }
  [[nodiscard]] std::size_t jwks_requests() const {
    return static_cast<std::size_t>(std::count(fetcher_.requests.begin(), fetcher_.requests.end(), kJwksUrl));
  }

  test::ManualClock clock_;
  FakeFetcher fetcher_;
  test::TemporaryFolder folder_;
  std::shared_ptr<const DiskCache> cache_;
  KeySourceSettings settings_;
  int wakes_ = 0, told_ = 0;
};

TEST_F(RemoteSourceTest, first_fetch_makes_it_ready_and_tells_whoever_waits) {
  auto source = make();
  EXPECT_EQ(source->current(), nullptr);
  EXPECT_FALSE(source->status().has_tried);
  EXPECT_EQ(want(*source, "k1").wanted, Wanted::kPending);
  source->run_due();
  EXPECT_EQ(told_, 1);
  EXPECT_TRUE(has(*source, "k1"));
  EXPECT_EQ(want(*source, "k1").wanted, Wanted::kPresent);
  EXPECT_TRUE(source->status().is_ready);
  EXPECT_EQ(fetcher_.requests, (std::vector<std::string>{kDiscoveryUrl, kJwksUrl}));
}

TEST_F(RemoteSourceTest, kid_asked_for_before_the_first_fetch_and_not_found_is_absent) {
  auto source = make();
  EXPECT_EQ(want(*source, "other").wanted, Wanted::kPending);
  source->run_due();
  EXPECT_EQ(want(*source, "other").wanted, Wanted::kAbsent);
  EXPECT_EQ(jwks_requests(), 1U);
}

TEST_F(RemoteSourceTest, refresh_with_the_same_keys_keeps_the_objects_and_the_epoch) {
  auto source = make_ready();
  const auto before = source->current();
  const auto epoch = source->epoch();
  fetcher_.bodies[kJwksUrl].insert(1, "  \n");
  pass(*source, 8min);
  EXPECT_EQ(jwks_requests(), 2U);
  EXPECT_EQ(source->current(), before);
  EXPECT_EQ(source->epoch(), epoch);
}

TEST_F(RemoteSourceTest, refresh_starts_at_four_fifths_of_the_lifetime) {
  auto source = make_ready();
  pass(*source, 8min - 1ns);
  EXPECT_EQ(jwks_requests(), 1U);
  EXPECT_EQ(source->next_event(), clock_.steady() + 1ns);
  pass(*source, 1ns);
  EXPECT_EQ(jwks_requests(), 2U);
}

TEST_F(RemoteSourceTest, removed_key_is_gone_after_the_refresh_and_the_epoch_moves) {
  serve({key("k1"), key("k2")});
  auto source = make_ready();
  const auto epoch = source->epoch();
  serve({key("k2")});
  pass(*source, 8min);
  EXPECT_FALSE(has(*source, "k1"));
  EXPECT_TRUE(has(*source, "k2"));
  EXPECT_NE(source->epoch(), epoch);
}

TEST_F(RemoteSourceTest, key_with_the_same_name_and_other_material_is_a_change) {
  auto source = make_ready();
  const auto epoch = source->epoch();
  serve({key("k1")});
  pass(*source, 8min);
  EXPECT_NE(source->epoch(), epoch);
}

TEST_F(RemoteSourceTest, issuer_that_withdraws_every_key_is_believed) {
  auto source = make_ready();
  const auto epoch = source->epoch();
  fetcher_.bodies[kJwksUrl] = R"({"keys":[]})";
  pass(*source, 8min);
  EXPECT_EQ(source->current(), nullptr);
  EXPECT_NE(source->epoch(), epoch);
  EXPECT_FALSE(source->status().is_ready);
}

TEST_F(RemoteSourceTest, unknown_kid_waits_for_one_request_and_a_rotated_key_is_found) {
  auto source = make_ready();
  serve({key("k1"), key("k2")});
  clock_.advance(1min);
  EXPECT_EQ(want(*source, "k2").wanted, Wanted::kPending);
  EXPECT_EQ(wakes_, 1);
  source->run_due();
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(want(*source, "k2").wanted, Wanted::kPresent);
  EXPECT_EQ(fetcher_.requests.size(), 3U) << "the discovery document is still good";
}

TEST_F(RemoteSourceTest, flood_of_invented_kids_is_one_fetch_per_cooldown) {
  auto source = make_ready();
  clock_.advance(1min);
  int pending = 0, cooling = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto answer = want(*source, "invented-" + std::to_string(i));
    pending += answer.wanted == Wanted::kPending ? 1 : 0;
    cooling += answer.wanted == Wanted::kCoolingDown ? 1 : 0;
    EXPECT_TRUE(has(*source, "k1"));
  }
  EXPECT_EQ(pending, 1024);
  EXPECT_EQ(cooling, 10'000 - 1024);
  source->run_due();
  EXPECT_EQ(told_, 1024);
  EXPECT_EQ(want(*source, "invented-0").wanted, Wanted::kAbsent);
  const auto late = want(*source, "late");
  EXPECT_EQ(late.wanted, Wanted::kCoolingDown);
  EXPECT_EQ(late.retry_after, 30s);
  source->run_due();
  EXPECT_EQ(jwks_requests(), 2U);
}

TEST_F(RemoteSourceTest, kid_that_was_looked_for_stays_absent_for_the_cooldown_and_is_looked_for_again_after_it) {
  auto source = make_ready();
  (void)want(*source, "x");
  source->run_due();
  clock_.advance(29s);
  EXPECT_EQ(want(*source, "x").wanted, Wanted::kAbsent);
  EXPECT_EQ(want(*source, "y").wanted, Wanted::kCoolingDown);
  clock_.advance(1s);
  EXPECT_EQ(want(*source, "x").wanted, Wanted::kPending);
  source->run_due();
  EXPECT_EQ(jwks_requests(), 3U);
}

TEST_F(RemoteSourceTest, unknown_kid_joins_a_fetch_under_way) {
  auto source = make_ready();
  fetcher_.while_asked = [&] { EXPECT_EQ(want(*source, "joining").wanted, Wanted::kPending); };
  pass(*source, 8min);
  EXPECT_EQ(told_, 2) << "once during discovery, once during the key set";
  EXPECT_EQ(jwks_requests(), 2U);
}

TEST_F(RemoteSourceTest, unknown_kid_is_unavailable_while_the_issuer_is_down_and_known_keys_go_on) {
  auto source = make_ready();
  fetcher_.is_down = true;
  EXPECT_EQ(want(*source, "new").wanted, Wanted::kPending);
  source->run_due();
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(want(*source, "new").wanted, Wanted::kUnavailable);
  EXPECT_TRUE(has(*source, "k1"));
  serve({key("k1"), key("new")});
  fetcher_.is_down = false;
  pass(*source, 30s);
  EXPECT_EQ(want(*source, "new").wanted, Wanted::kPresent);
}

TEST_F(RemoteSourceTest, issuer_that_never_answered_is_unavailable) {
  fetcher_.is_down = true;
  auto source = make();
  EXPECT_EQ(want(*source, "k1").wanted, Wanted::kPending);
  source->run_due();
  EXPECT_EQ(told_, 1);
  const auto answer = want(*source, "k1");
  EXPECT_EQ(answer.wanted, Wanted::kUnavailable);
  EXPECT_EQ(answer.retry_after, 1s);
  EXPECT_TRUE(source->status().has_tried);
  EXPECT_EQ(source->status().last_error, "down");
}

TEST_F(RemoteSourceTest, failures_are_retried_with_growing_delay_until_one_succeeds) {
  fetcher_.is_down = true;
  auto source = make_ready();
  for (const auto delay : {500ms, 1000ms, 2000ms, 4000ms}) {
    EXPECT_EQ(source->next_event(), clock_.steady() + delay);
    pass(*source, delay);
  }
  fetcher_.is_down = false;
  pass(*source, 8s);
  EXPECT_TRUE(source->status().is_ready);
  EXPECT_EQ(source->next_event(), clock_.steady() + 8min);
}

TEST_F(RemoteSourceTest, stale_keys_are_used_up_to_the_limit_and_not_longer) {
  settings_.stale_limit = 1h;
  auto source = make_ready();
  const auto epoch = source->epoch();
  fetcher_.is_down = true;
  pass(*source, 11min);
  EXPECT_TRUE(source->status().is_stale);
  EXPECT_TRUE(has(*source, "k1"));
  EXPECT_EQ(source->epoch(), epoch);
  clock_.advance(49min);
  EXPECT_EQ(source->current(), nullptr);
  source->run_due();
  EXPECT_NE(source->epoch(), epoch);
  EXPECT_FALSE(source->status().is_ready);
  EXPECT_EQ(want(*source, "k1").wanted, Wanted::kUnavailable);
}

TEST_F(RemoteSourceTest, keys_that_come_back_after_expiry_have_a_new_epoch) {
  settings_.stale_limit = 0s;
  auto source = make_ready();
  fetcher_.is_down = true;
  pass(*source, 10min);
  const auto epoch = source->epoch();
  fetcher_.is_down = false;
  pass(*source, 1min);
  EXPECT_TRUE(has(*source, "k1"));
  EXPECT_NE(source->epoch(), epoch);
}

TEST_F(RemoteSourceTest, document_of_another_issuer_brings_no_keys) {
  fetcher_.bodies[kDiscoveryUrl] =
      std::string(R"({"issuer":"https://issuer.example/","jwks_uri":")") + kJwksUrl + "\"}";
  auto source = make_ready();
  EXPECT_EQ(source->current(), nullptr);
  EXPECT_EQ(jwks_requests(), 0U);
}

TEST_F(RemoteSourceTest, rubbish_leaves_the_good_keys_in_place) {
  auto source = make_ready();
  fetcher_.bodies[kJwksUrl] = "<html>maintenance</html>";
  pass(*source, 8min);
  EXPECT_TRUE(has(*source, "k1"));
  EXPECT_FALSE(source->status().last_error.empty());
}

TEST_F(RemoteSourceTest, issuer_that_moves_its_keys_is_followed) {
  auto source = make_ready();
  fetcher_.bodies.erase(kJwksUrl);
  fetcher_.bodies["https://issuer.example/moved"] = test::key_set_json({key("k9")});
  fetcher_.bodies[kDiscoveryUrl] = R"({"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/moved"})";
  (void)want(*source, "k9");
  source->run_due();
  EXPECT_EQ(want(*source, "k9").wanted, Wanted::kUnavailable);
  pass(*source, 1s);
  EXPECT_TRUE(has(*source, "k9"));
}

TEST_F(RemoteSourceTest, refresh_by_hand_ignores_the_age_and_is_coalesced) {
  auto source = make_ready();
  source->refresh();
  source->refresh();
  EXPECT_EQ(wakes_, 1);
  source->run_due();
  source->run_due();
  EXPECT_EQ(jwks_requests(), 2U);
}

TEST_F(RemoteSourceTest, stopping_tells_whoever_waits) {
  auto source = make();
  EXPECT_EQ(want(*source, "k1").wanted, Wanted::kPending);
  source->stop();
  EXPECT_EQ(told_, 1);
  EXPECT_EQ(want(*source, "k1").wanted, Wanted::kUnavailable);
  source.reset();
  EXPECT_EQ(told_, 1);
}

class StoredSourceTest : public RemoteSourceTest {
 protected:
  StoredSourceTest() { cache_ = std::make_shared<const DiskCache>(folder_.path()); }
  void rewrite(const std::function<void(CachedKeySet&)>& change) {
    CachedKeySet cached = *cache_->load(settings_);
    change(cached);
    ASSERT_TRUE(cache_->store(settings_, cached));
  }
};

TEST_F(StoredSourceTest, restart_with_the_issuer_down_goes_on_verifying) {
  make_ready().reset();
  fetcher_.is_down = true;
  clock_.advance(2h);
  auto source = make();
  EXPECT_TRUE(has(*source, "k1"));
  EXPECT_TRUE(source->status().is_ready);
  EXPECT_TRUE(source->status().is_from_disk);
  EXPECT_TRUE(source->status().is_stale);
  EXPECT_FALSE(source->status().has_tried);
  source->run_due();
  EXPECT_TRUE(has(*source, "k1"));
  EXPECT_TRUE(source->status().has_tried);
}

TEST_F(StoredSourceTest, same_keys_from_the_network_keep_the_epoch_of_the_copy) {
  make_ready().reset();
  auto source = make();
  const auto epoch = source->epoch();
  const auto set = source->current();
  source->run_due();
  EXPECT_EQ(jwks_requests(), 2U);
  EXPECT_EQ(source->epoch(), epoch);
  EXPECT_EQ(source->current(), set);
  EXPECT_FALSE(source->status().is_from_disk);
}

TEST_F(StoredSourceTest, age_counts_through_restarts) {
  make_ready().reset();
  fetcher_.is_down = true;
  clock_.advance(23h);
  auto source = make();
  EXPECT_TRUE(has(*source, "k1"));
  pass(*source, 1h);
  EXPECT_FALSE(has(*source, "k1"));
  EXPECT_FALSE(has(*make(), "k1"));
}

TEST_F(StoredSourceTest, copy_from_the_future_is_not_taken) {
  make_ready().reset();
  rewrite([](CachedKeySet& cached) { cached.fetched_at += 1; });
  EXPECT_EQ(make()->current(), nullptr);
  rewrite([](CachedKeySet& cached) { cached.fetched_at = 253'402'300'799; });
  EXPECT_EQ(make()->current(), nullptr);
  rewrite([](CachedKeySet& cached) { cached.fetched_at = 0; });
  EXPECT_EQ(make()->current(), nullptr);
}

TEST_F(StoredSourceTest, copy_whose_discovery_would_not_be_accepted_is_not_taken) {
  make_ready().reset();
  rewrite([](CachedKeySet& cached) {
    cached.discovery = R"({"issuer":"https://issuer.example","jwks_uri":"https://evil.example/"})";
  });
  EXPECT_EQ(make()->current(), nullptr);
  rewrite([](CachedKeySet& cached) { cached.discovery.clear(); });
  EXPECT_EQ(make()->current(), nullptr);
}

TEST_F(StoredSourceTest, copy_with_rubbish_or_a_secret_brings_no_keys) {
  make_ready().reset();
  rewrite([](CachedKeySet& cached) { cached.key_set = "rubbish"; });
  EXPECT_EQ(make()->current(), nullptr);
  rewrite([](CachedKeySet& cached) {
    cached.key_set = R"({"keys":[{"kty":"oct","k":"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]})";
  });
  EXPECT_EQ(make()->current(), nullptr);
}

TEST_F(StoredSourceTest, withdrawn_keys_are_not_raised_by_a_restart) {
  auto source = make_ready();
  fetcher_.bodies[kJwksUrl] = R"({"keys":[]})";
  pass(*source, 8min);
  source.reset();
  EXPECT_EQ(make()->current(), nullptr);
}

TEST_F(StoredSourceTest, copy_is_rewritten_when_the_keys_or_the_time_move_on) {
  auto source = make_ready();
  const auto first = cache_->load(settings_)->fetched_at;
  pass(*source, 8min);
  EXPECT_EQ(cache_->load(settings_)->fetched_at, first);
  pass(*source, 8min);
  EXPECT_GT(cache_->load(settings_)->fetched_at, first);
}

}  // namespace
}  // namespace bearerd::keys
