#include "app/command_line.hpp"

#include <getopt.h>

#include <array>

#include "app/version.hpp"

namespace bearerd::app {

base::Result<CommandLine> parse_command_line(int argc, char** argv) {
  enum : int { kConfigOption = 'c', kHelpOption = 'h', kVersionOption = 'V', kCheckOption = 256, kOnlineOption };
  static const std::array<option, 6> options{{{"config", required_argument, nullptr, kConfigOption},
                                              {"check", no_argument, nullptr, kCheckOption},
                                              {"online", no_argument, nullptr, kOnlineOption},
                                              {"version", no_argument, nullptr, kVersionOption},
                                              {"help", no_argument, nullptr, kHelpOption},
                                              {nullptr, 0, nullptr, 0}}};
  CommandLine line;
  ::opterr = 0;
  ::optind = 1;
  for (int option = 0; (option = ::getopt_long(argc, argv, ":c:hV", options.data(), nullptr)) != -1;) {
    switch (option) {
      case kConfigOption:
        line.config_file = ::optarg;
        break;
      case kCheckOption:
        line.is_check = true;
        break;
      case kOnlineOption:
        line.is_online = true;
        break;
      case kVersionOption:
        line.wants_version = true;
        break;
      case kHelpOption:
        line.wants_help = true;
        break;
      case ':':
        return base::fail(base::ErrorCode::kInvalid, std::string(argv[::optind - 1]) + " needs a value");
      default:
        return base::fail(base::ErrorCode::kInvalid, "unknown option " + std::string(argv[::optind - 1]));
    }
  }
  if (::optind < argc)
    return base::fail(base::ErrorCode::kInvalid, "unexpected argument " + std::string(argv[::optind]));
  if (line.is_online && !line.is_check) return base::fail(base::ErrorCode::kInvalid, "--online goes with --check");
  return line;
}

std::string usage() {
  return "usage: bearerd [--config FILE] [--check [--online]] [--version] [--help]\n"
         "\n"
         "  -c, --config FILE  static settings; else $BEARERD_SETTINGS, else $AIDIAL_SETTINGS,\n"
         "                     else /etc/bearerd/settings.json\n"
         "      --check        load everything, print every fault, open no port; exit 0 or 78\n"
         "      --online       with --check: try every discovery and key URL too\n"
         "  -V, --version      print the version\n"
         "  -h, --help         print this\n";
}

std::string version_line() { return std::string("bearerd ") + kVersion + " (" + kRevision + ")\n"; }

}  // namespace bearerd::app
