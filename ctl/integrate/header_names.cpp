#include "ctl/integrate/header_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace bearerd::ctl {
namespace {

// The members of verify.identityHeaders, with their defaults.
constexpr std::array<std::pair<const char*, std::string_view>, 9> kHeaders{{
    {"user", "X-Auth-Request-User"},
    {"name", "X-Auth-Request-Name"},
    {"email", "X-Auth-Request-Email"},
    {"groups", "X-Auth-Request-Groups"},
    {"groupsOmitted", "X-Auth-Request-Groups-Omitted"},
    {"provider", "X-Auth-Request-Provider"},
    {"project", "X-Auth-Request-Project"},
    {"userKey", "X-Auth-Request-User-Key"},
    {"caller", "X-Bearerd-Caller"},
}};

// Each has two spellings.
constexpr std::ptrdiff_t kMostDashes = 5;

std::string with_underscores(std::string_view name) {
  std::string text = base::to_lower(name);
  std::ranges::replace(text, '-', '_');
  return text;
}

struct Spelling {
  std::string shipped, now;
};

std::vector<Spelling> all_spellings(const std::vector<RenamedHeader>& renamed) {
  std::vector<Spelling> all;
  for (const RenamedHeader& each : renamed) {
    all.push_back({std::string(each.shipped), each.now});
    all.push_back({base::to_lower(each.shipped), base::to_lower(each.now)});
    all.push_back({with_underscores(each.shipped), with_underscores(each.now)});
  }
  return all;
}

// A whole name stands at the beginning of `text`.
const Spelling* spelling_at(std::string_view text, const std::vector<Spelling>& spellings) {
  const auto found = std::ranges::find_if(spellings, [&](const Spelling& each) {
    if (!text.starts_with(each.shipped)) return false;
    const std::string_view rest = text.substr(each.shipped.size());
    return rest.empty() || !(base::is_alphanumeric(rest.front()) || rest.front() == '-' || rest.front() == '_');
  });
  return found != spellings.end() ? &*found : nullptr;
}

}  // namespace

base::Result<std::vector<RenamedHeader>> renamed_headers(const Poco::JSON::Object& settings) {
  std::vector<RenamedHeader> renamed;
  const auto verify = settings.getObject("verify");
  const auto names = verify ? verify->getObject("identityHeaders") : nullptr;
  if (!names)
    return base::fail(base::ErrorCode::kInternal, "the daemon does not say what its identity headers are called");
  for (const auto& [member, shipped] : kHeaders) {
    std::string now = names->optValue<std::string>(member, std::string(shipped));
    if (now == shipped) continue;
    if (!base::is_made_of(now, "-") || std::ranges::count(now, '-') > kMostDashes) {
      return base::fail(base::ErrorCode::kInvalid,
                        "verify.identityHeaders." + std::string(member) + " is " + now +
                            ", and snippets hold only names of letters, digits and at most five dashes");
    }
    renamed.push_back({shipped, std::move(now)});
  }
  return renamed;
}

// In one pass: a new name may be another's old one.
void rename_headers(std::string& text, const std::vector<RenamedHeader>& renamed) {
  const std::vector<Spelling> spellings = all_spellings(renamed);
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const Spelling* const spelling = spelling_at(rest, spellings);
    out += spelling != nullptr ? std::string_view(spelling->now) : rest.substr(0, 1);
    rest.remove_prefix(spelling != nullptr ? spelling->shipped.size() : 1);
  }
  text = std::move(out);
}

std::vector<std::string> spellings(const std::string& name) {
  std::vector<std::string> all{name};
  for (std::size_t at = name.find('-'); at != std::string::npos; at = name.find('-', at + 1)) {
    const std::size_t count = all.size();
    for (std::size_t i = 0; i < count; ++i) {
      std::string other = all[i];
      other[at] = '_';
      all.push_back(std::move(other));
    }
  }
  return all;
}

}  // namespace bearerd::ctl
