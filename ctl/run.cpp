#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "ctl/answer_text.hpp"
#include "ctl/api_client.hpp"
#include "ctl/command_table.hpp"
#include "ctl/help.hpp"

namespace bearerd::ctl {
namespace {

constexpr int kHttpForbidden = 403;

int refuse(Output& output, const std::string& text, const Command* command = nullptr) {
  output.err << "bearerctl: " << text << "\nTry: bearerctl " << (command ? std::string(command->name) + " " : "")
             << "--help\n";
  return kTrouble;
}

std::string_view first_word(std::string_view name) { return name.substr(0, name.find(' ')); }

// A command of two words wins: "token sign" is not "token" with an argument.
const Command* find_command(const std::vector<std::string>& words) {
  for (const Command& command : all_commands()) {
    if (words.size() > 1 && command.name == words[0] + ' ' + words[1]) return &command;
  }
  for (const Command& command : all_commands()) {
    if (!words.empty() && command.name == words[0]) return &command;
  }
  return nullptr;
}

// Of a line that can't be read whole: the first words that name one.
const Command* likely_command(std::span<const std::string_view> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto rest = words.subspan(i, std::min<std::size_t>(2, words.size() - i));
    if (const Command* command = find_command({rest.begin(), rest.end()})) return command;
  }
  return nullptr;
}

// The word that may have been meant, perhaps cut short; else all of them.
std::string advice(std::string_view word, std::span<const std::string_view> choices) {
  std::string all;
  for (const std::string_view choice : choices) {
    if (is_close(word, choice) || (word.size() > 4 && is_close(word, choice.substr(0, word.size() + 1))))
      return "; did you mean " + std::string(choice) + "?";
    all += (all.empty() ? "; it is one of " : ", ") + std::string(choice);
  }
  return all;
}

int refuse_command(Output& output, const std::vector<std::string>& words) {
  // What follows a group's name is not repeated: somebody may have typed a secret there.
  std::string group;
  for (const Command& command : all_commands()) {
    if (first_word(command.name) != words[0]) continue;
    group += (group.empty() ? "write: bearerctl " : " or ") + std::string(command.name);
  }
  if (!group.empty()) return refuse(output, group);
  const auto slips = [&](const Command& command) { return base::edit_distance(words[0], command.name); };
  const Command& nearest = *std::ranges::min_element(all_commands(), {}, slips);
  const bool is_meant = is_close(words[0], nearest.name);
  return refuse(output, "there is no command " + printable(words[0]) +
                            (is_meant ? "; did you mean " + std::string(nearest.name) + "?" : ""));
}

int run_command(const Command& command, CommandLine& line, Output& output) {
  const std::size_t own_words = command.name.find(' ') == std::string_view::npos ? 1 : 2;
  line.arguments.assign(line.words.begin() + static_cast<std::ptrdiff_t>(own_words), line.words.end());
  const std::string name = "bearerctl " + std::string(command.name);
  if (line.arguments.size() > command.max_arguments) {
    return refuse(output, name + " takes " + (command.max_arguments == 0 ? "no arguments" : "fewer arguments"),
                  &command);
  }
  for (const auto& [word, value] : line.options) {
    const Option* const option = find_option(command, word);
    if (option == nullptr) return refuse(output, name + " takes no --" + word, &command);
    const auto choices = choices_of(option->value);
    const bool is_known = choices.empty() || std::ranges::find(choices, value) != choices.end();
    if (!is_known)
      return refuse(output, "--" + word + " takes no " + printable(value) + advice(value, choices), &command);
  }
  return command.run(line, output);
}

}  // namespace

int report_trouble(const std::string& text, Output& output) {
  output.err << "bearerctl: " << text << '\n';
  return kTrouble;
}

int report_refusal(const ApiAnswer& answer, Output& output) {
  const std::string title = answer.object ? text_of(*answer.object, "title") : std::string();
  const std::string detail = answer.object ? text_of(*answer.object, "detail") : std::string();
  output.err << "bearerctl: the daemon refused (" << answer.status << "): " << title
             << (detail.empty() ? "" : ": " + detail) << '\n';
  if (answer.status == kHttpForbidden) {
    output.err << "become root, or a member of the group bearerd-admin (all calls) or bearerd-observe (to look only)\n";
  }
  return kTrouble;
}

int run(std::span<const std::string_view> words, std::string_view socket_variable, Output& output) {
  auto line = parse_command_line(words, socket_variable);
  if (!line) return refuse(output, line.error().text, likely_command(words));
  const Command* command = find_command(line->words);
  if (line->wants_help) {
    if (command == nullptr && !line->words.empty()) return refuse_command(output, line->words);
    command == nullptr ? print_help(output.out, output.look) : print_help(output.out, output.look, *command);
    return kYes;
  }
  if (line->wants_version) {
    output.out << "bearerctl " << BEARERD_VERSION << '\n';
    return kYes;
  }
  if (line->words.empty()) return refuse(output, "no command was given");
  if (command == nullptr) return refuse_command(output, line->words);
  return run_command(*command, *line, output);
}

}  // namespace bearerd::ctl
