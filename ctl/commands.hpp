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
[[nodiscard]] int hash_key(std::istream& in, Output& output);

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

// For all commands: why nothing could be asked, or done.
[[nodiscard]] int report_trouble(const std::string& text, Output& output);
// For all commands: an answer that is no answer to the question (403, 404, 500). Prints what the daemon said.
[[nodiscard]] int report_refusal(const ApiAnswer& answer, Output& output);

// Everything that main() does.
[[nodiscard]] int run(std::span<const std::string_view> words, std::string_view socket_variable, Output& output);

}  // namespace bearerd::ctl
