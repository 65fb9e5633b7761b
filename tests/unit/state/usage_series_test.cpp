#include "state/usage_series.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "state/standing.hpp"

namespace bearerd::state {
namespace {

constexpr std::int64_t kStart = 1'767'225'600;  // 2026-01-01T00:00:00Z

UsageEntry entry(std::int64_t second, std::uint32_t requests, std::uint64_t amount) {
  return {static_cast<std::uint32_t>(second), requests, amount};
}

class EachWindow : public testing::TestWithParam<WindowShape> {};

TEST_P(EachWindow, counts_a_use_until_its_bucket_leaves_and_not_a_second_longer) {
  const WindowShape& shape = GetParam();
  for (const std::int64_t offset : {0, 1, 59, 60, 3599, 3600, 86'399, 86'400, 100'003}) {
    const std::int64_t used_at = kStart + offset;
    UsageSeries series;
    series.add(entry(used_at, 1, 1), used_at);
    const std::int64_t gone_at = (used_at / shape.bucket_seconds + shape.buckets) * shape.bucket_seconds;
    EXPECT_EQ(shape.end_of(used_at), gone_at);
    EXPECT_EQ(used_in(shape, series.entries(), used_at), 1);
    EXPECT_EQ(used_in(shape, series.entries(), gone_at - 1), 1) << shape.name << " +" << offset;
    EXPECT_EQ(used_in(shape, series.entries(), gone_at), 0) << shape.name << " +" << offset;
    series.coarsen(gone_at - 1);
    EXPECT_EQ(used_in(shape, series.entries(), gone_at - 1), 1) << shape.name << " +" << offset;
  }
}
INSTANTIATE_TEST_SUITE_P(Series, EachWindow, testing::ValuesIn(kWindows),
                         [](const auto& param) { return std::string(param.param.name); });

// The plain definition: whole buckets, the running one included.
std::int64_t sum_of(const std::vector<UsageEntry>& all, const WindowShape& shape, std::int64_t now) {
  std::int64_t sum = 0;
  for (const UsageEntry& use : all) {
    const std::int64_t age = now / shape.bucket_seconds - use.second / shape.bucket_seconds;
    if (age >= shape.buckets) continue;
    sum += shape.quantity == Quantity::kRequests ? use.requests : static_cast<std::int64_t>(use.amount);
  }
  return sum;
}

TEST(UsageSeries, sums_are_exact_however_coarse_its_entries_have_become) {
  std::mt19937_64 random(7);
  std::vector<UsageEntry> all;
  UsageSeries series;
  std::int64_t now = kStart;
  for (int i = 0; i < 20'000; ++i) {
    // Bursts, pauses of minutes, hours, and now and then of days.
    constexpr std::int64_t kPauses[] = {0, 0, 1, 3, 40, 700, 5000, 90'000};
    now += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(kPauses[random() % 8] + 1));
    const UsageEntry use = entry(now, static_cast<std::uint32_t>(random() % 3), random() % 1000);
    all.push_back(use);
    series.add(use, now);
    if (i % 97 == 0) {
      for (const WindowShape& shape : kWindows) {
        ASSERT_EQ(used_in(shape, series.entries(), now), sum_of(all, shape, now)) << shape.name << " at use " << i;
      }
    }
  }
  series.coarsen(now);
  EXPECT_LE(series.entries().size(), 60U + 60U + 24U + 30U);
  for (const WindowShape& shape : kWindows) EXPECT_EQ(used_in(shape, series.entries(), now), sum_of(all, shape, now));
}

TEST(UsageSeries, stays_small_under_steady_use) {
  UsageSeries series;
  std::size_t most = 0;
  for (std::int64_t now = kStart; now < kStart + 3 * kDay; now += 1) {
    series.add(entry(now, 1, 10), now);
    most = std::max(most, series.entries().size());
  }
  EXPECT_LE(most, 512U);
  EXPECT_EQ(used_in(shape_of(Window::kRequestsHour), series.entries(), kStart + 3 * kDay - 1), 3600);
}

TEST(UsageSeries, counts_what_a_clock_that_was_set_back_says) {
  UsageSeries series;
  series.add(entry(kStart + 100, 1, 5), kStart + 100);
  series.add(entry(kStart + 90, 1, 7), kStart + 90);
  series.add(entry(kStart + 90, 1, 1), kStart + 90);
  ASSERT_EQ(series.entries().size(), 2U);
  EXPECT_EQ(series.entries().front(), entry(kStart + 90, 2, 8));
  // What lies ahead counts: unsure means used.
  EXPECT_EQ(used_in(shape_of(Window::kTokensMinute), series.entries(), kStart + 90), 13);
}

TEST(UsageSeries, sums_saturate_instead_of_wrapping) {
  UsageSeries series;
  series.add(entry(kStart, 0xFFFF'FFFF, ~std::uint64_t{0} - 1), kStart);
  series.add(entry(kStart, 5, 5), kStart);
  EXPECT_EQ(series.entries().front(), entry(kStart, 0xFFFF'FFFF, ~std::uint64_t{0}));
  EXPECT_EQ(used_in(shape_of(Window::kTokensDay), series.entries(), kStart), std::numeric_limits<std::int64_t>::max());
}

TEST(UsageSeries, is_over_when_the_longest_window_has_passed) {
  UsageSeries series;
  EXPECT_TRUE(series.is_over(kStart));
  series.add(entry(kStart, 1, 1), kStart);
  EXPECT_FALSE(series.is_over(kStart + 30 * kDay - 1));
  EXPECT_TRUE(series.is_over(kStart + 30 * kDay));
  series.coarsen(kStart + 30 * kDay);
  EXPECT_TRUE(series.entries().empty());
}

TEST(UsageBytes, are_read_as_they_were_written) {
  const std::vector<UsageEntry> entries{entry(kStart, 1, 2), entry(kStart + 1, 0xFFFF'FFFF, ~std::uint64_t{0})};
  EXPECT_EQ(to_bytes(entries).size(), 32U);
  EXPECT_EQ(parse_entries(to_bytes(entries)), entries);
  EXPECT_EQ(parse_entries(""), std::vector<UsageEntry>{});
}

TEST(UsageBytes, that_are_cut_out_of_order_or_endless_are_refused) {
  const std::string good = to_bytes(std::vector<UsageEntry>{entry(kStart, 1, 2), entry(kStart + 1, 1, 2)});
  EXPECT_FALSE(parse_entries(good.substr(1)));
  EXPECT_FALSE(parse_entries(good.substr(16) + good.substr(0, 16)));
  EXPECT_FALSE(parse_entries(good.substr(0, 16) + good.substr(0, 16)));
  EXPECT_FALSE(parse_entries(std::string(4097 * 16, '\0')));
}

}  // namespace
}  // namespace bearerd::state
