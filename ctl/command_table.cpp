#include "ctl/command_table.hpp"

#include <algorithm>
#include <array>

namespace bearerd::ctl {
namespace {

constexpr std::array<Option, 4> kCommon{{
    {"socket", "PATH", "the daemon's admin socket (default: $BEARERCTL_SOCKET, else /run/bearerd/admin.sock)"},
    {"json", "", "print the answer for machines, as it is"},
    {"help", "", "print what a command does and takes"},
    {"version", "", "print the version"},
}};

constexpr std::array<Option, 9> kRevoke{{
    {"jti", "ID", "the token with this jti"},
    {"session", "ID", "the tokens of this session (sid, origin_jti)"},
    {"subject", "USER", "the tokens of this user"},
    {"caller", "KEY", "the tokens of this X-Bearerd-Caller"},
    {"key", "KID", "the tokens signed with this key"},
    {"issued-before", "TIME", "the tokens issued before this: RFC 3339, or now; also beside --subject or --caller"},
    {"until", "TIME", "when the revocation ends by itself"},
    {"end", "ID", "end this revocation, as bearerctl revocations prints it"},
    {"accept-loss", "", "go on without the revocations that could not be read"},
}};

// In the order of the alphabet. A shell offers what stands here, so a help is one short line.
constexpr std::array<Command, 6> kCommands{{
    {"key hash", "", 0, "read an API key, print what the settings may hold in its place", {}, &run_key_hash},
    {"reload", "", 0, "read the settings again; print what is wrong with them", {}, &run_reload},
    {"revocations", "", 0, "what is revoked by calls, and until when", {}, &run_revocations},
    {"revoke", "[PROVIDER]", 1, "refuse tokens that are good in themselves", kRevoke, &run_revoke},
    {"status", "", 0, "what runs, which providers are ready, what needs attention", {}, &run_status},
    {"usage", "[CALLER]", 1, "what callers have used, and have left", {}, &run_usage},
}};

const Option* find_in(std::span<const Option> options, std::string_view name) noexcept {
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

std::string_view without_brackets(std::string_view value) noexcept {
  if (value.starts_with('[') && value.ends_with(']')) return value.substr(1, value.size() - 2);
  return value;
}

}  // namespace

std::span<const Command> all_commands() noexcept { return kCommands; }
std::span<const Option> common_options() noexcept { return kCommon; }

const Option* find_option(std::string_view name) noexcept {
  if (const Option* found = find_in(kCommon, name)) return found;
  for (const Command& command : kCommands) {
    if (const Option* found = find_in(command.options, name)) return found;
  }
  return nullptr;
}

bool takes(const Command& command, std::string_view option) noexcept {
  return find_in(kCommon, option) != nullptr || find_in(command.options, option) != nullptr;
}

std::vector<std::string_view> choices_of(std::string_view value) {
  std::vector<std::string_view> words;
  value = without_brackets(value);
  if (value.find('|') == std::string_view::npos) return words;
  while (!value.empty()) {
    const std::size_t bar = std::min(value.find('|'), value.size());
    words.push_back(value.substr(0, bar));
    value.remove_prefix(std::min(bar + 1, value.size()));
  }
  return words;
}

bool is_file(std::string_view value) noexcept {
  value = without_brackets(value);
  return value.starts_with("FILE") || value == "PATH";
}

}  // namespace bearerd::ctl
