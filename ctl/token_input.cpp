#include "ctl/token_input.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <string>

#include "base/file.hpp"
#include "base/text.hpp"

namespace bearerd::ctl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Secret;

constexpr std::size_t kMaxBytes = 64 * 1024;

Secret take(std::string& text) {
  Secret secret(text);
  base::wipe(text);
  return secret;
}

tl::unexpected<base::Error> unreadable(const std::string& name, int error) {
  return fail(ErrorCode::kUnavailable, "cannot read " + name + ": " + base::system_error_text(error));
}

Result<Secret> read_all(std::istream& in, const std::string& name) {
  std::string text(kMaxBytes + 1, '\0');  // at once: what a string grows out of is not wiped
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  const int error = errno;
  text.resize(static_cast<std::size_t>(in.gcount()));
  Secret secret = take(text);
  if (in.bad()) return unreadable(name, error);
  if (secret.size() > kMaxBytes) return fail(ErrorCode::kTooLarge, "this is longer than any token that bearerd takes");
  return secret;
}

// Not base::read_file: a shell's <(…) is a pipe.
Result<Secret> read_path(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const int error = errno;
  if (in) return read_all(in, printable(path));
  if (!path.starts_with("eyJ")) return unreadable(printable(path), error);
  return fail(ErrorCode::kInvalid,
              "a token is read from a file or standard input: in the list of processes all could read it");
}

Result<Secret> read_line(std::istream& in) {
  std::string text;
  std::getline(in, text);
  return take(text);
}

}  // namespace

Result<Secret> read_token(const CommandLine& line, Output& output) {
  if (!line.arguments.empty() && line.arguments.front() != "-") return read_path(line.arguments.front());
  if (::isatty(STDIN_FILENO) != 1) return read_all(std::cin, "standard input");
  output.err << "token: " << std::flush;
  return read_line(std::cin);
}

std::string_view without_space(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string_view bare_token(std::string_view text) {
  constexpr std::string_view kScheme = "bearer";
  text = without_space(text);
  const std::string_view rest = text.substr(std::min(kScheme.size(), text.size()));
  const bool has_scheme =
      base::equals_ignoring_case(text.substr(0, kScheme.size()), kScheme) && (rest.empty() || rest.front() == ' ');
  return has_scheme ? without_space(rest) : text;
}

}  // namespace bearerd::ctl
