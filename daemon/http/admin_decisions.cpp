#include "http/admin_decisions.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/admin_body.hpp"
#include "http/admin_json.hpp"
#include "http/admin_providers.hpp"
#include "verify/recent_decisions.hpp"

namespace bearerd::http {
namespace {

using base::DecisionKind;
using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
using verify::PastDecision;

constexpr const char* kParameters = "after, limit, provider, reason and decision";

base::Result<void> read_parameter(DecisionsWish& wish, std::string_view name, std::string_view value) {
  if (name == "limit") {
    const auto limit = parse_page_size(value);
    if (!limit) return tl::make_unexpected(limit.error());
    wish.limit = *limit;
  } else if (name == "after") {
    wish.after = base::parse_decimal(value);
    if (!wish.after) return invalid_call(R"("after" has to be a number: the "next" of the answer before)");
  } else if (name == "provider") {
    wish.provider = value;
  } else if (name == "reason") {
    wish.reason = base::find_reason(value);
    if (!wish.reason) return invalid_call(R"("reason" is none of those that reasons.md of the documentation lists)");
  } else if (name == "decision") {
    for (const DecisionKind kind : {DecisionKind::kAllow, DecisionKind::kDeny, DecisionKind::kError}) {
      if (base::name(kind) == value) wish.decision = kind;
    }
    if (!wish.decision) return invalid_call(R"("decision" has to be allow, deny or error)");
  } else {
    return invalid_call(std::string("the query may have ") + kParameters);
  }
  return {};
}

bool is_wanted(const DecisionsWish& wish, const PastDecision& decision) {
  if (!wish.provider.empty() && wish.provider != decision.provider) return false;
  if (wish.reason && *wish.reason != decision.reason) return false;
  return !wish.decision || *wish.decision == base::kind_of(decision.reason);
}

struct Page {
  std::vector<PastDecision> decisions;
  std::uint64_t next = 0;
  bool has_more = false;
};

// Forwards from `after`: what is not wanted is passed over.
Page page_after(const verify::RecentDecisions& recent, const DecisionsWish& wish, std::uint64_t after) {
  Page page;
  page.next = after;
  while (page.decisions.size() < wish.limit) {
    std::vector<PastDecision> found = recent.after(page.next, kMostDecisions);
    if (found.empty()) return page;
    for (PastDecision& each : found) {
      if (page.decisions.size() == wish.limit) break;
      page.next = each.number;
      if (is_wanted(wish, each)) page.decisions.push_back(std::move(each));
    }
  }
  page.has_more = !recent.after(page.next, 1).empty();
  return page;
}

// Of all that are kept, the last ones that are wanted.
Page last_page(const verify::RecentDecisions& recent, const DecisionsWish& wish) {
  DecisionsWish every = wish;
  every.limit = kMostDecisions;
  Page page;
  Page part = page_after(recent, every, 0);
  for (;;) {
    std::move(part.decisions.begin(), part.decisions.end(), std::back_inserter(page.decisions));
    const std::size_t surplus = page.decisions.size() - std::min(page.decisions.size(), wish.limit);
    page.decisions.erase(page.decisions.begin(), page.decisions.begin() + static_cast<std::ptrdiff_t>(surplus));
    page.next = part.next;
    if (!part.has_more) return page;
    part = page_after(recent, every, part.next);
  }
}

// Of a provider that the settings have no more there may be decisions all the same; one that never was is a slip.
bool is_nobodys(const AdminCalls& calls, const DecisionsWish& wish) {
  if (wish.after || wish.provider.empty() || wish.provider == "none" || wish.provider == "api_key") return false;
  DecisionsWish any;
  any.provider = wish.provider;
  return !calls.has_provider(wish.provider) && last_page(*calls.recent, any).decisions.empty();
}

// An API key's, by the settings in force.
Var project_json(const PastDecision& decision, const settings::Settings& settings) {
  if (!decision.api_key) return {};
  const auto& keys = settings.dynamic.keys;
  const auto found = std::ranges::find(keys, *decision.api_key, &settings::ApiKey::hash);
  return found == keys.end() ? Var() : text_or_null(found->project);
}

Object decision_json(const PastDecision& decision, const settings::Settings& settings, bool shows_all) {
  const auto shown = [&](const std::string& text) { return shows_all ? text_or_null(text) : Var(); };
  Object object = new_object();
  object.set("number", static_cast<Poco::UInt64>(decision.number));
  object.set("at", time_json(decision.at));
  object.set("decision", std::string(name(base::kind_of(decision.reason))));
  object.set("reason", std::string(name(decision.reason)));
  object.set("provider", decision.provider);
  object.set("user", text_or_null(decision.user));
  object.set("project", project_json(decision, settings));
  object.set("roles", shows_all ? Var(strings_json(decision.roles)) : Var());
  object.set("deployment", text_or_null(decision.deployment));
  object.set("route", text_or_null(decision.route));
  object.set("limit", decision.limit ? Var(std::string(state::shape_of(*decision.limit).name)) : Var());
  object.set("method", text_or_null(decision.method));
  object.set("host", shown(decision.host));
  object.set("path", shown(decision.path));
  object.set("resource", shown(decision.resource));
  Object generations = new_object();
  generations.set("static", static_cast<Poco::UInt64>(decision.under->static_generation));
  generations.set("dynamic", static_cast<Poco::UInt64>(decision.under->dynamic_generation));
  object.set("generations", generations);
  return object;
}

// The oldest first. `shows_all`: what clients asked for, too, which may name people.
std::string decisions_json(const AdminCalls& calls, const DecisionsWish& wish, bool shows_all) {
  const verify::RecentDecisions& recent = *calls.recent;
  const Page page = wish.after ? page_after(recent, wish, *wish.after) : last_page(recent, wish);
  const auto settings = calls.settings();
  Array decisions;
  for (const PastDecision& each : page.decisions) decisions.add(decision_json(each, *settings, shows_all));
  Object root = new_object();
  root.set("decisions", decisions);
  root.set("next", std::to_string(page.next));
  root.set("more", page.has_more);
  root.set("capacity", static_cast<Poco::UInt64>(recent.capacity()));
  root.set("left_out", static_cast<Poco::UInt64>(recent.left_out()));
  return to_text(root);
}

}  // namespace

base::Result<DecisionsWish> parse_decisions_wish(std::string_view query) {
  DecisionsWish wish;
  const auto read = for_each_parameter(query, kParameters, [&](std::string_view name, std::string_view value) {
    return read_parameter(wish, name, value);
  });
  if (!read) return tl::make_unexpected(read.error());
  return wish;
}

AdminAnswer list_decisions(const AdminCalls& calls, const AdminRequest& request) {
  const auto wish = parse_decisions_wish(request.query);
  if (!wish) return invalid_refusal(wish.error());
  if (is_nobodys(calls, *wish)) return no_such_provider(calls);
  return json_answer(decisions_json(calls, *wish, request.caller.rights.allows(Right::kAdmin)));
}

}  // namespace bearerd::http
