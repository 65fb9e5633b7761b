#include "ctl/command_line.hpp"

#include <algorithm>
#include <array>

namespace bearerd::ctl {
namespace {

// With a value; of revoke.
constexpr std::array<std::string_view, 8> kValueOptions{"jti", "session",       "subject", "caller",
                                                        "key", "issued-before", "until",   "end"};

constexpr std::string_view kDefaultSocket = "/run/bearerd/admin.sock";

class Parser {
 public:
  Parser(std::span<const std::string_view> words, CommandLine& line) : words_(words), line_(line) {}

  base::Result<void> parse() {
    while (next_ < words_.size()) {
      const std::string_view word = words_[next_++];
      const bool is_option = !are_options_over_ && word.size() > 1 && word.front() == '-';
      if (!is_option) {
        add_word(word);
      } else if (auto taken = take_option(word); !taken) {
        return taken;
      }
    }
    return {};
  }

 private:
  void add_word(std::string_view word) {
    if (line_.command.empty()) {
      line_.command = word;
    } else {
      line_.arguments.emplace_back(word);
    }
  }

  base::Result<void> take_option(std::string_view word) {
    constexpr std::string_view kSocketValue = "--socket=";
    if (word == "--") {
      are_options_over_ = true;
    } else if (word == "--accept-loss") {
      line_.accepts_loss = true;
    } else if (word == "--json") {
      line_.wants_json = true;
    } else if (word == "--help" || word == "-h") {
      line_.wants_help = true;
    } else if (word == "--version") {
      line_.wants_version = true;
    } else if (word.starts_with(kSocketValue)) {
      line_.socket = word.substr(kSocketValue.size());
    } else if (word == "--socket" && next_ < words_.size()) {
      line_.socket = words_[next_++];
    } else if (word == "--socket") {
      return base::fail(base::ErrorCode::kInvalid, "--socket needs a path");
    } else {
      return take_value_option(word);
    }
    return {};
  }

  // "--name VALUE" or "--name=VALUE".
  base::Result<void> take_value_option(std::string_view word) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view name =
        word.substr(std::min<std::size_t>(2, equals), equals - std::min<std::size_t>(2, equals));
    const bool is_known =
        word.starts_with("--") && std::find(kValueOptions.begin(), kValueOptions.end(), name) != kValueOptions.end();
    if (!is_known)
      return base::fail(base::ErrorCode::kInvalid, "unknown option " + std::string(word.substr(0, equals)));
    if (line_.options.contains(name)) {
      return base::fail(base::ErrorCode::kInvalid, "--" + std::string(name) + " is given twice");
    }
    if (equals < word.size()) {
      line_.options.emplace(name, word.substr(equals + 1));
    } else if (next_ < words_.size()) {
      line_.options.emplace(name, words_[next_++]);
    } else {
      return base::fail(base::ErrorCode::kInvalid, "--" + std::string(name) + " needs a value");
    }
    return {};
  }

  const std::span<const std::string_view> words_;
  CommandLine& line_;
  std::size_t next_ = 0;
  bool are_options_over_ = false;
};

}  // namespace

base::Result<CommandLine> parse_command_line(std::span<const std::string_view> words,
                                             std::string_view socket_variable) {
  CommandLine line;
  line.socket = socket_variable.empty() ? kDefaultSocket : socket_variable;
  if (auto parsed = Parser(words, line).parse(); !parsed) return tl::make_unexpected(parsed.error());
  // The daemon's settings write it like this, so people will paste it like this.
  if (line.socket.starts_with("unix:")) line.socket.erase(0, 5);
  return line;
}

}  // namespace bearerd::ctl
