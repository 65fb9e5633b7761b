// Makes what the manual pages have from tables: `manual bearerctl` the commands, `manual bearerd-settings` the
// settings. A page comes on standard input, and goes out with its line @TABLES@ replaced.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>

#include "ctl/command_table.hpp"
#include "ctl/help.hpp"
#include "settings/table.hpp"

namespace {

using bearerd::ctl::Command;
using bearerd::ctl::Option;

// As it is, where roff would see something of its own.
std::string verbatim(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  // At the beginning of a line these would be a request.
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

// Without Markdown's marks; of a link its words.
std::string prose(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_end_of_words = text[i] == ']' && text.substr(i + 1).starts_with('(');
    if (is_end_of_words) i = std::min(text.find(')', i), text.size() - 1);
    const bool is_mark =
        is_end_of_words || text[i] == '`' || (text[i] == '[' && text.find("](", i) != std::string_view::npos);
    if (!is_mark) out += text[i];
  }
  return verbatim(out);
}

void print_option(std::ostream& out, const Option& option) {
  out << ".TP\n\\fB" << verbatim("--" + std::string(option.name)) << "\\fR";
  if (!option.value.empty()) out << " \\fI" << verbatim(option.value) << "\\fR";
  out << '\n' << prose(option.help) << (option.is_repeatable ? "; may be given several times" : "") << ".\n";
}

void print_commands(std::ostream& out) {
  out << ".SH COMMANDS\n";
  for (const Command& command : bearerd::ctl::all_commands()) {
    out << ".SS " << verbatim(command.name);
    if (!command.arguments.empty()) out << " \\fI" << verbatim(command.arguments) << "\\fR";
    out << '\n' << prose(command.help) << ".\n";
    for (const Option& option : command.options) print_option(out, option);
  }
  out << ".SH OPTIONS OF EVERY COMMAND\n";
  for (const Option& option : bearerd::ctl::common_options()) print_option(out, option);
}

void print_family(std::ostream& out, const bearerd::settings::Family& family) {
  out << ".SS " << verbatim(family.path) << '\n';
  for (const auto& row : family.rows) {
    out << ".TP\n\\fB" << verbatim(row.name) << "\\fR\n" << prose(row.type) << (row.is_secret ? ", secret" : "");
    if (!row.default_value.empty()) out << "; default " << prose(row.default_value);
    out << (row.phase == bearerd::settings::Phase::kStart ? "; read at start only" : "") << ".\n.br\n"
        << prose(row.description) << '\n';
  }
}

void print_settings(std::ostream& out) {
  out << ".SH STATIC SETTINGS\n";
  for (const auto& family : bearerd::settings::static_families()) print_family(out, family);
  out << ".SH DYNAMIC SETTINGS\n";
  for (const auto& family : bearerd::settings::dynamic_families()) print_family(out, family);
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string_view, void (*)(std::ostream&)> pages{{"bearerctl", print_commands},
                                                                  {"bearerd-settings", print_settings}};
  const auto page = argc == 2 ? pages.find(argv[1]) : pages.end();
  if (page == pages.end()) {
    std::cerr << "usage: manual bearerctl|bearerd-settings < PAGE.in > PAGE\n";
    return 2;
  }
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "@TABLES@") {
      page->second(std::cout);
    } else {
      std::cout << line << '\n';
    }
  }
  return 0;
}
