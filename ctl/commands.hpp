// The subcommands: each asks the daemon, prints, and answers yes, no or trouble.
#pragma once

#include <iosfwd>

#include "base/timestamp.hpp"
#include "ctl/api_client.hpp"
#include "ctl/command_line.hpp"
#include "ctl/terminal.hpp"

namespace bearerd::ctl {

inline constexpr int kYes = 0, kNo = 1, kTrouble = 2;

struct Output {
  std::ostream& out;
  std::ostream& err;
  Look look;  // of `out`
};

// 0: ready, 1: not ready.
[[nodiscard]] int run_status(const CommandLine& line, Output& output);
// 0: applied or nothing to apply, 1: refused, with every problem on standard error.
[[nodiscard]] int run_reload(const CommandLine& line, Output& output);

// 0: printed.
[[nodiscard]] int run_usage(const CommandLine& line, Output& output);

// "key hash": an API key from standard input, or typed without being shown, to what the settings may hold in its place.
// Asks no daemon.
[[nodiscard]] int run_key_hash(const CommandLine& line, Output& output);
// The same for the one line of `in`.
[[nodiscard]] int hash_key(std::istream& in, const CommandLine& line, Output& output);

// "token sign": claims from options and a file, signed with a key from a file. Asks no daemon.
[[nodiscard]] int run_token_sign(const CommandLine& line, Output& output);
// "token decode": what a token says, from a file or standard input, without asking whether its signature is good. 1: it
// is no token that bearerd would take. Asks no daemon.
[[nodiscard]] int run_token_decode(const CommandLine& line, Output& output);
[[nodiscard]] int decode_token(std::string_view token, const CommandLine& line, base::Timestamp now, Output& output);
// "jwks from-pem": the JWK Set of public keys and certificates. Asks no daemon.
[[nodiscard]] int run_jwks_from_pem(const CommandLine& line, Output& output);

// 0: revoked, ended or accepted; 1: the daemon found nothing to do it to, or not as asked.
[[nodiscard]] int run_revoke(const CommandLine& line, Output& output);
// 0: printed.
[[nodiscard]] int run_revocations(const CommandLine& line, Output& output);

// 0: good, and nothing would change; 1: faults, or something would change; 2: trouble, or there is nothing to compare.
[[nodiscard]] int run_check(const CommandLine& line, Output& output);
// 0: allowed, 1: refused, 2: could not be decided.
[[nodiscard]] int run_explain(const CommandLine& line, Output& output);
// providers [NAME], refresh NAME, disable NAME, enable NAME. 1: there is none of this name, or the fetch failed.
[[nodiscard]] int run_providers(const CommandLine& line, Output& output);
[[nodiscard]] int run_refresh(const CommandLine& line, Output& output);
[[nodiscard]] int run_disable(const CommandLine& line, Output& output);
[[nodiscard]] int run_enable(const CommandLine& line, Output& output);
// plugins [NAME], plugin describe NAME. 1: none of this name is loaded.
[[nodiscard]] int run_plugins(const CommandLine& line, Output& output);
[[nodiscard]] int run_plugin_describe(const CommandLine& line, Output& output);
// 0: printed.
[[nodiscard]] int run_reloads(const CommandLine& line, Output& output);
[[nodiscard]] int run_settings(const CommandLine& line, Output& output);
// log-level LEVEL --seconds N. 1: not as asked.
// Of a status: from which level on is logged.
[[nodiscard]] std::string log_level_text(const Poco::JSON::Object& status);
[[nodiscard]] int run_log_level(const CommandLine& line, Output& output);
[[nodiscard]] int run_flush(const CommandLine& line, Output& output);
// 0: printed; 1: there is no such provider.
[[nodiscard]] int run_tail(const CommandLine& line, Output& output);
// For all commands that need recent decisions where none are kept: what to write, and where.
[[nodiscard]] std::string how_to_keep_decisions(const std::string& socket);
// For all commands that hand out faults of settings: each on a line of standard error. How many there are.
[[nodiscard]] std::size_t print_problems(const Poco::JSON::Object& answer, Output& output);

// For all commands: why nothing could be asked, or done.
[[nodiscard]] int report_trouble(const std::string& text, Output& output);
// For all commands: an answer that is no answer to the question (403, 404, 500). Prints what the daemon said.
[[nodiscard]] int report_refusal(const ApiAnswer& answer, Output& output);

// Everything that main() does.
[[nodiscard]] int run(std::span<const std::string_view> words, std::string_view socket_variable, Output& output);

}  // namespace bearerd::ctl
