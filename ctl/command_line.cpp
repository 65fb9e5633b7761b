#include "ctl/command_line.hpp"

#include <algorithm>
#include <utility>

#include "ctl/command_table.hpp"

namespace bearerd::ctl {
namespace {

constexpr std::string_view kDefaultSocket = "/run/bearerd/admin.sock";

class Parser {
 public:
  Parser(std::span<const std::string_view> words, CommandLine& line) : words_(words), line_(line) {}

  base::Result<void> parse() {
    while (next_ < words_.size()) {
      const std::string_view word = words_[next_++];
      const bool is_option = !are_options_over_ && word.size() > 1 && word.front() == '-';
      if (!is_option) {
        line_.words.emplace_back(word);
      } else if (word == "--") {
        are_options_over_ = true;
      } else if (auto taken = take_option(word == "-h" ? "--help" : word); !taken) {
        return taken;
      }
    }
    return {};
  }

 private:
  // "--name", "--name VALUE" or "--name=VALUE".
  base::Result<void> take_option(std::string_view word) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view dashed = word.substr(0, equals);
    const Option* option = dashed.starts_with("--") ? find_option(dashed.substr(2)) : nullptr;
    // Never what stands behind the name: it may be a secret.
    if (option == nullptr)
      return refuse("unknown option " + std::string(dashed) +
                    meant_option(dashed.substr(std::min(dashed.find_first_not_of('-'), dashed.size()))));
    const bool has_value = equals < word.size();
    if (option->value.empty()) {
      if (has_value) return refuse(std::string(dashed) + " takes no value");
      return keep(*option, {});
    }
    if (has_value) return keep(*option, word.substr(equals + 1));
    if (next_ == words_.size()) return refuse(std::string(dashed) + " needs a value: " + std::string(option->value));
    return keep(*option, words_[next_++]);
  }

  base::Result<void> keep(const Option& option, std::string_view value) {
    if (option.name == "json") {
      line_.wants_json = true;
    } else if (option.name == "help") {
      line_.wants_help = true;
    } else if (option.name == "version") {
      line_.wants_version = true;
    } else if (option.name == "socket") {
      line_.socket = value;
    } else if (line_.has(option.name) && !option.is_repeatable) {
      return refuse("--" + std::string(option.name) + " is given twice");
    } else {
      line_.options.emplace(option.name, value);
    }
    return {};
  }

  static base::Result<void> refuse(std::string text) { return base::fail(base::ErrorCode::kInvalid, std::move(text)); }

  const std::span<const std::string_view> words_;
  CommandLine& line_;
  std::size_t next_ = 0;
  bool are_options_over_ = false;
};

}  // namespace

std::optional<std::string> CommandLine::option(std::string_view name) const {
  const auto found = options.find(name);
  if (found == options.end()) return std::nullopt;
  return found->second;
}

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
