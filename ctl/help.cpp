#include "ctl/help.hpp"

#include <algorithm>
#include <ostream>

namespace bearerd::ctl {
namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::size_t kMargin = 2;
constexpr std::size_t kWidestName = 28;
constexpr std::size_t kNarrowestHelp = 26;  // a path of ours has 24

// Texts are broken in a pipe, too.
Look with_width(const Look& look) { return {look.has_colours, look.width == 0 ? kUsualWidth : look.width}; }

struct Entry {
  std::string name;
  std::string_view help;
};

// Two columns; a name that is too wide for the first one has a line of its own, and so has every name where there is no
// room for two columns.
void print_entries(std::ostream& out, const Look& look, const std::vector<Entry>& entries) {
  std::size_t column = 0;
  for (const Entry& entry : entries) column = std::max(column, std::min(entry.name.size(), kWidestName));
  column += 2 * kMargin;
  const bool is_narrow = column + kNarrowestHelp > look.width;
  if (is_narrow) column = 2 * kMargin;
  for (const Entry& entry : entries) {
    std::string name = std::string(kMargin, ' ') + entry.name;
    if (is_narrow || name.size() + kMargin > column) {
      out << name << '\n';
      name.clear();
    }
    out << labelled(look, name, column, entry.help);
  }
}

std::vector<Entry> entries_of(std::span<const Option> options) {
  std::vector<Entry> entries;
  entries.reserve(options.size());
  for (const Option& option : options) entries.push_back({spelling(option), option.help});
  return entries;
}

std::string usage_of(const Command& command) {
  std::string text(command.name);
  if (!command.arguments.empty()) text += ' ' + std::string(command.arguments);
  return text;
}

}  // namespace

std::string spelling(const Option& option) {
  std::string text = "--" + std::string(option.name);
  if (!option.value.empty()) text += ' ' + std::string(option.value);
  return text;
}

void print_help(std::ostream& out, const Look& terminal) {
  const Look look = with_width(terminal);
  out << "usage: bearerctl COMMAND [OPTIONS]\n\ncommands:\n";
  std::vector<Entry> entries;
  entries.reserve(all_commands().size());
  for (const Command& command : all_commands()) entries.push_back({std::string(command.name), command.help});
  print_entries(out, look, entries);
  out << "\noptions of every command:\n";
  print_entries(out, look, entries_of(common_options()));
  out << '\n' << labelled(look, "", 0, "bearerctl COMMAND --help prints what a command takes.");
  out << labelled(
      look, "", 0,
      "exit status: 0 yes, 1 no (not ready, refused), 2 trouble (no daemon, no permission, bad command line)");
}

void print_help(std::ostream& out, const Look& terminal, const Command& command) {
  constexpr std::string_view kUsage = "usage: ";
  const Look look = with_width(terminal);
  out << labelled(look, kUsage, kUsage.size(), "bearerctl " + usage_of(command) + " [OPTIONS]") << '\n';
  out << labelled(look, "", 0, command.help);
  if (!command.options.empty()) out << "\noptions:\n";
  print_entries(out, look, entries_of(command.options));
  out << "\noptions of every command:\n";
  print_entries(out, look, entries_of(common_options()));
}

}  // namespace bearerd::ctl
