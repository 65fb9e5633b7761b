#include "sdk/check/command.hpp"

#include <filesystem>
#include <ostream>
#include <string>

#include "base/file.hpp"
#include "base/result.hpp"
#include "base/text.hpp"
#include "bearerd/plugin_abi.h"
#include "sdk/check/contract.hpp"
#include "sdk/check/report.hpp"

namespace bearerd::check {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::string_view kHelp =
    "usage: bearerd-plugin-check FILE.so [--settings FILE] [--claims FILE] [--type TYP] [--only CHECK] [--timeout "
    "SECONDS]\n"
    "       [--json]\n"
    "\n"
    "Loads a plugin of bearerd and holds it to the plugin ABI's contract, each check in a process of its own.\n"
    "\n"
    "  --settings FILE    JSON: the entry, as it stands behind its name in identityProviders\n"
    "  --claims FILE      JSON: claims of a token that must be let in with these settings\n"
    "  --type TYP         that token's header typ (default: JWT)\n"
    "  --only CHECK       this check and what it needs\n"
    "  --timeout SECONDS  for each check, 1 to 600 (default: 10)\n"
    "  --json             for machines\n"
    "  --version, --help\n"
    "\n"
    "exit status: 0 passed, 1 a check failed, 2 trouble (command line, unreadable file, settings are needed)\n";

// An issuer and an audience are what every entry has.
constexpr std::string_view kUsualSettings = R"({"issuer":"https://issuer.example","audience":"orders"})";
constexpr std::size_t kMaxFileBytes = 1U << 20U;
constexpr std::uint64_t kMaxSeconds = 600;

struct CommandLine {
  std::string file, settings_file, claims_file, only, type = "JWT";
  std::chrono::seconds timeout{10};
  bool wants_json = false, wants_help = false, wants_version = false;
};

class Parser {
 public:
  explicit Parser(std::span<const std::string_view> words) : words_(words) {}

  base::Result<CommandLine> parse() {
    while (next_ < words_.size()) {
      if (auto taken = take(words_[next_++]); !taken) return tl::make_unexpected(taken.error());
    }
    if (line_.file.empty() && !line_.wants_help && !line_.wants_version)
      return fail(ErrorCode::kInvalid, "which plugin? name its file");
    return line_;
  }

 private:
  base::Result<void> take(std::string_view word) {
    if (word == "--json") return set(line_.wants_json);
    if (word == "--help" || word == "-h") return set(line_.wants_help);
    if (word == "--version") return set(line_.wants_version);
    if (word == "--settings") return take_value(word, line_.settings_file);
    if (word == "--claims") return take_value(word, line_.claims_file);
    if (word == "--type") return take_value(word, line_.type);
    if (word == "--only") return take_only();
    if (word == "--timeout") return take_timeout();
    if (word.starts_with('-')) return fail(ErrorCode::kInvalid, "unknown option " + std::string(word));
    if (!line_.file.empty()) return fail(ErrorCode::kInvalid, "one plugin at a time");
    line_.file = word;
    return {};
  }

  static base::Result<void> set(bool& flag) {
    flag = true;
    return {};
  }

  base::Result<void> take_value(std::string_view option, std::string& value) {
    if (next_ == words_.size()) return fail(ErrorCode::kInvalid, std::string(option) + " needs a value");
    value = words_[next_++];
    return {};
  }

  base::Result<void> take_only() {
    if (auto taken = take_value("--only", line_.only); !taken) return taken;
    if (!is_check(line_.only)) return fail(ErrorCode::kInvalid, "there is no check " + line_.only);
    return {};
  }

  base::Result<void> take_timeout() {
    std::string text;
    if (auto taken = take_value("--timeout", text); !taken) return taken;
    const auto seconds = base::parse_decimal(text);
    if (!seconds || *seconds < 1 || *seconds > kMaxSeconds)
      return fail(ErrorCode::kInvalid, "--timeout is a number of seconds from 1 to 600");
    line_.timeout = std::chrono::seconds(*seconds);
    return {};
  }

  std::span<const std::string_view> words_;
  CommandLine line_;
  std::size_t next_ = 0;
};

base::Result<Subject> open_subject(const CommandLine& line) {
  Subject subject;
  const std::filesystem::path path(line.file);
  if (path.extension() != ".so") return fail(ErrorCode::kInvalid, line.file + ": a plugin is a file NAME.so");
  std::error_code trouble;
  if (!std::filesystem::is_regular_file(path, trouble)) return fail(ErrorCode::kNotFound, line.file + ": no such file");
  subject.file = line.file;
  subject.name = path.stem().string();
  subject.settings = kUsualSettings;
  subject.type = line.type;
  subject.only = line.only;
  subject.limit = line.timeout;
  if (!line.settings_file.empty()) {
    auto settings = base::read_file(line.settings_file, kMaxFileBytes);
    if (!settings) return tl::make_unexpected(settings.error());
    subject.settings = std::move(settings->bytes);
    subject.has_own_settings = true;
  }
  if (!line.claims_file.empty()) {
    auto claims = base::read_file(line.claims_file, kMaxFileBytes);
    if (!claims) return tl::make_unexpected(claims.error());
    subject.claims = std::move(claims->bytes);
  }
  return subject;
}

int refuse(std::ostream& err, const std::string& text) {
  err << "bearerd-plugin-check: " << ctl::printable(text) << "\nTry: bearerd-plugin-check --help\n";
  return kExitTrouble;
}

}  // namespace

int run(std::span<const std::string_view> words, std::ostream& out, std::ostream& err, const ctl::Look& look) {
  const auto line = Parser(words).parse();
  if (!line) return refuse(err, line.error().text);
  if (line->wants_help) {
    out << kHelp;
    return kExitPassed;
  }
  if (line->wants_version) {
    out << "bearerd-plugin-check " BEARERD_VERSION ", plugin ABI " << BEARERD_PLUGIN_ABI_MAJOR << '.'
        << BEARERD_PLUGIN_ABI_MINOR << '\n';
    return kExitPassed;
  }
  const auto subject = open_subject(*line);
  if (!subject) return refuse(err, subject.error().text);
  const Report report = check_contract(*subject);
  err << report.errors;
  out << (line->wants_json ? render_json(report) : render_table(report, look));
  if (report.has_failed()) return kExitFailed;
  return report.is_incomplete ? kExitTrouble : kExitPassed;
}

}  // namespace bearerd::check
