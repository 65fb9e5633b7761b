#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/admin_usage.hpp"
#include "state/usage_series.hpp"

namespace {

bearerd::state::LimitTable make_table() {
  bearerd::settings::Dynamic dynamic;
  dynamic.deployments["gpt-4"] = {"models", std::nullopt};
  return bearerd::state::LimitTable(dynamic);
}

}  // namespace

// The same bytes as a report, as the query of a page, and as a row of the counters file: what is accepted keeps to its
// bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bearerd;
  static const state::LimitTable table = make_table();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto report = http::parse_usage_report(text, table)) {
    const bool is_bounded = report->tokens <= 1'000'000'000'000 && report->nanodollars <= 1'000'000'000'000'000 &&
                            report->idempotency_key.size() <= 256;
    if (!is_bounded || report->key.deployment != state::deployment_id("gpt-4")) std::abort();
  }
  if (const auto wish = http::parse_page_wish(text)) {
    if (wish->max_callers == 0 || wish->max_callers > 200) std::abort();
  }
  const auto entries = state::parse_entries(text);
  if (entries && state::to_bytes(*entries) != text) std::abort();
  return 0;
}
