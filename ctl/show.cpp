#include "ctl/show.hpp"

#include <ostream>

namespace bearerd::ctl {

tl::expected<ApiAnswer, int> ask(const CommandLine& line, const Call& call, Output& output, const Refuse& refuse) {
  auto answer = call_api(line.socket, call.method, call.path, call.body);
  if (!answer) return tl::make_unexpected(report_trouble(answer.error().text, output));
  const bool is_good = answer->status >= 200 && answer->status < 300 && answer->object;
  if (!is_good) return tl::make_unexpected(refuse(*answer, output));
  return std::move(*answer);
}

void print_answer(const CommandLine& line, const ApiAnswer& answer, Output& output, const Print& print) {
  if (line.wants_json) {
    output.out << answer.text << '\n';
  } else {
    print(*answer.object, output);
  }
}

int show(const CommandLine& line, const Call& call, Output& output, const Print& print, const Refuse& refuse) {
  const auto answer = ask(line, call, output, refuse);
  if (!answer) return answer.error();
  print_answer(line, *answer, output, print);
  return kYes;
}

}  // namespace bearerd::ctl
