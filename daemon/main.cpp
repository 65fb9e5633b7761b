#include <unistd.h>

#include <cstdio>
#include <exception>

#include "app/check.hpp"
#include "app/command_line.hpp"
#include "app/daemon.hpp"
#include "app/exit_code.hpp"
#include "app/standard_descriptors.hpp"
#include "settings/load.hpp"

namespace {

int run(int argc, char** argv) {
  const auto line = bearerd::app::parse_command_line(argc, argv);
  if (!line) {
    std::fprintf(stderr, "bearerd: %s\n%s", line.error().text.c_str(), bearerd::app::usage().c_str());
    return bearerd::app::kUsage;
  }
  if (line->wants_help || line->wants_version) {
    std::fputs((line->wants_help ? bearerd::app::usage() : bearerd::app::version_line()).c_str(), stdout);
    return bearerd::app::kClean;
  }
  const bearerd::app::Environment environment = bearerd::app::read_environment(environ);
  const std::string config_file = bearerd::settings::find_config_file(line->config_file, environment);
  if (line->is_check) return bearerd::app::check_settings(config_file, environment, line->is_online);
  return bearerd::app::run_daemon(config_file, environment);
}

}  // namespace

int main(int argc, char** argv) {
  if (!bearerd::app::occupy_standard_descriptors()) return bearerd::app::kInternal;
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bearerd: internal error: %s\n", error.what());
    return bearerd::app::kInternal;
  }
}
