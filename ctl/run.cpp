#include <array>
#include <ostream>

#include "base/text.hpp"
#include "ctl/api_client.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl {
namespace {

struct Command {
  std::string_view name, help;
  int (*run)(const CommandLine&, Output&);
  std::size_t max_arguments = 0;
};

constexpr std::array<Command, 6> kCommands{{
    {"key", "hash: read an API key, print what the settings may hold instead", &run_key, 2},
    {"reload", "read the settings again; print what is wrong with them", &run_reload},
    {"revocations", "what is revoked by calls, and until when", &run_revocations},
    {"revoke", "PROVIDER WHAT, --end ID, --accept-loss: refuse tokens that are good in themselves", &run_revoke, 1},
    {"status", "what runs, which providers are ready, what needs attention", &run_status},
    {"usage", "[CALLER]: what callers have used, and have left", &run_usage, 1},
}};

constexpr int kHttpForbidden = 403;

void print_help(std::ostream& out) {
  out << "usage: bearerctl [--socket PATH] [--json] COMMAND\n\ncommands:\n";
  for (const Command& command : kCommands) {
    out << "  " << command.name << std::string(13 - command.name.size(), ' ') << command.help << '\n';
  }
  out << "\noptions:\n"
         "  --socket PATH  the daemon's admin socket (default: $BEARERCTL_SOCKET, else /run/bearerd/admin.sock)\n"
         "  --json         print the daemon's answer as it is\n"
         "  of revoke, WHAT is one of: --jti ID, --session ID, --subject USER, --caller KEY, --key KID, "
         "--issued-before "
         "TIME;\n                 the last one also beside --subject or --caller; TIME is RFC 3339, or now; --until "
         "TIME ends it\n"
         "  --version      print the version\n"
         "  --help         print this\n"
         "\nexit status: 0 yes, 1 no (not ready, reload refused), 2 trouble (no daemon, no permission, bad command "
         "line)\n";
}

int refuse(Output& output, const std::string& text) {
  output.err << "bearerctl: " << text << "\nTry: bearerctl --help\n";
  return kTrouble;
}

int refuse_command(Output& output, const std::string& name) {
  std::string text = "there is no command " + printable(name);
  for (const Command& command : kCommands) {
    if (base::edit_distance(command.name, name) <= 2) text += "; did you mean " + std::string(command.name) + "?";
  }
  return refuse(output, text);
}

}  // namespace

int report_trouble(const std::string& text, Output& output) {
  output.err << "bearerctl: " << text << '\n';
  return kTrouble;
}

int report_refusal(const ApiAnswer& answer, Output& output) {
  const std::string title = answer.object ? answer.object->optValue<std::string>("title", "") : std::string();
  output.err << "bearerctl: the daemon refused (" << answer.status << "): " << printable(title) << '\n';
  if (answer.status == kHttpForbidden) {
    output.err << "become root, or a member of the group bearerd-admin (all calls) or bearerd-observe (to look only)\n";
  }
  return kTrouble;
}

int run(std::span<const std::string_view> words, std::string_view socket_variable, Output& output) {
  const auto line = parse_command_line(words, socket_variable);
  if (!line) return refuse(output, line.error().text);
  if (line->wants_help) {
    print_help(output.out);
    return kYes;
  }
  if (line->wants_version) {
    output.out << "bearerctl " << BEARERD_VERSION << '\n';
    return kYes;
  }
  if (line->command.empty()) return refuse(output, "no command was given");
  for (const Command& command : kCommands) {
    if (command.name != line->command) continue;
    if (line->arguments.size() > command.max_arguments) return refuse(output, line->command + " takes fewer arguments");
    const bool has_options_of_revoke = line->accepts_loss || !line->options.empty();
    if (has_options_of_revoke && command.run != &run_revoke)
      return refuse(output, line->command + " takes other options");
    return command.run(*line, output);
  }
  return refuse_command(output, line->command);
}

}  // namespace bearerd::ctl
