// The keys of the demo issuer and the tokens that it signs: good ones, and any kind of bad one that a test asks for.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/algorithm.hpp"
#include "support/signer/signer.hpp"

namespace bearerd::test {

// Any thread. Throws std::exception with a text for the caller when a request can't be understood.
class Minter {
 public:
  explicit Minter(std::string issuer);

  // `request` is a JSON object, or empty. All of its members may be absent:
  //   claims    object, laid over the default claims; null removes one
  //   header    object, laid over the default header; null removes one
  //   payload   text, signed as it is instead of the claims: for JSON that no library would write
  //   alg       RS256 (default), ES256, …: an algorithm's first use makes its key and publishes it
  //   stranger  true: signed by another key under the published key's name
  //   tamper    "payload" or "signature": one character changed after signing
  [[nodiscard]] std::string mint(std::string_view request);

  // A fresh signing key for `algorithm`; the others stay published (overlap) or are dropped (hard cut). Gives the new
  // `kid`.
  std::string rotate(base::Algorithm algorithm, bool keeps_others);

  [[nodiscard]] std::string key_set() const;
  [[nodiscard]] std::vector<std::string> key_ids() const;
  [[nodiscard]] const std::string& issuer() const noexcept { return issuer_; }

 private:
  [[nodiscard]] TestKey signing_key(base::Algorithm algorithm);
  [[nodiscard]] TestKey stranger_of(const TestKey& key);
  [[nodiscard]] std::string fresh_key_id();

  const std::string issuer_;
  mutable std::mutex mutex_;
  std::vector<TestKey> published_;  // the newest first
  std::vector<TestKey> strangers_;
  unsigned made_ = 0;
};

}  // namespace bearerd::test
