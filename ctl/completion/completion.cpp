#include "ctl/completion/completion.hpp"

#include <algorithm>
#include <ostream>
#include <vector>

#include "ctl/command_table.hpp"

namespace bearerd::ctl {
namespace {

using Words = std::vector<std::string>;

void add_new(Words& words, std::string word) {
  if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
}

std::string joined(const Words& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

std::string dashed(const Option& option) { return "--" + std::string(option.name); }

// Every option that takes what follows it away from the command's words.
Words value_options() {
  Words names;
  const auto add = [&](std::span<const Option> options) {
    for (const Option& option : options) {
      if (!option.value.empty()) add_new(names, dashed(option));
    }
  };
  add(common_options());
  for (const Command& command : all_commands()) add(command.options);
  return names;
}

Words first_words() {
  Words words;
  for (const Command& command : all_commands())
    add_new(words, std::string(command.name.substr(0, command.name.find(' '))));
  return words;
}

Words second_words(std::string_view first) {
  Words words;
  for (const Command& command : all_commands()) {
    if (command.name.starts_with(first) && command.name.substr(first.size()).starts_with(' '))
      words.emplace_back(command.name.substr(first.size() + 1));
  }
  return words;
}

Words to_words(const std::vector<std::string_view>& views) { return {views.begin(), views.end()}; }

// What a shell's script says to offer one of these, or a file.
struct Shell {
  std::string (*offer)(const Words& words);
  std::string files;
};

std::string offer_for(const Shell& shell, std::string_view value) {
  if (is_file(value)) return shell.files;
  const Words words = to_words(choices_of(value));
  return words.empty() ? ":" : shell.offer(words);
}

// `case "$command $previous"`: the values of options.
std::string value_cases(const Shell& shell) {
  std::string text;
  const auto add = [&](const std::string& pattern, const Option& option) {
    if (!option.value.empty()) text += "    " + pattern + ") " + offer_for(shell, option.value) + "; return ;;\n";
  };
  for (const Option& option : common_options()) add("*\" " + dashed(option) + '"', option);
  for (const Command& command : all_commands()) {
    for (const Option& option : command.options)
      add('"' + std::string(command.name) + ' ' + dashed(option) + '"', option);
  }
  return text;
}

std::string argument_cases(const Shell& shell) {
  std::string text;
  for (const Command& command : all_commands()) {
    const std::string offer = command.arguments.empty() ? ":" : offer_for(shell, command.arguments);
    if (offer != ":") text += "    \"" + std::string(command.name) + "\") " + offer + " ;;\n";
  }
  for (const std::string& first : first_words()) {
    const Words second = second_words(first);
    if (!second.empty()) text += "    \"+" + first + "\") " + shell.offer(second) + " ;;\n";
  }
  return text;
}

std::string option_cases(const Shell& shell) {
  std::string text;
  const auto words_of = [](std::span<const Option> options) {
    Words words;
    for (const Option& option : options) words.push_back(dashed(option));
    for (const Option& option : common_options()) words.push_back(dashed(option));
    return words;
  };
  for (const Command& command : all_commands())
    text += "      \"" + std::string(command.name) + "\") " + shell.offer(words_of(command.options)) + " ;;\n";
  return text + "      *) " + shell.offer(words_of({})) + " ;;\n";
}

Words command_names(bool of_two_words) {
  Words names;
  for (const Command& command : all_commands()) {
    if ((command.name.find(' ') != std::string_view::npos) == of_two_words)
      names.push_back('"' + std::string(command.name) + '"');
  }
  return names;
}

// Both shells read the words up to the cursor in the same way; `word(i)` is one of them.
std::string find_command_text(const std::string& loop, const std::string& word, const std::string& first,
                              const std::string& second) {
  return "  " + loop + "\n    case \"" + word + "\" in\n      " + joined(value_options(), "|") +
         ") ((i++)) ;;\n      -*|=) ;;\n      *) typed+=(\"" + word + "\") ;;\n    esac\n  done\n  case \"" + first +
         ' ' + second + "\" in\n    " + joined(command_names(true), "|") + ") command=\"" + first + ' ' + second +
         "\" ;;\n    *)\n      case \"" + first + "\" in\n        " + joined(command_names(false), "|") +
         ") command=\"" + first + "\" ;;\n        ?*) command=\"+" + first + "\" ;;\n      esac ;;\n  esac\n";
}

std::string offer_in_bash(const Words& words) {
  return "mapfile -t COMPREPLY < <(compgen -W \"" + joined(words, " ") + "\" -- \"$word\")";
}

std::string offer_in_zsh(const Words& words) { return "compadd -- " + joined(words, " "); }

}  // namespace

std::string bash_completion() {
  const Shell bash{offer_in_bash, "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$word\")"};
  return "# Written by bearerctl completion bash; belongs into /usr/share/bash-completion/completions/bearerctl.\n"
         "_bearerctl() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
         "  local -a typed=()\n"
         "  COMPREPLY=()\n"
         // "=" breaks words: --alg=RS are three.
         "  if [[ $previous == \"=\" ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "  if [[ $word == \"=\" ]]; then word=; fi\n" +
         find_command_text("for ((i = 1; i < COMP_CWORD; i++)); do", "${COMP_WORDS[i]}", "${typed[0]-}",
                           "${typed[1]-}") +
         "  case \"$command $previous\" in\n" + value_cases(bash) + "  esac\n  if [[ $word == -* ]]; then\n" +
         "    case $command in\n" + option_cases(bash) + "    esac\n    return\n  fi\n  case $command in\n" +
         argument_cases(bash) + "    \"\") " + offer_in_bash(first_words()) +
         " ;;\n  esac\n}\ncomplete -F _bearerctl bearerctl\n";
}

std::string zsh_completion() {
  const Shell zsh{offer_in_zsh, "_files"};
  return "#compdef bearerctl\n"
         "# Written by bearerctl completion zsh; belongs into a folder of $fpath, as _bearerctl.\n"
         "_bearerctl() {\n"
         "  local word=${words[CURRENT]} previous=${words[CURRENT-1]} command= i\n"
         "  local -a typed\n"
         "  if [[ $word == --*=* ]]; then previous=${word%%=*}; compset -P '*='; fi\n" +
         find_command_text("for ((i = 2; i < CURRENT; i++)); do", "${words[i]}", "${typed[1]-}", "${typed[2]-}") +
         "  case \"$command $previous\" in\n" + value_cases(zsh) + "  esac\n  if [[ $word == -* ]]; then\n" +
         "    case $command in\n" + option_cases(zsh) + "    esac\n    return\n  fi\n  case $command in\n" +
         argument_cases(zsh) + "    \"\") " + offer_in_zsh(first_words()) +
         " ;;\n  esac\n}\n"
         // Loaded by itself it is the function; sourced it has to be made known.
         "if [ \"$funcstack[1]\" = \"_bearerctl\" ]; then _bearerctl \"$@\"; else compdef _bearerctl bearerctl; fi\n";
}

int run_completion(const CommandLine& line, Output& output) {
  const std::string shell = line.arguments.empty() ? std::string() : line.arguments.front();
  if (shell != "bash" && shell != "zsh")
    return report_trouble("for which shell? Write: bearerctl completion bash|zsh", output);
  output.out << (shell == "bash" ? bash_completion() : zsh_completion());
  return kYes;
}

}  // namespace bearerd::ctl
