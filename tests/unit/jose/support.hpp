// What the tests of this layer share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/algorithm.hpp"
#include "base/reason.hpp"
#include "jose/key.hpp"
#include "jose/signature.hpp"
#include "jose/token.hpp"
#include "support/signer/signer.hpp"

namespace bearerd::base {

// Readable names in test output.
inline void PrintTo(Algorithm algorithm, std::ostream* out) { *out << name(algorithm); }
inline void PrintTo(Reason reason, std::ostream* out) { *out << name(reason); }

}  // namespace bearerd::base

namespace bearerd::jose {

// Where a token's way ends when it meets a key set; kOk: the signature is good.
[[nodiscard]] base::Reason outcome(std::string_view token, const KeySet& keys);
[[nodiscard]] KeySet keys_of(const std::vector<test::TestKey>& keys, KeySetOrigin origin = KeySetOrigin::kFile);
[[nodiscard]] KeySet keys_from(std::string_view json, KeySetOrigin origin = KeySetOrigin::kUrl);
// One key per algorithm for the whole program: RSA keys are slow to make.
[[nodiscard]] const test::TestKey& key_for(base::Algorithm algorithm);

inline constexpr std::string_view kPayload =
    R"({"iss":"https://issuer.example","sub":"user-1","aud":"ours","exp":1767229200,"iat":1767225600})";

}  // namespace bearerd::jose
