#include "jose/signing_key.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <memory>

#include "jose/thumbprint.hpp"
#include "support.hpp"

namespace bearerd::jose {
namespace {

using base::Algorithm;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kInput = "eyJhbGciOiJub25lIn0.e30";

std::string encrypted_pem(const test::TestKey& key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.native(), EVP_aes_128_cbc(), "pass", 4, nullptr, nullptr), 1);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

base::Result<SigningKey> signing_key(const test::TestKey& key) {
  if (base::is_symmetric(key.algorithm())) return SigningKey::from_secret(base::Secret(key.secret()));
  return SigningKey::from_pem(base::Secret(key.private_pem()));
}

TEST(SigningKey, what_it_signs_is_good_for_the_verifier_of_the_daemon_with_each_algorithm) {
  for (const Algorithm algorithm : base::all_algorithms()) {
    SCOPED_TRACE(base::name(algorithm));
    const auto key = signing_key(key_for(algorithm));
    ASSERT_TRUE(key) << key.error().text;
    const auto signature = key->sign(algorithm, kInput);
    ASSERT_TRUE(signature) << signature.error().text;
    // Read anew from the public text, so that nothing is shared with the key that signed.
    const KeySet others = keys_of({key_for(algorithm)});
    ASSERT_EQ(others.keys().size(), 1U);
    EXPECT_TRUE(verify_signature(algorithm, *others.keys().front(), kInput, *signature));
    EXPECT_FALSE(verify_signature(algorithm, *others.keys().front(), std::string(kInput) + "x", *signature));
  }
}

TEST(SigningKey, an_algorithm_of_another_type_or_of_a_longer_hash_than_the_secret_is_refused) {
  EXPECT_FALSE(signing_key(key_for(Algorithm::kRs256))->sign(Algorithm::kHs256, kInput));
  EXPECT_FALSE(signing_key(key_for(Algorithm::kEs256))->sign(Algorithm::kEs384, kInput));
  EXPECT_FALSE(signing_key(key_for(Algorithm::kHs256))->sign(Algorithm::kHs512, kInput));
  EXPECT_FALSE(SigningKey::from_secret(base::Secret("short")));
}

TEST(SigningKey, without_a_wish_the_usual_algorithm_of_the_type_is_taken) {
  EXPECT_EQ(signing_key(key_for(Algorithm::kPs512))->default_algorithm(), Algorithm::kRs256);
  EXPECT_EQ(signing_key(key_for(Algorithm::kEs384))->default_algorithm(), Algorithm::kEs384);
  EXPECT_EQ(signing_key(key_for(Algorithm::kEdDsa))->default_algorithm(), Algorithm::kEdDsa);
  EXPECT_EQ(signing_key(key_for(Algorithm::kHs512))->default_algorithm(), Algorithm::kHs256);
}

TEST(SigningKey, pem_without_a_private_key_or_with_an_encrypted_or_damaged_one_is_refused_with_what_to_do) {
  const auto error = [](const std::string& pem) {
    const auto key = SigningKey::from_pem(base::Secret(pem));
    return key ? std::string("accepted") : key.error().text;
  };
  const test::TestKey& key = key_for(Algorithm::kEs256);
  EXPECT_THAT(error(key.public_pem()), HasSubstr("no private key"));
  EXPECT_THAT(error(encrypted_pem(key)), HasSubstr("encrypted"));
  std::string damaged = key.private_pem();
  damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'A' ? 'B' : 'A';
  damaged.erase(40, 8);
  EXPECT_THAT(error(damaged), HasSubstr("damaged"));
  EXPECT_THAT(error(test::TestKey::generate(Algorithm::kRs256, "", 1024).private_pem()), HasSubstr("2048"));
}

// The private JWK of RFC 8037 §A.1, whose thumbprint stands in §A.3.
constexpr std::string_view kEdJwk =
    R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

TEST(SigningKey, signs_what_rfc_8037_has_for_its_ed25519_key) {
  const auto key = SigningKey::from_jwk(base::Secret(kEdJwk), "");
  ASSERT_TRUE(key) << key.error().text;
  const auto signature = key->sign(Algorithm::kEdDsa, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
  ASSERT_TRUE(signature);
  const std::string text(signature->begin(), signature->end());
  EXPECT_EQ(test::base64url(text),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
  EXPECT_EQ(key_thumbprint(key->verifier()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

std::string refusal(std::string_view json, std::string_view key_id = "") {
  const auto key = SigningKey::from_jwk(base::Secret(json), key_id);
  return key ? "accepted" : key.error().text;
}

TEST(SigningKey, a_jwk_set_needs_a_name_when_it_holds_several_private_keys) {
  const std::string named = std::string(kEdJwk.substr(0, kEdJwk.size() - 1)) + R"(,"kid":"a"})";
  const std::string other = std::string(kEdJwk.substr(0, kEdJwk.size() - 1)) + R"(,"kid":"b"})";
  const std::string set = R"({"keys":[)" + named + "," + other + "]}";
  EXPECT_THAT(refusal(set), HasSubstr("several private keys"));
  EXPECT_THAT(refusal(set, "c"), HasSubstr("no such `kid`"));
  EXPECT_EQ(refusal(set, "b"), "accepted");
  EXPECT_EQ(refusal(R"({"keys":[)" + named + "]}"), "accepted");
  EXPECT_THAT(refusal(R"({"keys":[]})"), HasSubstr("no private key"));
}

TEST(SigningKey, a_jwk_whose_halves_differ_or_that_is_incomplete_is_refused_and_not_shown) {
  const std::string other_x = test::TestKey::generate(Algorithm::kEdDsa, "").jwk_material();
  const std::string x = other_x.substr(other_x.find("\"x\""));
  const std::string mixed =
      R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",)" + x + '}';
  EXPECT_THAT(refusal(mixed), HasSubstr("does not belong"));
  EXPECT_THAT(refusal(mixed), Not(HasSubstr("nWGxne")));
  EXPECT_THAT(refusal(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
              HasSubstr("`d` is missing"));
  EXPECT_THAT(refusal(R"({"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQ"})"), HasSubstr("`p` is missing"));
  EXPECT_THAT(refusal(R"({"kty":"EC","crv":"P-256","x":"AQ","y":"AQ","d":"AQ"})"), HasSubstr("make no EC key"));
  EXPECT_THAT(refusal(R"({"kty":"oct","k":"AQ"})"), HasSubstr("fewer than 32 bytes"));
  EXPECT_THAT(refusal(R"({"kty":"AKP"})"), HasSubstr("`kty`"));
  EXPECT_THAT(refusal("[]"), HasSubstr("cannot read the JWK"));
}

// RFC 7515 §A.3: the ES256 key.
TEST(SigningKey, an_ec_jwk_signs_for_its_own_curve) {
  const auto key = SigningKey::from_jwk(
      base::Secret(
          R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
          R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})"),
      "");
  ASSERT_TRUE(key) << key.error().text;
  const auto signature = key->sign(Algorithm::kEs256, kInput);
  ASSERT_TRUE(signature) << signature.error().text;
  EXPECT_EQ(signature->size(), 64U);
}

TEST(SigningKey, an_ec_jwk_with_the_private_half_of_another_signs_nothing) {
  const auto key = SigningKey::from_jwk(
      base::Secret(
          R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
          R"("d":"AQsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})"),
      "");
  const auto signature = key ? key->sign(Algorithm::kEs256, kInput)
                             : base::Result<std::vector<std::uint8_t>>(base::fail(key.error().code, key.error().text));
  EXPECT_FALSE(signature);
}

// RFC 7638 §3.1.
TEST(Thumbprint, of_the_rsa_key_of_rfc_7638_is_the_one_that_stands_there) {
  const KeySet keys = keys_from(
      R"({"keys":[{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi)"
      R"(FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91C)"
      R"(bOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]})");
  ASSERT_EQ(keys.keys().size(), 1U);
  EXPECT_EQ(key_thumbprint(*keys.keys().front()), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Thumbprint, of_a_secret_is_nothing_because_its_text_would_be_the_secret) {
  const auto key = signing_key(key_for(Algorithm::kHs256));
  EXPECT_FALSE(canonical_jwk(key->verifier()));
  EXPECT_FALSE(key_thumbprint(key->verifier()));
}

TEST(Thumbprint, canonical_text_of_each_public_key_reads_back_as_the_same_key) {
  for (const Algorithm algorithm :
       {Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEs512, Algorithm::kEdDsa}) {
    const auto key = signing_key(key_for(algorithm));
    const auto text = canonical_jwk(key->verifier());
    ASSERT_TRUE(text);
    const KeySet again = keys_from(R"({"keys":[)" + *text + "]}");
    ASSERT_EQ(again.keys().size(), 1U) << *text;
    EXPECT_EQ(canonical_jwk(*again.keys().front()), *text);
  }
}

}  // namespace
}  // namespace bearerd::jose
