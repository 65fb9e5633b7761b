#include "http/admin_revocations.hpp"

#include <Poco/JSON/Array.h>

#include <array>
#include <sstream>

#include "http/admin_body.hpp"

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
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("id", to_text(entry.mark));
  object.set("kind", std::string(name(entry.mark.kind)));
  object.set("issued_before", time_json(entry.issued_before));
  object.set("until", time_json(entry.until));
  object.set("added_at", time_json(entry.added_at));
  return object;
}

std::string text(const Object& object) {
  std::ostringstream out;
  object.stringify(out);
  return std::move(out).str();
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
  constexpr std::string_view kName = "id=";
  const auto mark = query.starts_with(kName) ? state::parse_mark(query.substr(kName.size())) : std::nullopt;
  if (!mark) return invalid_call("the query has to be \"id=\" and the \"id\" of a revocation");
  return *mark;
}

std::string to_json(const state::RevocationEntry& entry) { return text(entry_json(entry)); }

std::string to_json(const state::RevocationPage& page) {
  Array entries;
  for (const state::RevocationEntry& entry : page.entries) entries.add(entry_json(entry));
  Object root(Poco::JSON_PRESERVE_KEY_ORDER);
  root.set("revocations", entries);
  root.set("next", page.has_more ? Var(to_text(page.entries.back().mark)) : Var());
  return text(root);
}

std::string accepted_loss_json(const std::string& aside) {
  Object root(Poco::JSON_PRESERVE_KEY_ORDER);
  root.set("result", "accepted");
  root.set("set_aside", aside.empty() ? Var() : Var(aside));
  return text(root);
}

}  // namespace bearerd::http
