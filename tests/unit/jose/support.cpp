#include "support.hpp"

#include <map>

namespace bearerd::jose {

base::Reason outcome(std::string_view token, const KeySet& keys) {
  TokenParser parser;
  const auto parsed = parser.parse(token);
  if (!parsed) return parsed.error();
  if (!parsed->header.algorithm) return base::Reason::kAlgNotAllowed;
  const Candidates candidates = keys.find(parsed->header, *parsed->header.algorithm);
  if (candidates.is_named_key_unfit) return base::Reason::kAlgNotAllowed;
  if (candidates.count == 0) return base::Reason::kUnknownKey;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    if (verify_signature(*parsed->header.algorithm, *candidates.keys[i], parsed->signing_input, parsed->signature)) {
      return base::Reason::kOk;
    }
  }
  return base::Reason::kBadSignature;
}

KeySet keys_from(std::string_view json, KeySetOrigin origin) {
  const auto parsed = parse_key_set(json, origin);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed ? parsed->keys : KeySet();
}

KeySet keys_of(const std::vector<test::TestKey>& keys, KeySetOrigin origin) {
  return keys_from(test::key_set_json(keys), origin);
}

const test::TestKey& key_for(base::Algorithm algorithm) {
  static std::map<base::Algorithm, test::TestKey> made;
  const auto found = made.find(algorithm);
  if (found != made.end()) return found->second;
  const std::string name = "key-" + std::string(base::name(algorithm));
  return made.emplace(algorithm, test::TestKey::generate(algorithm, name)).first->second;
}

}  // namespace bearerd::jose
