#include "keys/canonical.hpp"

#include <algorithm>
#include <vector>

namespace bearerd::keys {
namespace {

// Root object, array, element: an object opened at this depth is a key.
constexpr int kKeyDepth = 3;
constexpr int kMemberDepth = 1;

class Scanner {
 public:
  void take(char c) {
    if (is_in_string_) return take_in_string(c);
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return;
    if (c == '"') {
      is_in_string_ = true;
      if (depth_ == kMemberDepth) member_.clear();
    }
    if (depth_ == kKeyDepth - 1 && c == '{') current_ = member_;
    if (c == '{' || c == '[') ++depth_;
    if (depth_ >= kKeyDepth) current_ += c;
    if (c != '}' && c != ']') return;
    if (depth_ == kKeyDepth) keys_.push_back(std::move(current_)), current_.clear();
    --depth_;
  }

  std::string sorted() {
    std::sort(keys_.begin(), keys_.end());
    std::string all;
    for (const std::string& key : keys_) all += key + "\n";
    return all;
  }

 private:
  void take_in_string(char c) {
    if (depth_ >= kKeyDepth) current_ += c;
    if (depth_ == kMemberDepth) member_ += c;
    if (is_escaped_) {
      is_escaped_ = false;
    } else if (c == '\\') {
      is_escaped_ = true;
    } else if (c == '"') {
      is_in_string_ = false;
    }
  }

  int depth_ = 0;
  bool is_in_string_ = false;
  bool is_escaped_ = false;
  std::string member_;  // in which array a key stands is part of what it is
  std::string current_;
  std::vector<std::string> keys_;
};

}  // namespace

std::string canonical_key_set(std::string_view json) {
  Scanner scanner;
  for (const char c : json) scanner.take(c);
  return scanner.sorted();
}

}  // namespace bearerd::keys
