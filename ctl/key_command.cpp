#include <Poco/SHA2Engine.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>
#include <sstream>
#include <string>

#include "base/secret.hpp"
#include "ctl/commands.hpp"

namespace bearerd::ctl {
namespace {

// What is typed does not show; as it was before at the end.
class HiddenTyping {
 public:
  HiddenTyping() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_hidden_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  ~HiddenTyping() {
    if (is_hidden_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  HiddenTyping(const HiddenTyping&) = delete;
  HiddenTyping& operator=(const HiddenTyping&) = delete;

 private:
  termios before_{};
  bool is_hidden_ = false;
};

std::string sha256_hex(std::string_view text) {
  Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
  engine.update(text.data(), text.size());
  return Poco::DigestEngine::digestToHex(engine.digest());
}

// Why no request could bring this key, empty when one could.
std::string fault_of(std::string_view key) {
  if (key.empty()) return "there is no key on standard input";
  if (key.front() == ' ' || key.front() == '\t' || key.back() == ' ' || key.back() == '\t')
    return "the key begins or ends with a space, and a header loses it on the way";
  for (const char c : key) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "the key holds a control character";
  }
  return {};
}

}  // namespace

int hash_key(std::istream& in, const CommandLine& line, Output& output) {
  std::string key;
  std::getline(in, key);
  if (key.ends_with('\r')) key.pop_back();
  std::string fault = fault_of(key);
  if (fault.empty() && in && in.peek() != std::istream::traits_type::eof()) fault = "there is more than one line";
  if (fault.empty()) {
    const std::string hash = "sha256:" + sha256_hex(key);
    output.out << (line.wants_json ? "{\"hash\":\"" + hash + "\"}" : hash) << '\n';
  }
  base::wipe(key);
  if (fault.empty()) return kYes;
  return report_trouble(fault, output);
}

// Never the key as an argument: everybody on the machine could read it in the list of processes.
int run_key_hash(const CommandLine& line, Output& output) {
  if (::isatty(STDIN_FILENO) != 1) return hash_key(std::cin, line, output);
  const HiddenTyping hidden;
  output.err << "API key: " << std::flush;
  std::string typed;
  std::getline(std::cin, typed);
  output.err << '\n';
  std::istringstream one_line(typed);
  base::wipe(typed);
  return hash_key(one_line, line, output);
}

}  // namespace bearerd::ctl
