// Key sets as JSON, and keys as PEM: nothing crashes, and every key that is taken can be asked.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jose/key.hpp"
#include "jose/signature.hpp"

namespace {

using namespace bearerd;

void ask(const jose::KeySet& keys) {
  for (const base::Algorithm algorithm : keys.algorithms()) {
    const jose::Candidates found = keys.find({}, algorithm);
    if (found.count == 0) std::abort();
    (void)jose::verify_signature(algorithm, *found.keys[0], "input", {});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto origin : {jose::KeySetOrigin::kUrl, jose::KeySetOrigin::kFile}) {
    const auto parsed = jose::parse_key_set(text, origin);
    if (parsed) ask(parsed->keys);
    // RFC 8725 §3.1: no secret ever comes from a URL.
    if (!parsed || origin != jose::KeySetOrigin::kUrl) continue;
    for (const auto& key : parsed->keys.keys()) {
      if (key->type() == jose::KeyType::kSecret) std::abort();
    }
  }
  if (const auto keys = jose::parse_pem_keys(text)) ask(*keys);
  return 0;
}
