#include "ctl/command_table.hpp"

#include <algorithm>
#include <array>

#include "base/algorithm.hpp"
#include "base/reason.hpp"
#include "base/text.hpp"
#include "ctl/completion/completion.hpp"
#include "ctl/integrate/integrate_command.hpp"
#include "ctl/integrate/snippet.hpp"

namespace bearerd::ctl {
namespace {

constexpr std::size_t kMany = 1000;

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

constexpr std::array<Option, 2> kCheck{{
    {"for", "PATH", "the file that FILE would stand for; without it, FILE is whole settings of its own"},
    {"against-recent", "", "say which of the last decisions would change; needs admin.recentDecisions"},
}};

constexpr std::array<Option, 4> kIntegrate{{
    {"verify", "ADDRESS", "where bearerd listens: unix:/path or host:port (default: what the daemon says)"},
    {"application", "ADDRESS", "what the proxy protects: host:port (default: 127.0.0.1:8080)"},
    {"port", "PORT", "where the proxy listens (default: 80)"},
    {"directory", "DIR", "write the files there instead of to standard output"},
}};

constexpr std::array<Option, 2> kJwksFromPem{{
    {"kid", "KID", "the name of the key; without it the thumbprint of RFC 7638"},
    {"alg", "ALGORITHM", "the only one that the keys are for"},
}};

constexpr std::array<Option, 17> kTokenSign{{
    {"key", "FILE", "the private key: PEM, or a JWK or JWK Set"},
    {"secret-file", "FILE", "the secret for HS256, HS384 or HS512, byte for byte"},
    {"alg", "ALGORITHM", "RS256, PS256, ES256, EdDSA, HS256 and so on (default: the key's own alg, else its type's)"},
    {"kid", "KID",
     "which key of a JWK Set; the header's kid (default: the JWK's, else, without --certificate, the thumbprint of RFC "
     "7638; empty: none)"},
    {"type", "TYPE", "the header's typ (default: JWT; empty: none)"},
    {"certificate", "FILE", "the key's certificate (PEM): its thumbprints go into the header"},
    {"thumbprint", "x5t|x5t#S256|both", "which thumbprint (default: both)"},
    {"issuer", "ISSUER", "iss"},
    {"subject", "SUBJECT", "sub"},
    {"audience", "AUDIENCE", "aud; several make a list", true},
    {"upn", "NAME", "upn, the user principal name"},
    {"expires-in", "SPAN", "exp, counted from iat: 300, 10m, 8h, 7d (default: 300 seconds)"},
    {"not-before", "TIME", "nbf: now, seconds since 1970, or RFC 3339"},
    {"issued-at", "TIME", "iat (default: now)"},
    {"jti", "ID", "jti (default: a random UUID; empty: none)"},
    {"claim", "NAME=TEXT", "a claim of your own; NAME:=JSON for what is no text", true},
    {"claims", "FILE", "more claims: a JSON object"},
}};

constexpr std::array<Option, 11> kExplain{{
    {"api-key", "", "the credential is an API key, not a token"},
    {"no-token", "", "ask without a credential"},
    {"endpoint", "verify|nginx|forward|envoy", "who asks (default: nginx with --uri, else verify)"},
    {"method", "METHOD", "of the protected request (default: GET)"},
    {"uri", "URI", "of the protected request"},
    {"host", "HOST", "of the protected request"},
    {"resource", "NAME", "the deployment, for the endpoint verify"},
    {"client-address", "ADDRESS", "where the client is, for API keys that are bound to addresses"},
    {"forwarded-for", "LIST", "in its place: X-Forwarded-For as the proxy sends it"},
    {"show-claims", "", "print what the token says, too; only for who has the right admin"},
    {"details", "", "print what was looked at for each check"},
}};

constexpr std::array<Option, 1> kLogLevel{{
    {"seconds", "NUMBER", "for how long; without it, until the next restart"},
}};

constexpr std::array<Option, 5> kTail{{
    {"last", "COUNT", "begin with so many that were before: 1 to 200 (default: 10)"},
    {"once", "", "print these, and wait for no more"},
    {"provider", "NAME", "only those of this provider; none and api_key, too"},
    {"reason", "REASON", "only those with this reason"},
    {"decision", "allow|deny|error", "only these"},
}};

// In the order of the alphabet. A shell offers what stands here, so a help is one short line.
constexpr std::array<Command, 24> kCommands{{
    {"check", "[FILE]", 1, "try settings without applying them", kCheck, &run_check},
    {"completion", "bash|zsh", 1, "what the shell needs to complete bearerctl's commands", {}, &run_completion},
    {"disable", "NAME", 1, "refuse a provider's tokens from now on, also after a restart", {}, &run_disable},
    {"enable", "NAME", 1, "take a provider's tokens again", {}, &run_enable},
    {"explain", "[FILE]", 1, "why a token, from a file or standard input, may do this or not", kExplain, &run_explain},
    {"flush", "", 0, "forget every verified token", {}, &run_flush},
    {"integrate", "PROXY", 1, "a configuration for apache, caddy, envoy, haproxy, nginx or traefik", kIntegrate,
     &run_integrate},
    {"jwks from-pem", "FILE…", kMany, "public keys and certificates to a JWK Set; - is standard input", kJwksFromPem,
     &run_jwks_from_pem},
    {"key hash", "", 0, "read an API key, print what the settings may hold in its place", {}, &run_key_hash},
    {"log-level", "[debug|info|notice|warning|error|reset]", 1,
     "log from another level on; alone, print the one in force", kLogLevel, &run_log_level},
    {"plugin describe",
     "NAME",
     1,
     "the keys that a plugin takes, with type, default and meaning",
     {},
     &run_plugin_describe},
    {"plugins", "[NAME]", 1, "which plugins are loaded, from where, for whom", {}, &run_plugins},
    {"providers", "[NAME]", 1, "readiness, keys, what is not checked", {}, &run_providers},
    {"refresh", "NAME", 1, "fetch a provider's keys now", {}, &run_refresh},
    {"reload", "", 0, "read the settings again; print what is wrong with them", {}, &run_reload},
    {"reloads", "", 0, "the last loads of the settings, and what was wrong with them", {}, &run_reloads},
    {"revocations", "", 0, "what is revoked by calls, and until when", {}, &run_revocations},
    {"revoke", "[PROVIDER]", 1, "refuse tokens that are good in themselves", kRevoke, &run_revoke},
    {"settings", "", 0, "the settings in force, secrets masked", {}, &run_settings},
    {"status", "", 0, "what runs, which providers are ready, what needs attention", {}, &run_status},
    {"tail", "", 0, "decisions as they are made; needs admin.recentDecisions", kTail, &run_tail},
    {"token decode",
     "[FILE]",
     1,
     "what a token says, from a file or standard input; not verified",
     {},
     &run_token_decode},
    {"token sign", "", 0, "make a token with a key from a file", kTokenSign, &run_token_sign},
    {"usage", "[CALLER]", 1, "what callers have used, and have left", {}, &run_usage},
}};

const Option* find_in(std::span<const Option> options, std::string_view name) noexcept {
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

std::vector<std::string_view> algorithm_names() {
  std::vector<std::string_view> names;
  names.reserve(base::kAlgorithmCount + 1);
  for (const base::Algorithm algorithm : base::all_algorithms()) names.push_back(base::name(algorithm));
  names.emplace_back("Ed25519");  // of RFC 9864, for EdDSA
  return names;
}

std::vector<std::string_view> reason_names() {
  std::vector<std::string_view> names;
  names.reserve(base::kReasonCount);
  for (const base::Reason reason : base::all_reasons()) names.push_back(base::name(reason));
  return names;
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

const Option* find_option(const Command& command, std::string_view name) noexcept {
  return find_in(command.options, name);
}

bool is_close(std::string_view word, std::string_view to) {
  constexpr std::size_t kMostSlips = 2;
  return base::edit_distance(word, to) <= std::min(kMostSlips, word.size() / 2);
}

std::string meant_option(std::string_view name) {
  const auto meant = [&](std::span<const Option> options) -> std::string {
    const auto found = std::ranges::find_if(options, [&](const Option& each) { return is_close(name, each.name); });
    return found == options.end() ? std::string() : "; did you mean --" + std::string(found->name) + "?";
  };
  std::string advice = meant(kCommon);
  for (const Command& command : kCommands) {
    if (advice.empty()) advice = meant(command.options);
  }
  return advice;
}

std::vector<std::string_view> choices_of(std::string_view value) {
  std::vector<std::string_view> words;
  value = without_brackets(value);
  if (value == "PROXY") return proxy_names();
  if (value == "ALGORITHM") return algorithm_names();
  if (value == "REASON") return reason_names();
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
