#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.hpp"
#include "http/admin_check.hpp"
#include "http/admin_control.hpp"
#include "http/admin_decisions.hpp"
#include "http/admin_explain.hpp"

namespace {

using namespace bearerd;

void require(bool holds) {
  if (!holds) std::abort();
}

// A refusal is sent as JSON, so it has to be text whatever it quotes.
template <class Parsed>
bool is_taken(const Parsed& parsed) {
  if (!parsed) require(!parsed.error().text.empty() && base::is_utf8(parsed.error().text));
  return parsed.has_value();
}

}  // namespace

// The same bytes as the body or the query of each call that has one and no target of its own: what is accepted keeps to
// its bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto wish = http::parse_explain(text); is_taken(wish)) {
    require(wish->credential.empty() == (wish->kind == verify::CredentialKind::kNone));
    require(base::is_utf8(wish->uri) && base::is_utf8(wish->method));
  }
  if (const auto wish = http::parse_check(text); is_taken(wish)) {
    for (const auto& [path, content] : wish->trial.files) require(path.starts_with('/'));
  }
  if (const auto wish = http::parse_log_level_wish(text); is_taken(wish))
    require(!wish->duration || (wish->duration->count() >= 1 && wish->duration->count() <= 86'400));
  if (const auto wish = http::parse_decisions_wish(text); is_taken(wish))
    require(wish->limit >= 1 && wish->limit <= http::kMostDecisions);
  return 0;
}
