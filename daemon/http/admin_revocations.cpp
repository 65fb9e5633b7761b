#include "http/admin_revocations.hpp"

#include <array>

#include "http/admin_body.hpp"
#include "http/admin_json.hpp"
#include "http/admin_providers.hpp"

namespace bearerd::http {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
using settings::RevocationDraft;

constexpr std::array<std::string_view, 8> kMembers{"provider", "jti", "session",       "subject",
                                                   "caller",   "key", "issued_before", "until"};

base::Result<void> read_text(const Object& object, const std::string& name, std::optional<std::string>& out) {
  if (!object.has(name)) return {};
  auto text = text_member(object, name);
  if (!text) return tl::make_unexpected(text.error());
  out = std::move(*text);
  return {};
}

base::Result<void> read_time(const Object& object, const std::string& name, std::optional<base::Timestamp>& out) {
  std::optional<std::string> text;
  if (auto read = read_text(object, name, text); !read || !text) return read;
  out = base::parse_timestamp(*text);
  if (!out) return invalid_call("\"" + name + "\" has to be a time such as \"2026-11-25T03:00:00Z\" (RFC 3339)");
  return {};
}

Var time_json(std::optional<std::int64_t> seconds) {
  return seconds ? Var(base::to_text(base::Timestamp{*seconds})) : Var();
}

Object entry_json(const state::RevocationEntry& entry) {
  Object object = new_object();
  object.set("id", to_text(entry.mark));
  object.set("kind", std::string(name(entry.mark.kind)));
  object.set("issued_before", time_json(entry.issued_before));
  object.set("until", time_json(entry.until));
  object.set("added_at", time_json(entry.added_at));
  return object;
}

// By its id, which holds a keyed hash in the place of whom or what it is about.
void tell(const state::RevocationEntry& entry, AdminAnswer& answer) {
  answer.audited.push_back({"revocation", to_text(entry.mark)});
  const auto add_time = [&](std::string_view name, std::optional<std::int64_t> seconds) {
    if (seconds) answer.audited.push_back({name, base::to_text(base::Timestamp{*seconds})});
  };
  add_time("issued_before", entry.issued_before);
  add_time("until", entry.until);
}

AdminAnswer store_refusal(const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kNotFound:
      return admin_refusal(404, "no_such_revocation", "there is no such revocation", error.text);
    case base::ErrorCode::kTooLarge:
      return admin_refusal(422, "too_many", "there are too many revocations", error.text);
    default:
      return admin_refusal(503, "store_unavailable", "revocations can't be kept", error.text);
  }
}

}  // namespace

base::Result<settings::Revocation> parse_revocation(std::string_view body) {
  const auto object = parse_body(body, kMembers);
  if (!object) return tl::make_unexpected(object.error());
  RevocationDraft draft;
  for (const auto& [name, member] :
       {std::pair{"provider", &RevocationDraft::provider}, std::pair{"jti", &RevocationDraft::jti},
        std::pair{"session", &RevocationDraft::session}, std::pair{"subject", &RevocationDraft::subject},
        std::pair{"caller", &RevocationDraft::caller}, std::pair{"key", &RevocationDraft::key}}) {
    if (auto read = read_text(**object, name, draft.*member); !read) return tl::make_unexpected(read.error());
  }
  for (const auto& [name, member] :
       {std::pair{"issued_before", &RevocationDraft::issued_before}, std::pair{"until", &RevocationDraft::until}}) {
    if (auto read = read_time(**object, name, draft.*member); !read) return tl::make_unexpected(read.error());
  }
  return resolve(std::move(draft));
}

base::Result<RevocationWish> parse_revocation_wish(std::string_view query) {
  RevocationWish wish;
  const auto read = for_each_parameter(query, "after and limit",
                                       [&](std::string_view name, std::string_view value) -> base::Result<void> {
                                         if (name == "limit") {
                                           const auto count = parse_page_size(value);
                                           if (!count) return tl::make_unexpected(count.error());
                                           wish.max_entries = *count;
                                           return {};
                                         }
                                         if (name != "after") return invalid_call("the query may have after and limit");
                                         wish.after = state::parse_mark(value);
                                         if (!wish.after)
                                           return invalid_call("\"after\" has to be the \"next\" of the page before");
                                         return {};
                                       });
  if (!read) return tl::make_unexpected(read.error());
  return wish;
}

base::Result<state::RevocationMark> parse_revocation_id(std::string_view query) {
  std::optional<state::RevocationMark> mark;
  const auto read =
      for_each_parameter(query, "id", [&](std::string_view name, std::string_view value) -> base::Result<void> {
        if (name != "id") return invalid_call("the query may have id");
        mark = state::parse_mark(value);
        return {};
      });
  if (!read) return tl::make_unexpected(read.error());
  if (!mark) return invalid_call("\"id\" has to be that of a revocation, as the list has it");
  return *mark;
}

std::string to_json(const state::RevocationEntry& entry) { return to_text(entry_json(entry)); }

std::string to_json(const state::RevocationPage& page) {
  Array entries;
  for (const state::RevocationEntry& entry : page.entries) entries.add(entry_json(entry));
  Object root = new_object();
  root.set("revocations", entries);
  root.set("next", page.has_more ? Var(to_text(page.entries.back().mark)) : Var());
  return to_text(root);
}

std::string accepted_loss_json(const std::string& aside) {
  Object root = new_object();
  root.set("result", "accepted");
  root.set("set_aside", text_or_null(aside));
  return to_text(root);
}

AdminAnswer list_revocations(const AdminCalls& calls, const AdminRequest& request) {
  const auto wish = parse_revocation_wish(request.query);
  if (!wish) return invalid_refusal(wish.error());
  return json_answer(to_json(calls.revocations->list(wish->after, wish->max_entries)));
}

AdminAnswer add_revocation(const AdminCalls& calls, const AdminRequest& request) {
  const auto revocation = parse_revocation(request.body);
  if (!revocation) return invalid_refusal(revocation.error());
  // A misspelled provider would revoke nothing, and nobody would see it.
  if (!revocation->provider.empty() && !calls.has_provider(revocation->provider)) {
    return no_such_provider(calls);
  }
  const std::int64_t now = state::second_of(calls.clock->wall());
  if (revocation->until && revocation->until->seconds <= now)
    return invalid_refusal({base::ErrorCode::kInvalid, "\"until\" is in the past, so nothing would be revoked"});
  const auto entry = calls.revocations->add(*revocation);
  AdminAnswer answer = entry ? json_answer(to_json(*entry), 201) : store_refusal(entry.error());
  // What can't be kept may be in force all the same.
  if (!revocation->provider.empty()) answer.audited.push_back({"name", revocation->provider});
  answer.audited.push_back({"kind", std::string(name(revocation->kind))});
  if (entry) tell(*entry, answer);
  return answer;
}

AdminAnswer end_revocation(const AdminCalls& calls, const AdminRequest& request) {
  const auto mark = parse_revocation_id(request.query);
  if (!mark) return invalid_refusal(mark.error());
  if (const auto removed = calls.revocations->remove(*mark); !removed) return store_refusal(removed.error());
  AdminAnswer answer = json_answer(R"({"result":"removed"})");
  answer.audited.push_back({"revocation", to_text(*mark)});
  return answer;
}

AdminAnswer accept_loss(const AdminCalls& calls, const AdminRequest&) {
  const auto aside = calls.revocations->accept_loss();
  if (aside) {
    AdminAnswer answer = json_answer(accepted_loss_json(*aside));
    answer.audited.push_back({"set_aside", *aside});
    return answer;
  }
  if (aside.error().code != base::ErrorCode::kNotFound) return store_refusal(aside.error());
  return admin_refusal(409, "nothing_lost", "there is no loss to accept", aside.error().text);
}

}  // namespace bearerd::http
