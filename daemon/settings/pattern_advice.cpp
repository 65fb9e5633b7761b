#include "settings/pattern_advice.hpp"

#include "base/text.hpp"

namespace bearerd::settings {
namespace {

// Walks a pattern piece by piece, rewriting it on the way.
class HostWalk {
 public:
  explicit HostWalk(std::string_view pattern) : rest_(pattern) {}

  std::optional<std::string> run() {
    (void)take("^");
    if (!take_scheme()) return any_issuer();
    while (!rest_.empty() && step()) {
    }
    if (!has_wildcard_ && !has_bare_dot_) return std::nullopt;
    if (has_wildcard_ && !has_host_) return "this matches any host; name the host of the issuer";
    tighter_.append(rest_);
    const std::string what = has_wildcard_ ? "the host can be continued with another domain, as in " + example()
                                           : "a dot in the host that is not escaped stands for any character";
    return what + "; use " + base::json_string(tighter_);
  }

 private:
  bool take(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) return false;
    tighter_.append(text);
    rest_.remove_prefix(text.size());
    return true;
  }

  bool take_slash() { return take("\\/") || take("/"); }

  bool take_scheme() {
    const std::string_view before = rest_;
    if (take("https") && (take("?") || true) && (take(":") || take("\\:")) && take_slash() && take_slash()) return true;
    rest_ = before;
    return false;
  }

  // ".*" alone, or in front of everything else.
  std::optional<std::string> any_issuer() const {
    const std::string_view start = rest_.substr(0, 2);
    if (start != ".*" && start != ".+") return std::nullopt;
    return "this matches an issuer on any host; begin it with ^https:\\/\\/ and the host";
  }

  // One piece of the host; false at its end, or where we don't understand it.
  bool step() {
    const char c = rest_.front();
    if (c == '/' || c == '$' || rest_.substr(0, 2) == "\\/") return false;
    if (c == '.') return step_dot();
    if (c == '\\') return rest_.size() > 1 && is_punctuation(rest_[1]) && literal(2);
    return is_literal(c) && literal(1);
  }

  bool literal(std::size_t size) {
    host_.append(rest_.substr(size - 1, 1));
    has_host_ = true;
    return take(rest_.substr(0, size));
  }

  bool step_dot() {
    const char quantifier = rest_.size() > 1 ? rest_[1] : '\0';
    if (quantifier == '*' || quantifier == '+') return step_wildcard(quantifier);
    has_bare_dot_ = true;
    host_ += '.';
    tighter_ += "\\.";
    rest_.remove_prefix(1);
    return true;
  }

  bool step_wildcard(char quantifier) {
    has_wildcard_ = true;
    rest_.remove_prefix(rest_.substr(2, 1) == "?" ? 3 : 2);
    const bool ends_pattern = rest_.empty() || rest_ == "$";
    const bool ends_host = ends_pattern || rest_.front() == '/' || rest_.substr(0, 2) == "\\/";
    if (!ends_host || !has_host_) {
      tighter_ += std::string("[A-Za-z0-9.-]") + quantifier;
      return !ends_host;
    }
    if (ends_pattern) tighter_ += quantifier == '*' ? "(\\/.*)?" : "\\/.+";
    return false;
  }

  [[nodiscard]] std::string example() const { return "https://" + host_ + ".evil.example/"; }

  static bool is_literal(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == ':';
  }
  static bool is_punctuation(char c) { return c == '.' || c == '-' || c == '_' || c == ':'; }

  std::string_view rest_;
  std::string tighter_, host_;
  bool has_host_ = false, has_wildcard_ = false, has_bare_dot_ = false;
};

}  // namespace

std::optional<std::string> advise_on_issuer_pattern(std::string_view pattern) { return HostWalk(pattern).run(); }

}  // namespace bearerd::settings
