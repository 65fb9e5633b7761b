#include "ctl/help.hpp"

#include <algorithm>
#include <ostream>

namespace bearerd::ctl {
namespace {

constexpr std::size_t kUsualWidth = 80;
constexpr std::size_t kMargin = 2;
constexpr std::size_t kWidestName = 28;
constexpr std::size_t kNarrowestHelp = 26;  // a path of ours has 24

// Words from `text` on lines of `width`, each but the first behind `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t used = indent;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    const bool is_first = out.empty();
    if (!is_first && used + 1 + word.size() > width) {
      out += '\n' + std::string(indent, ' ');
      used = indent;
    } else if (!is_first) {
      out += ' ';
      ++used;
    }
    out += word;
    used += word.size();
  }
  return out;
}

struct Entry {
  std::string name;
  std::string_view help;
};

// Two columns; a name that is too wide for the first one has a line of its own, and so has every name where there is no
// room for two columns.
void print_entries(std::ostream& out, const Look& look, const std::vector<Entry>& entries) {
  const std::size_t width = look.width == 0 ? kUsualWidth : look.width;
  std::size_t column = 0;
  for (const Entry& entry : entries) column = std::max(column, std::min(entry.name.size(), kWidestName));
  column += 2 * kMargin;
  const bool is_narrow = column + kNarrowestHelp > width;
  if (is_narrow) column = 2 * kMargin;
  for (const Entry& entry : entries) {
    out << std::string(kMargin, ' ') << entry.name;
    const std::size_t used = kMargin + entry.name.size() + kMargin;
    if (is_narrow || used > column) {
      out << '\n' << std::string(column, ' ');
    } else {
      out << std::string(column - used + kMargin, ' ');
    }
    out << wrapped(entry.help, column, width) << '\n';
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

void print_help(std::ostream& out, const Look& look) {
  const std::size_t width = look.width == 0 ? kUsualWidth : look.width;
  out << "usage: bearerctl COMMAND [OPTIONS]\n\ncommands:\n";
  std::vector<Entry> entries;
  entries.reserve(all_commands().size());
  for (const Command& command : all_commands()) entries.push_back({std::string(command.name), command.help});
  print_entries(out, look, entries);
  out << "\noptions of every command:\n";
  print_entries(out, look, entries_of(common_options()));
  out << '\n' << wrapped("bearerctl COMMAND --help prints what a command takes.", 0, width) << '\n';
  out << wrapped(
             "exit status: 0 yes, 1 no (not ready, refused), 2 trouble (no daemon, no permission, bad command line)", 0,
             width)
      << '\n';
}

void print_help(std::ostream& out, const Look& look, const Command& command) {
  const std::size_t width = look.width == 0 ? kUsualWidth : look.width;
  out << wrapped("usage: bearerctl " + usage_of(command) + " [OPTIONS]", kMargin, width) << "\n\n";
  out << wrapped(command.help, 0, width) << '\n';
  if (!command.options.empty()) out << "\noptions:\n";
  print_entries(out, look, entries_of(command.options));
  out << "\noptions of every command:\n";
  print_entries(out, look, entries_of(common_options()));
}

}  // namespace bearerd::ctl
