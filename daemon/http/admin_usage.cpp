#include "http/admin_usage.hpp"

#include <array>
#include <cmath>

#include "http/admin_body.hpp"
#include "http/admin_json.hpp"

namespace bearerd::http {
namespace {

using base::ErrorCode;
using Poco::JSON::Array;
using Poco::JSON::Object;
using state::Quantity;
using state::WindowShape;

constexpr std::size_t kMaxKeyBytes = 256;
constexpr std::uint64_t kMaxTokens = 1'000'000'000'000;  // of one report: more is a mistake
constexpr double kMaxDollars = 1'000'000;
constexpr std::array<std::string_view, 5> kMembers{"caller", "deployment", "tokens", "cost", "idempotency_key"};

base::Result<std::uint64_t> read_tokens(const Object& object) {
  const Poco::Dynamic::Var value = object.get("tokens");
  if (value.isEmpty()) return 0;
  if (!value.isInteger() || value.isBoolean() || (value.isSigned() && value.convert<std::int64_t>() < 0) ||
      value.convert<std::uint64_t>() > kMaxTokens) {
    return invalid_call("\"tokens\" has to be a whole number from 0 to " + std::to_string(kMaxTokens));
  }
  return value.convert<std::uint64_t>();
}

base::Result<std::uint64_t> read_cost(const Object& object) {
  const Poco::Dynamic::Var value = object.get("cost");
  if (value.isEmpty()) return 0;
  const double dollars = value.isNumeric() && !value.isBoolean() ? value.convert<double>() : -1;
  if (!(dollars >= 0 && dollars <= kMaxDollars)) return invalid_call("\"cost\" has to be US dollars from 0 to 1000000");
  return static_cast<std::uint64_t>(std::llround(dollars * state::kNanodollars));
}

base::Result<state::UsageReport> read_report(const Object& object, const state::LimitTable& limits) {
  state::UsageReport report;
  const auto caller_text = text_member(object, "caller");
  if (!caller_text) return tl::make_unexpected(caller_text.error());
  const auto caller = state::parse_caller(*caller_text);
  if (!caller) return invalid_call("\"caller\" has to be what X-Bearerd-Caller said");
  const auto name = text_member(object, "deployment");
  if (!name) return tl::make_unexpected(name.error());
  const auto* const deployment = limits.find(*name);
  if (deployment == nullptr) return base::fail(ErrorCode::kNotFound, "the settings have no such deployment");
  report.key = {*caller, deployment->id};
  if (!object.has("tokens") && !object.has("cost")) return invalid_call("neither \"tokens\" nor \"cost\" is there");
  const auto tokens = read_tokens(object);
  if (!tokens) return tl::make_unexpected(tokens.error());
  const auto cost = read_cost(object);
  if (!cost) return tl::make_unexpected(cost.error());
  report.tokens = *tokens;
  report.nanodollars = *cost;
  if (!object.has("idempotency_key")) return report;
  auto key = text_member(object, "idempotency_key");
  if (!key) return tl::make_unexpected(key.error());
  if (key->empty() || key->size() > kMaxKeyBytes) return invalid_call("\"idempotency_key\" has to have 1 to 256 bytes");
  report.idempotency_key = std::move(*key);
  return report;
}

// Cost in dollars, the rest as it is.
Poco::Dynamic::Var number(const WindowShape& shape, std::int64_t value) {
  if (shape.quantity != Quantity::kCost) return static_cast<Poco::Int64>(value);
  return static_cast<double>(value) / state::kNanodollars;
}

Object window_json(const WindowShape& shape, std::int64_t used, const std::optional<state::Limits>& limits) {
  Object window = new_object();
  window.set("used", number(shape, used));
  const std::int64_t limit = limits ? limits->of(shape.window) : state::Limits::kUnlimited;
  const bool is_limited = limit != state::Limits::kUnlimited;
  window.set("limit", is_limited ? number(shape, limit) : Poco::Dynamic::Var());
  window.set("left", is_limited ? number(shape, std::max<std::int64_t>(0, limit - used)) : Poco::Dynamic::Var());
  return window;
}

Object row_json(const state::CallerUsage& usage, const state::CallerUsage::Counter& counter, std::string_view name,
                const std::optional<state::Limits>& limits, std::int64_t now) {
  const bool is_cost = counter.deployment == state::kCostOfCaller;
  Object windows = new_object();
  for (const WindowShape& shape : state::kWindows) {
    if ((shape.quantity == Quantity::kCost) != is_cost) continue;
    windows.set(std::string(shape.name), window_json(shape, state::used_in(shape, counter.entries, now), limits));
  }
  Object row = new_object();
  row.set("caller", state::to_text(usage.caller));
  row.set("deployment", is_cost ? Poco::Dynamic::Var() : Poco::Dynamic::Var(std::string(name)));
  row.set("windows", windows);
  return row;
}

// Cost limits are the caller's: any of its counters knows them.
std::optional<state::Limits> known_limits(const state::CallerUsage& usage) {
  for (const auto& counter : usage.counters) {
    if (counter.limits) return counter.limits;
  }
  return std::nullopt;
}

base::Result<void> read_parameter(std::string_view name, std::string_view value, state::PageWish& wish) {
  if (name == "limit") {
    const auto count = parse_page_size(value);
    if (!count) return tl::make_unexpected(count.error());
    wish.max_callers = *count;
    return {};
  }
  if (name != "caller" && name != "after") return invalid_call("the query may have caller, after and limit");
  const auto caller = state::parse_caller(value);
  if (!caller) return invalid_call("\"" + std::string(name) + "\" has to be what X-Bearerd-Caller said");
  (name == "caller" ? wish.only : wish.after) = caller;
  return {};
}

AdminAnswer report_refusal(const base::Error& error) {
  if (error.code != ErrorCode::kNotFound) return invalid_refusal(error);
  return admin_refusal(422, "unknown_deployment", "there is no such deployment", error.text);
}

AdminAnswer store_refusal(const base::Error& error) {
  return admin_refusal(503, "store_unavailable", "the counters can't be reached", error.text);
}

}  // namespace

base::Result<state::UsageReport> parse_usage_report(std::string_view body, const state::LimitTable& limits) {
  const auto object = parse_body(body, kMembers);
  if (!object) return tl::make_unexpected(object.error());
  return read_report(**object, limits);
}

base::Result<state::PageWish> parse_page_wish(std::string_view query) {
  state::PageWish wish;
  const auto read = for_each_parameter(
      query, "caller, after and limit",
      [&](std::string_view name, std::string_view value) { return read_parameter(name, value, wish); });
  if (!read) return tl::make_unexpected(read.error());
  return wish;
}

std::string to_json(state::Recorded recorded) {
  return recorded == state::Recorded::kCounted ? R"({"result":"counted"})" : R"({"result":"repeated"})";
}

std::string to_json(const state::UsagePage& page, const state::LimitTable& limits, std::int64_t now) {
  Array rows;
  for (const state::CallerUsage& usage : page.callers) {
    const auto of_caller = known_limits(usage);
    for (const auto& counter : usage.counters) {
      const bool is_cost = counter.deployment == state::kCostOfCaller;
      const std::string_view name = is_cost ? std::string_view{} : limits.name_of(counter.deployment);
      if (!is_cost && name.empty()) continue;  // not in the settings any more
      rows.add(row_json(usage, counter, name, is_cost ? of_caller : counter.limits, now));
    }
  }
  Object root = new_object();
  root.set("usage", rows);
  root.set("next",
           page.has_more ? Poco::Dynamic::Var(state::to_text(page.callers.back().caller)) : Poco::Dynamic::Var());
  return to_text(root);
}

AdminAnswer list_usage(const AdminCalls& calls, const AdminRequest& request) {
  const auto wish = parse_page_wish(request.query);
  if (!wish) return invalid_refusal(wish.error());
  const auto page = calls.usage->list(*wish);
  if (!page) return store_refusal(page.error());
  return json_answer(to_json(*page, *calls.limits(), state::second_of(calls.clock->wall())));
}

AdminAnswer record_usage(const AdminCalls& calls, const AdminRequest& request) {
  auto report = parse_usage_report(request.body, *calls.limits());
  if (!report) return report_refusal(report.error());
  report->now = state::second_of(calls.clock->wall());
  const auto recorded = calls.usage->record(*report);
  if (!recorded) return store_refusal(recorded.error());
  return json_answer(to_json(*recorded));
}

}  // namespace bearerd::http
