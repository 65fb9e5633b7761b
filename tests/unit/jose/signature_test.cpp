// Signatures: good ones pass, nothing else does.
#include "jose/signature.hpp"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <atomic>
#include <random>
#include <thread>

#include "jose/ecdsa_der.hpp"
#include "support.hpp"

namespace bearerd::jose {
namespace {

using base::Algorithm;
using base::Reason;
using test::TestKey;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

class EveryAlgorithm : public testing::TestWithParam<Algorithm> {
 protected:
  [[nodiscard]] bool verifies(std::string_view input, std::string_view signature) const {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(signature.data());
    return verify_signature(GetParam(), *keys_.keys()[0], input, {bytes, signature.size()});
  }

  const TestKey& key_ = key_for(GetParam());
  const KeySet keys_ = keys_of({key_});
  const std::string token_ = key_.sign(kPayload);
};

INSTANTIATE_TEST_SUITE_P(Signature, EveryAlgorithm, testing::ValuesIn(base::all_algorithms()),
                         [](const auto& test) { return std::string(base::name(test.param)); });

TEST_P(EveryAlgorithm, a_good_token_passes_again_and_again) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(outcome(token_, keys_), Reason::kOk);
}

TEST_P(EveryAlgorithm, a_good_token_passes_after_a_bad_one) {
  const std::string other = key_.sign("{}");
  const std::string bad = token_.substr(0, token_.rfind('.')) + other.substr(other.rfind('.'));
  EXPECT_EQ(outcome(bad, keys_), Reason::kBadSignature);
  EXPECT_EQ(outcome(token_, keys_), Reason::kOk);
}

// P-384 and P-521 cost a millisecond a try: fewer changes there.
TEST_P(EveryAlgorithm, any_changed_byte_of_a_valid_token_is_refused) {
  const bool is_slow = GetParam() == Algorithm::kEs384 || GetParam() == Algorithm::kEs512;
  std::mt19937 random(3);
  for (std::size_t place = 0; place < token_.size(); ++place) {
    std::string changes{kAlphabet[random() % 64]};
    if (!is_slow) changes += {kAlphabet[random() % 64], static_cast<char>(token_[place] ^ 1), '.', '=', '\0'};
    for (const char change : changes) {
      if (change == token_[place]) continue;
      std::string bad = token_;
      bad[place] = change;
      ASSERT_NE(outcome(bad, keys_), Reason::kOk) << "at " << place << " now " << change;
    }
  }
}

TEST_P(EveryAlgorithm, a_token_cut_or_extended_anywhere_is_refused) {
  for (std::size_t length = 0; length < token_.size(); ++length) {
    ASSERT_NE(outcome(token_.substr(0, length), keys_), Reason::kOk) << length;
  }
  for (const char c : kAlphabet) ASSERT_NE(outcome(token_ + c, keys_), Reason::kOk);
  for (const char* more : {"=", "==", " ", "\n", ".", ".AAAA", "%2E"})
    ASSERT_NE(outcome(token_ + more, keys_), Reason::kOk);
}

// Empty or short signature (CVE-2020-28042)
TEST_P(EveryAlgorithm, a_signature_of_another_length_is_refused) {
  const std::string input = "input";
  const std::string good = key_.signature_of(input);
  ASSERT_TRUE(verifies(input, good));
  EXPECT_FALSE(verifies(input, ""));
  for (std::size_t length : {std::size_t{1}, good.size() / 2, good.size() - 1}) {
    EXPECT_FALSE(verifies(input, good.substr(0, length)));
    EXPECT_FALSE(verifies(input, good.substr(good.size() - length)));
  }
  EXPECT_FALSE(verifies(input, good + '\0'));
  EXPECT_FALSE(verifies(input, '\0' + good));
  EXPECT_FALSE(verifies(input, good + good));
  EXPECT_FALSE(verifies(input, std::string(good.size(), '\0')));
  EXPECT_FALSE(verifies(input, std::string(good.size(), '\xFF')));
}

TEST_P(EveryAlgorithm, random_signatures_are_refused) {
  std::mt19937 random(4);
  const std::size_t size = key_.signature_of("x").size();
  for (int round = 0; round < 100; ++round) {
    std::string signature(size, '\0');
    for (char& c : signature) c = static_cast<char>(random());
    EXPECT_FALSE(verifies("input", signature));
  }
}

TEST_P(EveryAlgorithm, another_key_of_the_same_kind_does_not_verify) {
  const KeySet others = keys_of({TestKey::generate(GetParam(), key_.key_id())});
  EXPECT_EQ(outcome(token_, others), Reason::kBadSignature);
}

TEST_P(EveryAlgorithm, a_key_verifies_with_no_algorithm_outside_its_row) {
  for (const Algorithm other : base::all_algorithms()) {
    if (other == GetParam()) continue;
    EXPECT_FALSE(keys_.keys()[0]->can_verify(other));
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(token_.data());
    EXPECT_FALSE(verify_signature(other, *keys_.keys()[0], "input", {bytes, 64}));
  }
}

TEST_P(EveryAlgorithm, openssl_has_nothing_to_complain_about_afterwards) {
  EXPECT_FALSE(verifies("input", "short"));
  EXPECT_FALSE(verifies("input", std::string(key_.signature_of("x").size(), '\xFF')));
  EXPECT_EQ(ERR_peek_error(), 0UL);
}

TEST_P(EveryAlgorithm, an_empty_and_a_long_input_are_signed_like_any_other) {
  for (const std::string& input : {std::string(), std::string(100000, 'x')}) {
    EXPECT_TRUE(verifies(input, key_.signature_of(input)));
    EXPECT_FALSE(verifies(input + 'x', key_.signature_of(input)));
  }
}

TEST(Signature, rsa_padding_schemes_do_not_mix) {
  const TestKey& key = key_for(Algorithm::kRs256);
  const KeySet keys = keys_from(R"({"keys":[{)" + key.jwk_material() + R"(,"kid":"key-RS256"}]})");
  for (const Algorithm signed_with : {Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512, Algorithm::kPs256,
                                      Algorithm::kPs384, Algorithm::kPs512}) {
    const std::string signature = key.with_algorithm(signed_with).signature_of("input");
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(signature.data());
    for (const Algorithm claimed : keys.algorithms()) {
      EXPECT_EQ(verify_signature(claimed, *keys.keys()[0], "input", {bytes, signature.size()}), claimed == signed_with)
          << base::name(signed_with) << " as " << base::name(claimed);
    }
  }
}

TEST(Signature, a_pss_salt_of_another_length_is_refused) {
  const TestKey& key = key_for(Algorithm::kPs256);
  const KeySet keys = keys_of({key});
  for (const int salt : {0, 20, 31, 32, 33, 64}) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* parameters = nullptr;
    ASSERT_EQ(EVP_DigestSignInit(context, &parameters, EVP_sha256(), nullptr, key.native()), 1);
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, salt);
    std::vector<std::uint8_t> signature(256);
    std::size_t length = signature.size();
    ASSERT_EQ(EVP_DigestSign(context, signature.data(), &length, reinterpret_cast<const unsigned char*>("input"), 5),
              1);
    EVP_MD_CTX_free(context);
    EXPECT_EQ(verify_signature(Algorithm::kPs256, *keys.keys()[0], "input", signature), salt == 32) << salt;
  }
}

TEST(Signature, a_secret_too_short_for_the_hash_serves_no_mac_of_it) {
  const auto keys = make_secret_key_set(base::Secret(std::string(32, 's')));
  ASSERT_TRUE(keys);
  const TestKey key = TestKey::from_secret(Algorithm::kHs512, "", std::string(32, 's'));
  const std::string mac = key.signature_of("input");
  EXPECT_FALSE(verify_signature(Algorithm::kHs512, *keys->keys()[0], "input",
                                {reinterpret_cast<const std::uint8_t*>(mac.data()), mac.size()}));
}

TEST(Signature, retired_keys_are_never_mixed_up_with_new_ones) {
  // More keys than a thread keeps contexts for, made and dropped in turn.
  std::vector<TestKey> signers;
  for (int i = 0; i < 150; ++i) signers.push_back(TestKey::generate(Algorithm::kEdDsa, "same"));
  std::vector<std::string> tokens;
  for (const TestKey& signer : signers) tokens.push_back(signer.sign(kPayload));
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < signers.size(); ++i) {
      const KeySet keys = keys_of({signers[i]});
      EXPECT_EQ(outcome(tokens[i], keys), Reason::kOk);
      EXPECT_EQ(outcome(tokens[(i + 1) % tokens.size()], keys), Reason::kBadSignature);
    }
  }
}

TEST(Signature, many_threads_share_a_key) {
  std::vector<TestKey> signers;
  std::vector<std::string> tokens;
  for (const Algorithm algorithm : base::all_algorithms()) {
    signers.push_back(key_for(algorithm));
    tokens.push_back(signers.back().sign(kPayload));
  }
  const KeySet keys = keys_of(signers);
  std::atomic<int> surprises{0};
  std::vector<std::thread> threads;
  for (std::size_t first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      for (std::size_t i = 0; i < tokens.size() * 4; ++i) {
        const std::string& token = tokens[(i + first) % tokens.size()];
        std::string bad = token;
        bad[bad.size() - 10] = bad[bad.size() - 10] == 'A' ? 'B' : 'A';
        surprises += outcome(token, keys) == Reason::kOk ? 0 : 1;
        surprises += outcome(bad, keys) == Reason::kBadSignature ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(surprises, 0);
}

TEST(Signature, dear_algorithms_cost_more) {
  const auto cost = [](Algorithm algorithm) {
    return relative_cost(algorithm, *keys_of({key_for(algorithm)}).keys()[0]);
  };
  EXPECT_EQ(cost(Algorithm::kRs256), 1U);
  EXPECT_EQ(cost(Algorithm::kHs256), 1U);
  EXPECT_GT(cost(Algorithm::kEs256), 1U);
  EXPECT_GT(cost(Algorithm::kEs384), 10U);
  EXPECT_GT(cost(Algorithm::kEs512), 10U);
  const KeySet large = keys_of({TestKey::generate(Algorithm::kRs256, "large", 4096)});
  EXPECT_EQ(relative_cost(Algorithm::kRs256, *large.keys()[0]), 4U);
}

std::vector<std::uint8_t> bytes(std::initializer_list<unsigned> values) { return {values.begin(), values.end()}; }

TEST(EcdsaDer, integers_are_minimal_and_positive) {
  const auto order = bytes({0xFF, 0xFF, 0xFF, 0xF0});
  const auto der = ecdsa_der(bytes({0, 0, 0, 1, 0x80, 0, 0, 0}), order);
  ASSERT_TRUE(der);
  const auto expected = bytes({0x30, 10, 0x02, 1, 1, 0x02, 5, 0, 0x80, 0, 0, 0});
  EXPECT_EQ(std::vector(der->bytes().begin(), der->bytes().end()), expected);
}

TEST(EcdsaDer, both_halves_must_be_between_one_and_the_order) {
  const auto order = bytes({0xFF, 0xF0});
  EXPECT_TRUE(ecdsa_der(bytes({0, 1, 0xFF, 0xEF}), order));
  EXPECT_FALSE(ecdsa_der(bytes({0, 0, 0, 1}), order));
  EXPECT_FALSE(ecdsa_der(bytes({0, 1, 0, 0}), order));
  EXPECT_FALSE(ecdsa_der(bytes({0xFF, 0xF0, 0, 1}), order));
  EXPECT_FALSE(ecdsa_der(bytes({0, 1, 0xFF, 0xFF}), order));
  EXPECT_FALSE(ecdsa_der(bytes({1, 1, 1}), order));
  EXPECT_FALSE(ecdsa_der({}, order));
  EXPECT_FALSE(ecdsa_der({}, {}));
}

TEST(EcdsaDer, the_widest_signature_fits) {
  std::vector<std::uint8_t> order(66, 0xFF);
  std::vector<std::uint8_t> raw(132, 0xFE);
  const auto der = ecdsa_der(raw, order);
  ASSERT_TRUE(der);
  EXPECT_EQ(der->bytes().size(), 141U);
}

}  // namespace
}  // namespace bearerd::jose
