// Unit tests of a plugin without a daemon, by the daemon's own code: link bearerd::testing, or build the test with
// add_bearerd_plugin_test(). Signature, key and algorithm count as good; everything else is decided as in production.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bearerd/object.hpp"
#include "bearerd/testing_abi.h"

namespace bearerd::sdk::testing {

// What the daemon prints about an entry when it loads it.
struct Fault {
  std::string setting;  // the key inside the entry; empty: the entry itself
  std::string text;
};

struct Token {
  std::string claims;        // JSON
  std::string type = "JWT";  // the header's `typ`; empty: none
  std::string algorithm = "RS256";
  std::optional<std::int64_t> now;  // when it is asked about, in seconds; absent: now
  bool is_exact = false;            // true: no iss, aud, iat, exp is added where the claims lack them
};

struct Answer {
  std::string reason;  // a name of docs/reasons.md; "ok": allowed
  std::string user_id, name, email, project, session;
  std::vector<std::string> roles;
  [[nodiscard]] bool is_allowed() const noexcept { return reason == "ok"; }
};

// A plugin with one entry's settings. ask() may be called by many threads at once.
class Provider {
 public:
  // `settings`: the JSON object that stands behind the entry's name in identityProviders.
  Provider(std::string_view plugin_file, std::string_view settings) {
    const bearerd_bench_entry entry{sizeof entry, lend(plugin_file), lend(settings)};
    const bearerd_bench_faults faults{sizeof faults, this, &add_fault};
    bench_.reset(bearerd_bench_open(&entry, &faults));
  }
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  // False: the daemon would refuse the entry, and faults() says why.
  [[nodiscard]] bool is_loaded() const noexcept { return bench_ != nullptr; }
  [[nodiscard]] const std::vector<Fault>& faults() const noexcept { return faults_; }
  [[nodiscard]] const std::vector<Fault>& warnings() const noexcept { return warnings_; }
  // Whether one of them is about this key.
  [[nodiscard]] bool refuses(std::string_view setting) const noexcept { return is_about(faults_, setting); }
  [[nodiscard]] bool warns_about(std::string_view setting) const noexcept { return is_about(warnings_, setting); }

  // Throws std::logic_error when the entry was refused.
  [[nodiscard]] Answer ask(const Token& token) const {
    if (!is_loaded()) throw std::logic_error("the entry was refused: " + (faults_.empty() ? "" : faults_.front().text));
    const bearerd_bench_token lent{
        sizeof lent,           lend(token.claims),     token.type.empty() ? bearerd_text{} : lend(token.type),
        lend(token.algorithm), token.now.value_or(-1), token.is_exact ? 1U : 0U};
    Answer answer;
    bearerd_bench_ask(bench_.get(), &lent, &copy, &answer);
    return answer;
  }
  // What the provider's endpoint says to resolve() and enrich(); an endpoint without an answer is one that is down. Not
  // while another thread asks.
  void look_up(std::string_view url, std::string_view body, int status = 200) {
    if (is_loaded()) bearerd_bench_look_up(bench_.get(), lend(url), status, lend(body));
  }
  // A credential that is no JWT. Throws std::logic_error when the entry was refused.
  [[nodiscard]] Answer ask_opaque(std::string_view credential) const {
    if (!is_loaded()) throw std::logic_error("the entry was refused: " + (faults_.empty() ? "" : faults_.front().text));
    Answer answer;
    bearerd_bench_ask_opaque(bench_.get(), lend(credential), &copy, &answer);
    return answer;
  }
  [[nodiscard]] Answer ask(std::string claims) const {
    Token token;
    token.claims = std::move(claims);
    return ask(token);
  }

 private:
  struct Close {
    void operator()(bearerd_bench* bench) const noexcept { bearerd_bench_close(bench); }
  };
  static bool is_about(const std::vector<Fault>& faults, std::string_view setting) noexcept {
    for (const Fault& fault : faults) {
      if (fault.setting == setting) return true;
    }
    return false;
  }
  static void add_fault(void* context, bearerd_text setting, bearerd_text text, std::uint32_t is_warning) {
    auto& self = *static_cast<Provider*>(context);
    (is_warning != 0 ? self.warnings_ : self.faults_).push_back({std::string(view(setting)), std::string(view(text))});
  }
  static void copy(void* context, const bearerd_bench_answer* given) {
    auto& answer = *static_cast<Answer*>(context);
    answer.reason = view(given->reason);
    answer.user_id = view(given->user_id);
    answer.name = view(given->name);
    answer.email = view(given->email);
    answer.project = view(given->project);
    answer.session = view(given->session);
    for (std::size_t i = 0; i < given->role_count; ++i) answer.roles.emplace_back(view(given->roles[i]));
  }

  std::vector<Fault> faults_, warnings_;
  std::unique_ptr<bearerd_bench, Close> bench_;
};

}  // namespace bearerd::sdk::testing
