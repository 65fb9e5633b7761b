#include "verify/identity.hpp"

#include <array>
#include <functional>
#include <initializer_list>
#include <utility>

#include "base/text.hpp"
#include "observe/user_key.hpp"
#include "settings/regex.hpp"
#include "state/state_key.hpp"

namespace bearerd::verify {
namespace {

const base::ClaimPath& literal(std::string_view name) {
  static const base::ClaimPath sub = base::ClaimPath::from_text("sub");
  static const base::ClaimPath name_claim = base::ClaimPath::from_text("name");
  static const base::ClaimPath email = base::ClaimPath::from_text("email");
  return name == "sub" ? sub : name == "name" ? name_claim : email;
}

std::string text_at(const jose::Claims& claims, const base::ClaimPath& path) {
  return std::string(claims.string_at(path).value_or(std::string_view{}));
}

// One member of the identity: the operator's path, else the plugin's value, else a common claim.
std::string choose(const jose::Claims& claims, const std::optional<base::ClaimPath>& configured, bool has_plugin_value,
                   std::string& plugin_value, const base::ClaimPath* common) {
  if (configured) return text_at(claims, *configured);
  if (has_plugin_value) return std::move(plugin_value);
  return common != nullptr ? text_at(claims, *common) : std::string{};
}

// A plugin that judges whether an address is its bearer's (email_verified, xms_edov) judges it for a path to that claim
// too: upstreams go by what stands in this header.
std::string choose_email(const jose::Claims& claims, const settings::Provider& settings, plugin::Identity& special) {
  const bool is_judged = special.has_email && settings.email_path == literal("email");
  return choose(claims, is_judged ? std::nullopt : settings.email_path, special.has_email, special.email,
                &literal("email"));
}

// A string is one role, or several when the settings give a delimiter; a list of strings is its strings; anything else
// none, and so is an empty string.
void collect_roles(const jose::Claims& claims, const base::ClaimPath& path, const settings::Regex* delimiter,
                   std::vector<std::string>& roles) {
  const bool is_text = claims.kind_at(path) == jose::ClaimKind::kString;
  const auto collect = [&](std::string_view value) {
    if (value.empty()) return true;
    if (!is_text || delimiter == nullptr) {
      roles.emplace_back(value);
      return true;
    }
    for (const std::string_view part : delimiter->split(value)) roles.emplace_back(part);
    return true;
  };
  claims.for_each_string(path, std::ref(collect));  // by reference: it is too large for a std::function's own room
}

// What the rules of routes look at. A claim of another shape is kept as one that is there and holds nothing.
void keep_claims(const jose::Claims& claims, const std::vector<access::NeededClaim>& needed,
                 std::vector<access::Claim>& kept) {
  for (const access::NeededClaim& each : needed) {
    if (claims.kind_at(each.path) == jose::ClaimKind::kMissing) continue;
    std::vector<std::string>& values = kept.emplace_back(access::Claim{each.name, {}}).values;
    claims.for_each_string(each.path, [&](std::string_view value) {
      values.emplace_back(value);
      return true;
    });
  }
}

void append_text_member(std::string& out, std::string_view member, std::string_view text) {
  out.append(",\"").append(member).append("\":\"");
  base::append_json_escaped(out, text);
  out += '"';
}

// The first of these claims that is a string.
void append_first_of(std::string& out, const jose::Claims& claims, std::initializer_list<std::string_view> names,
                     std::string_view member) {
  for (const std::string_view name : names) {
    if (const auto text = claims.string_of(name)) return append_text_member(out, member, *text);
  }
}

// Okta has a list in the place of the string (RFC 7662 §2.2), Okta and Entra another name.
void append_scope(std::string& out, const jose::Claims& claims) {
  for (const std::string_view name : {"scope", "scp"}) {
    std::string scope;
    claims.for_each_string(base::ClaimPath::from_text(name), [&](std::string_view value) {
      if (!scope.empty()) scope += ' ';
      scope += value;
      return true;
    });
    if (!scope.empty()) return append_text_member(out, "scope", scope);
  }
}

// RFC 7662 §2.2: what the answer to an introspection says besides who the bearer is.
std::string render_members(const jose::Claims& claims) {
  std::string out;
  append_first_of(out, claims, {"iss"}, "iss");
  append_scope(out, claims);
  append_first_of(out, claims, {"client_id", "azp", "cid", "appid"}, "client_id");
  append_first_of(out, claims, {"jti", "uti"}, "jti");
  std::vector<std::string> audiences;
  claims.for_each_string(base::ClaimPath::from_text("aud"), [&](std::string_view value) {
    audiences.emplace_back(value);
    return true;
  });
  for (std::size_t i = 0; i < audiences.size(); ++i) {
    out += i == 0 ? ",\"aud\":[\"" : "\",\"";
    base::append_json_escaped(out, audiences[i]);
  }
  if (!audiences.empty()) out += "\"]";
  for (const std::string_view name : {"exp", "iat", "nbf"}) {
    const auto date = claims.date_of(name);
    if (date && *date) out.append(",\"").append(name).append("\":").append(std::to_string((*date)->seconds));
  }
  return out;
}

// A path that the settings spell out; a default is not one.
std::optional<base::ClaimPath> configured(const settings::Provider& settings, std::string_view key,
                                          const std::optional<base::ClaimPath>& path) {
  return settings.where.contains(key) ? path : std::nullopt;
}

// Header values, one behind the other in one piece of memory.
class EncodedValues {
 public:
  explicit EncodedValues(const Identity& identity) {
    std::size_t size = identity.user_id.size() + identity.provider.size() + identity.user_key.size() +
                       identity.caller.size() + identity.project.size() + identity.email.size() + identity.name.size();
    for (const std::string& role : identity.roles) size += role.size() + 1;
    text_.reserve(size);
  }

  struct Value {
    std::size_t begin = 0, size = 0;
  };
  [[nodiscard]] Value add(std::string_view value) {
    const std::size_t begin = text_.size();
    base::append_header_encoded(text_, value, false);
    return {begin, text_.size() - begin};
  }
  [[nodiscard]] Value add_list(const std::vector<std::string>& values) {
    const std::size_t begin = text_.size();
    for (const std::string& value : values) {
      if (text_.size() != begin) text_ += ',';
      base::append_header_encoded(text_, value, true);
    }
    return {begin, text_.size() - begin};
  }
  [[nodiscard]] std::string_view text(Value value) const noexcept {
    return std::string_view(text_).substr(value.begin, value.size);
  }

 private:
  std::string text_;
};

}  // namespace

bool render_headers(Identity& identity, const settings::Verify& settings) {
  const settings::IdentityHeaderNames& names = settings.identity_headers;
  struct Line {
    const std::string* name;
    EncodedValues::Value value;
  };
  enum : std::size_t { kUser, kProvider, kUserKey, kCaller, kProject, kGroups, kEmail, kName, kLineCount };
  // In the order of what the upstream can least do without: what does not fit is left empty, from the end.
  EncodedValues values(identity);
  std::array<Line, kLineCount> lines{{{&names.user, values.add(identity.user_id)},
                                      {&names.provider, values.add(identity.provider)},
                                      {&names.user_key, values.add(identity.user_key)},
                                      {&names.caller, values.add(identity.caller)},
                                      {&names.project, values.add(identity.project)},
                                      {&names.groups, values.add_list(identity.roles)},
                                      {&names.email, values.add(identity.email)},
                                      {&names.name, values.add(identity.name)}}};
  constexpr std::size_t kSeparators = 4;  // ": " and CRLF
  constexpr std::string_view kOmitted = ": 1\r\n";
  std::size_t total = 0;
  for (const Line& line : lines) total += line.name->size() + kSeparators;
  // There has to be room to say that roles were left out.
  const std::size_t omitted_size = identity.roles.empty() ? 0 : names.groups_omitted.size() + kOmitted.size();
  bool has_omitted_groups = false;
  for (std::size_t i = 0; i < kLineCount; ++i) {
    const std::size_t kept_free = i < kGroups ? omitted_size : 0;
    if (total + lines[i].value.size + kept_free <= settings.max_identity_bytes) {
      total += lines[i].value.size;
      continue;
    }
    if (i == kUser) return false;  // an allow names its user
    lines[i].value = {};           // never cut: half an identity is another identity
    if (i != kGroups) continue;
    has_omitted_groups = true;
    total += omitted_size;
  }
  identity.headers.clear();
  identity.headers.reserve(total);
  identity.empty_headers.clear();
  for (const Line& line : lines) {
    identity.headers.append(*line.name).append(": ").append(values.text(line.value)).append("\r\n");
    if (line.value.size > 0) continue;
    if (!identity.empty_headers.empty()) identity.empty_headers += ',';
    identity.empty_headers += *line.name;
  }
  if (has_omitted_groups) identity.headers.append(names.groups_omitted).append(kOmitted);
  return true;
}

tl::expected<std::shared_ptr<const Identity>, base::Reason> build_identity(const runtime::Snapshot& snapshot,
                                                                           const runtime::Provider& provider,
                                                                           const jose::Header& header,
                                                                           const jose::Claims& claims,
                                                                           const plugin::Identity* enriched) {
  plugin::Identity special;
  if (provider.plugin != nullptr && !provider.plugin->identify(header, claims, special)) {
    return tl::make_unexpected(base::Reason::kInternal);
  }
  const settings::Provider& settings = provider.settings;
  auto identity = std::make_shared<Identity>();
  identity->provider = settings.name;
  identity->user_id = choose(claims, configured(settings, "userIdPath", settings.user_id_path), special.has_user_id,
                             special.user_id, &literal("sub"));
  if (identity->user_id.empty()) return tl::make_unexpected(base::Reason::kMissingClaim);
  identity->name = choose(claims, settings.display_name_path, special.has_name, special.name, &literal("name"));
  identity->email = choose_email(claims, settings, special);
  identity->project = choose(claims, settings.project_path, special.has_project, special.project, nullptr);
  if (special.has_session) identity->session = std::move(special.session);
  for (const base::ClaimPath& path : role_paths_for(settings, claims)) {
    collect_roles(claims, path, settings.roles_delimiter.get(), identity->roles);
  }
  if (settings.role_paths.empty() && special.has_roles) identity->roles = std::move(special.roles);
  if (enriched != nullptr)
    identity->roles.insert(identity->roles.end(), enriched->roles.begin(), enriched->roles.end());
  keep_claims(claims, snapshot.authorizer->needed_claims(), identity->claims);
  if (settings.logging_key) {
    if (const auto claim = claims.string_at(*settings.logging_key)) {
      identity->user_key = observe::user_key(settings.logging_salt, *claim);
    }
  }
  identity->caller = state::caller_key(snapshot.caller_secret, identity->provider, identity->user_id);
  if (!snapshot.settings->verify.introspection_clients.empty()) identity->introspection = render_members(claims);
  if (!render_headers(*identity, snapshot.settings->verify)) return tl::make_unexpected(base::Reason::kClaimRejected);
  return identity;
}

std::span<const base::ClaimPath> role_paths_for(const settings::Provider& provider,
                                                const jose::Claims& claims) noexcept {
  const auto& one = provider.role_list_path;
  if (!one) return provider.role_paths;
  const jose::ClaimKind kind = claims.kind_at(*one);
  const bool is_there = kind == jose::ClaimKind::kString || kind == jose::ClaimKind::kArray;
  // Roles don't stand in an object, so one path is meant; this token just has none of its roles.
  const bool leads_there = claims.kind_at(provider.role_paths.front()) == jose::ClaimKind::kObject;
  return is_there || leads_there ? std::span(&*one, 1) : std::span(provider.role_paths);
}

bool is_small_enough(const Identity& identity) noexcept {
  constexpr std::size_t kMaxBytes = 8 * 1024;
  std::size_t bytes = identity.headers.size() + identity.user_id.size() + identity.name.size() + identity.email.size() +
                      identity.project.size() + identity.introspection.size();
  for (const std::string& role : identity.roles) bytes += sizeof(std::string) + role.size();
  for (const access::Claim& claim : identity.claims) {
    bytes += sizeof(access::Claim) + claim.name.size();
    for (const std::string& value : claim.values) bytes += sizeof(std::string) + value.size();
  }
  return bytes <= kMaxBytes;
}

}  // namespace bearerd::verify
