#include "settings/identity_headers.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "settings/static_table.hpp"

namespace bearerd::settings {
namespace {

// RFC 9110 §7.6.1 and RFC 9112 §6: what ends a message, or holds for one connection only.
constexpr std::array<std::string_view, 6> kFraming{"connection", "transfer-encoding", "keep-alive",
                                                   "te",         "trailer",           "upgrade"};
constexpr std::array<std::string_view, 2> kFramingPrefixes{"proxy-", "content-"};

// Those that this daemon takes from the proxy, or answers with.
constexpr std::array<std::string_view, 11> kOurs{"authorization",
                                                 "api-key",
                                                 "host",
                                                 "date",
                                                 "cache-control",
                                                 "retry-after",
                                                 "www-authenticate",
                                                 "x-bearerd-status",
                                                 "x-bearerd-reason",
                                                 "x-bearerd-resource",
                                                 "x-request-id"};
constexpr std::array<std::string_view, 3> kOurPrefixes{"x-original-", "x-forwarded-", "x-envoy-"};
// Of those, what others before us named identities by.
constexpr std::array<std::string_view, 4> kIdentities{"x-forwarded-user", "x-forwarded-email", "x-forwarded-groups",
                                                      "x-forwarded-preferred-username"};

bool is_listed(const auto& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool begins_with_one_of(const auto& prefixes, std::string_view name) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace

std::string identity_header_fault(std::string_view name) {
  const std::string lower = base::to_lower(name);
  // CGI and its heirs read "_" and "-" as one, so a client's own header could stand in for ours.
  if (name.find('_') != std::string_view::npos)
    return R"(a header's name with "_" is dropped or confused on the way; use "-")";
  if (is_listed(kFraming, lower) || begins_with_one_of(kFramingPrefixes, lower)) {
    return "this header says how a message is framed or sent on; use a name of its own, such as X-Auth-Request-…";
  }
  const bool is_ours = is_listed(kOurs, lower) || begins_with_one_of(kOurPrefixes, lower);
  if (is_ours && !is_listed(kIdentities, lower)) {
    return "this header has a meaning of its own between proxy and bearerd; use a name such as X-Auth-Request-…";
  }
  return {};
}

void check_identity_headers_differ(const Reader& verify, const IdentityHeaderNames& names) {
  const Member* section = verify.node.find("identityHeaders");
  if (section == nullptr) return;
  const Reader reader = verify.at(*section);
  std::map<std::string, std::string_view> owners;
  for (const Field<IdentityHeaderNames>& each : fields_of<IdentityHeaderNames>()) {
    const std::string name = each.show(each.traits, names);
    const auto [owner, is_new] = owners.try_emplace(base::to_lower(name), each.name);
    if (is_new) continue;
    // One of the two was written; the other may be a default.
    const Member* written = reader.node.find(each.name);
    if (written == nullptr) written = reader.node.find(owner->second);
    const Reader at = written != nullptr ? reader.at(*written) : reader;
    at.fault(base::json_string(owner->second) + " and " + base::json_string(each.name) + " have the same name " + name);
  }
}

}  // namespace bearerd::settings
