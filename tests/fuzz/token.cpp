// A token's bytes through everything that runs before and with a signature: nothing that a fuzzer finds may crash or be
// accepted.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jose/key.hpp"
#include "jose/signature.hpp"
#include "jose/token.hpp"
#include "jose/token_type.hpp"
#include "jose/validity.hpp"

namespace {

using namespace bearerd;

// The key of RFC 7515 appendix A.3, so that its example, a seed, goes all the way.
constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

void look_at(const jose::UnverifiedToken& token, const jose::KeySet& keys) {
  const auto lifetime = jose::read_lifetime(token.claims, {});
  if (lifetime) (void)jose::check_lifetime(*lifetime, {}, {});
  (void)jose::check_audience(token.claims, base::ClaimPath::from_text("aud"), {"ours"});
  if (token.header.type) (void)jose::is_foreign_token_type(*token.header.type);
  if (!token.header.algorithm) return;
  const jose::Candidates found = keys.find(token.header, *token.header.algorithm);
  for (std::size_t i = 0; i < found.count; ++i) {
    (void)jose::verify_signature(*token.header.algorithm, *found.keys[i], token.signing_input, token.signature);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const jose::KeySet keys = jose::parse_key_set(kKeys, jose::KeySetOrigin::kUrl)->keys;
  static jose::TokenParser parser;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const jose::Shape shape = jose::shape_of(text);
  const auto token = parser.parse(text);
  // What parses is a compact JWS by its shape too: both looks at a credential agree.
  if (token && shape != jose::Shape::kCompactJws) std::abort();
  if (token) look_at(*token, keys);
  return 0;
}
