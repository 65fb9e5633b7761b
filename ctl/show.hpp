// The course of most commands: the daemon is asked, and what it answers is printed, or why there is no answer.
#pragma once

#include <Poco/JSON/Object.h>

#include <functional>
#include <string>
#include <tl/expected.hpp>

#include "ctl/commands.hpp"

namespace bearerd::ctl {

struct Call {
  std::string method, path, body = {};
};

// Prints an answer that is none to the question; the exit status.
using Refuse = std::function<int(const ApiAnswer& answer, Output& output)>;
using Print = std::function<void(const Poco::JSON::Object& answer, Output& output)>;

// A good answer, with its object; else the exit status, and why is printed.
[[nodiscard]] tl::expected<ApiAnswer, int> ask(const CommandLine& line, const Call& call, Output& output,
                                               const Refuse& refuse = report_refusal);

// As it came with --json, else by `print`.
void print_answer(const CommandLine& line, const ApiAnswer& answer, Output& output, const Print& print);

// Both, for commands whose exit status is yes with any good answer.
[[nodiscard]] int show(const CommandLine& line, const Call& call, Output& output, const Print& print,
                       const Refuse& refuse = report_refusal);

}  // namespace bearerd::ctl
