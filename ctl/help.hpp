// What bearerctl says about itself, made of the table of commands.
#pragma once

#include <iosfwd>
#include <string>

#include "ctl/command_table.hpp"

namespace bearerd::ctl {

void print_help(std::ostream& out, const Look& terminal);
void print_help(std::ostream& out, const Look& terminal, const Command& command);

// "--name VALUE", "--name".
[[nodiscard]] std::string spelling(const Option& option);

}  // namespace bearerd::ctl
