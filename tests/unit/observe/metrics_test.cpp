#include "observe/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

namespace bearerd::observe {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

// Every metric there is, each with a series at least.
void bind_all(Metrics& metrics, std::vector<std::shared_ptr<ProviderMetrics>>& held) {
  held.push_back(metrics.provider("none"));
  held.push_back(metrics.provider("auth0"));
  ProviderMetrics& provider = *held.back();
  provider.count_decision(base::Reason::kOk, 12us);
  provider.count_signature(base::Algorithm::kRs256);
  provider.count_jwks_fetch(FetchResult::kOk);
  provider.count_suppressed_refetch();
  provider.count_request(Endpoint::kJwks, FetchResult::kTimeout, 20ms);
  provider.set_keys(3, false, base::WallTime{100s});
  provider.set_ready(true, false);
  provider.set_unchecked("audience", true);
  metrics.set_cache_entries([] { return 4.0; });
  metrics.set_log_dropped([] { return 5.0; });
  metrics.set_usage_counters([] { return 6.0; });
  metrics.set_plugin("oidc", "1.0.0", "1.0", true);
  metrics.set_build("0.1.0", "abc");
}

std::set<std::string> names(const std::string& exposition) {
  std::set<std::string> found;
  std::istringstream lines(exposition);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("# TYPE ")) continue;
    found.insert(line.substr(7, line.rfind(' ') - 7));
  }
  return found;
}

TEST(Metrics, a_decision_is_counted_under_its_provider_decision_and_reason) {
  Metrics metrics;
  const auto provider = metrics.provider("auth0");
  provider->count_decision(base::Reason::kOk, 12us);
  provider->count_decision(base::Reason::kExpired, 12us);
  provider->count_decision(base::Reason::kExpired, 12us);
  const std::string text = metrics.expose();
  EXPECT_THAT(text,
              HasSubstr("bearerd_verify_requests_total{decision=\"allow\",provider=\"auth0\",reason=\"ok\"} 1\n"));
  EXPECT_THAT(text,
              HasSubstr("bearerd_verify_requests_total{decision=\"deny\",provider=\"auth0\",reason=\"expired\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("bearerd_verify_duration_seconds_count{provider=\"auth0\"} 3\n"));
}

TEST(Metrics, every_reason_has_a_series_before_the_first_request) {
  Metrics metrics;
  const auto provider = metrics.provider("auth0");
  const std::string text = metrics.expose();
  for (const base::Reason reason : base::all_reasons()) {
    EXPECT_THAT(text, HasSubstr("reason=\"" + std::string(base::name(reason)) + "\"} 0\n"));
  }
}

TEST(Metrics, a_reason_that_is_none_counts_as_internal) {
  Metrics metrics;
  const auto provider = metrics.provider("auth0");
  provider->count_decision(static_cast<base::Reason>(0), 1us);
  provider->count_decision(static_cast<base::Reason>(200), 1us);
  EXPECT_THAT(metrics.expose(), HasSubstr("{decision=\"error\",provider=\"auth0\",reason=\"internal\"} 2\n"));
}

TEST(Metrics, durations_are_seconds_in_buckets_from_ten_microseconds) {
  Metrics metrics;
  const auto provider = metrics.provider("auth0");
  provider->count_decision(base::Reason::kOk, 9us);
  provider->count_decision(base::Reason::kOk, 40us);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("bearerd_verify_duration_seconds_bucket{provider=\"auth0\",le=\"1e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("bearerd_verify_duration_seconds_bucket{provider=\"auth0\",le=\"5e-05\"} 2\n"));
}

TEST(Metrics, holders_of_a_name_share_its_series) {
  Metrics metrics;
  const auto one = metrics.provider("auth0");
  const auto two = metrics.provider("auth0");
  EXPECT_EQ(one, two);
}

TEST(Metrics, a_provider_that_nobody_holds_leaves_and_may_come_back) {
  Metrics metrics;
  auto provider = metrics.provider("auth0");
  provider->count_request(Endpoint::kJwks, FetchResult::kOk, 1ms);
  provider->set_keys(2, true, base::WallTime{1s});
  provider->set_unchecked("issuer", true);
  provider.reset();
  EXPECT_THAT(metrics.expose(), Not(HasSubstr("auth0")));
  provider = metrics.provider("auth0");
  provider->count_decision(base::Reason::kOk, 1us);
  EXPECT_THAT(metrics.expose(), HasSubstr("{decision=\"allow\",provider=\"auth0\",reason=\"ok\"} 1\n"));
}

TEST(Metrics, a_provider_may_outlive_the_metrics) {
  std::shared_ptr<ProviderMetrics> provider;
  {
    Metrics metrics;
    provider = metrics.provider("auth0");
  }
  provider->count_decision(base::Reason::kOk, 1us);
}

TEST(Metrics, leaving_and_coming_back_may_race_with_counting_and_scraping) {
  Metrics metrics;
  std::atomic<bool> is_done{false};
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&metrics] {
      for (int i = 0; i < 300; ++i) metrics.provider("auth0")->count_decision(base::Reason::kOk, 1us);
    });
  }
  std::jthread scraper([&metrics, &is_done] {
    while (!is_done) static_cast<void>(metrics.expose());
  });
  threads.clear();
  is_done = true;
  scraper.join();
  EXPECT_THAT(metrics.expose(), Not(HasSubstr("auth0")));
}

TEST(Metrics, places_without_an_identity_provider_have_only_decisions) {
  Metrics metrics;
  const auto none = metrics.provider("none");
  none->count_jwks_fetch(FetchResult::kOk);
  none->count_signature(base::Algorithm::kRs256);
  none->set_ready(true, true);
  const auto found = names(metrics.expose());
  EXPECT_TRUE(found.contains("bearerd_verify_requests_total"));
  EXPECT_FALSE(found.contains("bearerd_jwks_fetches_total"));
  EXPECT_FALSE(found.contains("bearerd_provider_ready"));
}

TEST(Metrics, a_failed_reload_keeps_the_time_of_the_last_success) {
  Metrics metrics;
  metrics.count_reload(ConfigKind::kDynamic, true, base::WallTime{50s});
  metrics.count_reload(ConfigKind::kDynamic, false, base::WallTime{60s});
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("bearerd_config_reloads_total{kind=\"dynamic\",result=\"failure\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("bearerd_config_last_reload_successful{kind=\"dynamic\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("bearerd_config_last_reload_success_timestamp_seconds{kind=\"dynamic\"} 50\n"));
}

TEST(Metrics, a_plugin_that_was_unloaded_is_not_listed) {
  Metrics metrics;
  metrics.set_plugin("oidc", "1", "1.0", true);
  metrics.set_plugin("oidc", "2", "1.0", true);
  metrics.set_plugin("oidc", "1", "1.0", false);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("bearerd_plugin_info{abi=\"1.0\",plugin=\"oidc\",version=\"2\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("version=\"1\"")));
}

TEST(Metrics, connections_go_up_and_down) {
  Metrics metrics;
  metrics.add_connections(ListenerKind::kVerify, 3);
  metrics.add_connections(ListenerKind::kVerify, -1);
  EXPECT_THAT(metrics.expose(), HasSubstr("bearerd_connections{listener=\"verify\"} 2\n"));
}

TEST(Metrics, the_process_describes_itself) {
  const auto found = names(Metrics().expose());
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                           "process_open_fds", "process_max_fds", "process_start_time_seconds", "process_threads"}) {
    EXPECT_TRUE(found.contains(name)) << name;
  }
}

TEST(Metrics, the_exposition_is_in_a_fixed_order) {
  Metrics metrics;
  std::vector<std::shared_ptr<ProviderMetrics>> held;
  for (const char* name : {"zeta", "alpha", "mid"}) held.push_back(metrics.provider(name));
  const std::string text = metrics.expose();
  EXPECT_LT(text.find("provider=\"alpha\""), text.find("provider=\"mid\""));
  EXPECT_LT(text.find("provider=\"mid\""), text.find("provider=\"zeta\""));
  EXPECT_LT(text.find("bearerd_connections"), text.find("bearerd_verify_requests_total"));
}

TEST(Metrics, a_hostile_name_can_not_break_out_of_its_label) {
  Metrics metrics;
  const auto provider = metrics.provider("a\"} 1\nx{b=\"");
  EXPECT_EQ(metrics.expose().find("\nx{b="), std::string::npos);
}

TEST(Metrics, promtool_finds_nothing_to_criticise) {
  if (std::string_view(BEARERD_PROMTOOL).empty()) GTEST_SKIP() << "promtool is not installed";
  Metrics metrics;
  std::vector<std::shared_ptr<ProviderMetrics>> held;
  bind_all(metrics, held);
  FILE* promtool = ::popen(BEARERD_PROMTOOL " check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = metrics.expose();
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(::pclose(promtool), 0);
}

// The page lists each metric under its heading, as the first code span of a table row: | `name` | …
TEST(Metrics, the_operations_page_lists_exactly_what_is_exported) {
  Metrics metrics;
  std::vector<std::shared_ptr<ProviderMetrics>> held;
  bind_all(metrics, held);
  std::ifstream page(BEARERD_OPERATIONS_PAGE);
  ASSERT_TRUE(page) << BEARERD_OPERATIONS_PAGE;
  std::set<std::string> documented;
  std::string line;
  bool is_in_section = false;
  while (std::getline(page, line)) {
    if (line.starts_with("## ")) is_in_section = line == "## Metrics";
    const bool is_metric = is_in_section && (line.starts_with("| `bearerd_") || line.starts_with("| `process_"));
    if (is_metric) documented.insert(line.substr(3, line.find('`', 3) - 3));
  }
  EXPECT_EQ(documented, names(metrics.expose()));
}

}  // namespace
}  // namespace bearerd::observe
