#include "settings/revocations_file.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "settings/field.hpp"

namespace bearerd::settings {

template <>
struct Codec<base::Timestamp> {
  static void read(const Reader& reader, const Traits& traits, base::Timestamp& out) {
    const auto text = read_text(reader, traits);
    if (!text) return;
    if (const auto time = base::parse_timestamp(*text)) {
      out = *time;
    } else {
      reader.fault(R"(has to be a time such as "2026-11-25T03:00:00Z" (RFC 3339))");
    }
  }
  static std::string show(const Traits&, base::Timestamp value) { return base::to_text(value); }
  static std::string type(const Traits&) { return "time, RFC 3339"; }
  static std::string json(const Traits&, base::Timestamp value) { return base::json_string(base::to_text(value)); }
};

namespace {

constexpr Field<RevocationDraft> kFields[] = {
    field<RevocationDraft, &RevocationDraft::provider>(
        "provider", "The name of the provider's entry; needed, but beside `caller`."),
    field<RevocationDraft, &RevocationDraft::jti>("jti", "One token: its `jti`, or its `uti` where it has none."),
    field<RevocationDraft, &RevocationDraft::session>(
        "session", "All tokens of one session: their `sid`, or what the plugin says (Cognito: `origin_jti`)."),
    field<RevocationDraft, &RevocationDraft::subject>(
        "subject", "All tokens of one user, by the user id as `X-Auth-Request-User` has it."),
    field<RevocationDraft, &RevocationDraft::caller>("caller", "The same, by the user's `X-Bearerd-Caller`."),
    field<RevocationDraft, &RevocationDraft::key>("key", "All tokens signed with the key of this `kid`."),
    field<RevocationDraft, &RevocationDraft::issued_before>(
        "issuedBefore", "Only tokens issued before: of a user, or without one of the provider."),
    field<RevocationDraft, &RevocationDraft::until>("until", "When it ends; none: with its removal from the file."),
};

void warn_about_stranger(const Reader& entry, const Revocation& revocation, const std::vector<Provider>& providers) {
  const bool is_known = revocation.provider.empty() || std::ranges::any_of(providers, [&](const Provider& provider) {
                          return provider.name == revocation.provider;
                        });
  if (is_known) return;
  std::vector<std::string_view> known;
  known.reserve(providers.size());
  for (const Provider& provider : providers) known.push_back(provider.name);
  entry.warn("there is no provider " + base::json_string(revocation.provider) + ", so this revokes nothing" +
             suggestion(revocation.provider, known));
}

}  // namespace

template <>
std::span<const Field<RevocationDraft>> fields_of<RevocationDraft>() {
  return kFields;
}

std::vector<Revocation> read_revocations(const Reader& root, const std::vector<Provider>& providers) {
  std::vector<Revocation> revocations;
  if (!root.node.is_array()) {
    root.fault_kind("a list: [ {…}, … ]");
    return revocations;
  }
  for (const Node& element : root.node.elements) {
    const Reader entry = root.at(element);
    const std::size_t faults = entry.context.problems.fault_count();
    RevocationDraft draft;
    read_strictly(entry, draft);
    if (entry.context.problems.fault_count() != faults) continue;
    auto revocation = resolve(std::move(draft));
    if (!revocation) {
      entry.fault(revocation.error().text);
      continue;
    }
    warn_about_stranger(entry, *revocation, providers);
    revocations.push_back(std::move(*revocation));
  }
  return revocations;
}

Family revocation_family() { return describe_family("state.revocationsFile[]", RevocationDraft{}); }

}  // namespace bearerd::settings
