// JWK sets, PEM files and secrets: which keys are taken, and which are skipped and why.
#include "jose/key.hpp"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "support.hpp"

namespace bearerd::jose {
namespace {

using base::Algorithm;
using test::TestKey;
using testing::HasSubstr;

// Why the only key of a set is skipped; empty when it is taken.
std::string why_skipped(const std::string& jwk, KeySetOrigin origin = KeySetOrigin::kUrl) {
  const auto parsed = parse_key_set(R"({"keys":[)" + jwk + "]}", origin);
  if (!parsed) return "the whole set: " + parsed.error().text;
  EXPECT_EQ(parsed->skipped.size() + parsed->keys.keys().size(), 1U);
  return parsed->skipped.empty() ? "" : parsed->skipped[0].why;
}

std::string jwk_with(const std::string& members, Algorithm algorithm = Algorithm::kEs256) {
  return "{" + key_for(algorithm).jwk_material() + (members.empty() ? "" : ",") + members + "}";
}

std::string rsa_jwk(std::string_view modulus, std::string_view exponent) {
  return R"({"kty":"RSA","n":")" + test::base64url(modulus) + R"(","e":")" + test::base64url(exponent) + "\"}";
}

// Odd, with exactly `bits` bits; nobody has its factors.
std::string odd_number(std::size_t bits) {
  std::string bytes((bits + 7) / 8, '\x5A');
  bytes.front() = static_cast<char>(1U << ((bits - 1) % 8));
  bytes.back() = '\x01';
  return bytes;
}

constexpr std::string_view kExponent("\x01\x00\x01", 3);

TEST(KeySetText, every_kind_of_public_key_is_taken) {
  for (const Algorithm algorithm : base::all_algorithms()) {
    const auto origin = base::is_symmetric(algorithm) ? KeySetOrigin::kFile : KeySetOrigin::kUrl;
    const KeySet set = keys_of({key_for(algorithm)}, origin);
    ASSERT_EQ(set.keys().size(), 1U) << base::name(algorithm);
    EXPECT_EQ(set.keys()[0]->key_id(), key_for(algorithm).key_id());
    EXPECT_EQ(set.algorithms(), std::vector<Algorithm>{algorithm});
  }
}

TEST(KeySetText, without_alg_a_key_serves_what_its_type_and_curve_allow) {
  const auto served = [](Algorithm algorithm) {
    return keys_from(R"({"keys":[)" + jwk_with("", algorithm) + "]}", KeySetOrigin::kFile).algorithms();
  };
  using enum Algorithm;
  EXPECT_EQ(served(kRs256), (std::vector{kRs256, kRs384, kRs512, kPs256, kPs384, kPs512}));
  EXPECT_EQ(served(kEs256), std::vector{kEs256});
  EXPECT_EQ(served(kEs384), std::vector{kEs384});
  EXPECT_EQ(served(kEs512), std::vector{kEs512});
  EXPECT_EQ(served(kEdDsa), std::vector{kEdDsa});
  EXPECT_EQ(served(kHs256), std::vector{kHs256});
  EXPECT_EQ(served(kHs384), (std::vector{kHs256, kHs384}));
  EXPECT_EQ(served(kHs512), (std::vector{kHs256, kHs384, kHs512}));
}

TEST(KeySetText, what_is_no_key_set_fails) {
  for (const std::string_view json : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":null})", R"({"keys":"x"})",
                                      "{\"keys\":[]", R"({"KEYS":[]})", R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(parse_key_set(json, KeySetOrigin::kUrl)) << json;
  }
  EXPECT_TRUE(parse_key_set(R"({"keys":[]})", KeySetOrigin::kUrl)->keys.empty());
}

TEST(KeySetText, unusable_keys_do_not_spoil_the_set) {
  const std::string set = R"({"keys":[1,{},{"kty":"new"},{"kty":"RSA","alg":"RSA-OAEP","use":"enc","n":"x","e":"y"},)" +
                          jwk_with(R"("kid":"good","unknown":{"a":[1]})") + "],\"more\":1}";
  const auto parsed = parse_key_set(set, KeySetOrigin::kUrl);
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->keys.keys().size(), 1U);
  EXPECT_EQ(parsed->keys.keys()[0]->key_id(), "good");
  ASSERT_EQ(parsed->skipped.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(parsed->skipped[i].index, i);
}

TEST(KeySetText, size_and_number_of_keys_are_bounded) {
  EXPECT_EQ(parse_key_set(std::string(kMaxKeySetBytes + 1, ' '), KeySetOrigin::kUrl).error().code,
            base::ErrorCode::kTooLarge);
  std::string set = R"({"keys":[0)";
  for (std::size_t i = 1; i < kMaxKeys; ++i) set += ",0";
  EXPECT_TRUE(parse_key_set(set + "]}", KeySetOrigin::kUrl));
  EXPECT_EQ(parse_key_set(set + ",0]}", KeySetOrigin::kUrl).error().code, base::ErrorCode::kTooLarge);
}

TEST(KeySetText, use_key_ops_and_alg_are_honoured) {
  EXPECT_EQ(why_skipped(jwk_with(R"("use":"sig")")), "");
  EXPECT_EQ(why_skipped(jwk_with(R"("key_ops":["verify"])")), "");
  EXPECT_EQ(why_skipped(jwk_with(R"("key_ops":["sign","verify"],"use":"sig","alg":"ES256")")), "");
  for (const char* members : {R"("use":"enc")", R"("use":"SIG")", R"("use":"")", R"("use":null)", R"("use":["sig"])"}) {
    EXPECT_THAT(why_skipped(jwk_with(members)), HasSubstr("`use`")) << members;
  }
  for (const char* members : {R"("key_ops":[])", R"("key_ops":["sign"])", R"("key_ops":"verify")", R"("key_ops":null)",
                              R"("key_ops":["verify","verify"])", R"("key_ops":["sign","verify","sign"])",
                              R"("key_ops":["verify",1])", R"("key_ops":{"verify":1})"}) {
    EXPECT_THAT(why_skipped(jwk_with(members)), HasSubstr("`key_ops`")) << members;
  }
  for (const char* members : {R"("alg":"ES384")", R"("alg":"RS256")", R"("alg":"HS256")", R"("alg":"none")",
                              R"("alg":"es256")", R"("alg":1)", R"("alg":null)", R"("alg":"ECDH-ES")", R"("alg":"")"}) {
    EXPECT_THAT(why_skipped(jwk_with(members)), HasSubstr("`alg`")) << members;
  }
}

TEST(KeySetText, the_new_name_of_ed25519_means_the_same) {
  EXPECT_EQ(why_skipped(jwk_with(R"("alg":"Ed25519")", Algorithm::kEdDsa)), "");
  EXPECT_EQ(why_skipped(jwk_with(R"("alg":"EdDSA")", Algorithm::kEdDsa)), "");
  EXPECT_NE(why_skipped(jwk_with(R"("alg":"Ed448")", Algorithm::kEdDsa)), "");
}

TEST(KeySetText, names_must_be_strings_of_bounded_length) {
  for (const std::string name : {"kid", "x5t", "x5t#S256", "issuer"}) {
    EXPECT_EQ(why_skipped(jwk_with("\"" + name + "\":\"x\"")), "");
    EXPECT_THAT(why_skipped(jwk_with("\"" + name + "\":1")), HasSubstr(name));
    EXPECT_THAT(why_skipped(jwk_with("\"" + name + "\":null")), HasSubstr(name));
    EXPECT_THAT(why_skipped(jwk_with("\"" + name + "\":\"" + std::string(513, 'k') + "\"")), HasSubstr(name));
  }
  EXPECT_THAT(why_skipped(jwk_with(R"("issuer":"")")), HasSubstr("issuer"));
}

TEST(KeySetText, the_issuer_of_a_key_is_kept) {
  const KeySet set = keys_from(R"({"keys":[)" + jwk_with(R"("issuer":"https://login.example/{tenantid}/v2.0")") + "]}");
  EXPECT_EQ(set.keys()[0]->issuer(), "https://login.example/{tenantid}/v2.0");
}

TEST(KeySetText, private_halves_are_refused_from_either_origin) {
  for (const std::string name : {"d", "p", "q", "dp", "dq", "qi", "oth"}) {
    for (const auto origin : {KeySetOrigin::kUrl, KeySetOrigin::kFile}) {
      EXPECT_THAT(why_skipped(jwk_with("\"" + name + "\":\"AAAA\"", Algorithm::kRs256), origin), HasSubstr("private"))
          << name;
    }
  }
  EXPECT_NE(why_skipped(jwk_with(R"("k":"AAAA")", Algorithm::kRs256)), "");
}

TEST(KeySetText, a_secret_is_never_taken_from_a_url) {
  const std::string jwk = jwk_with("", Algorithm::kHs512);
  EXPECT_THAT(why_skipped(jwk, KeySetOrigin::kUrl), HasSubstr("oct"));
  EXPECT_EQ(why_skipped(jwk, KeySetOrigin::kFile), "");
}

// Blank or default secret
TEST(KeySetText, a_secret_shorter_than_its_hash_is_refused) {
  const auto jwk = [](std::size_t bytes, const std::string& algorithm) {
    return R"({"kty":"oct","k":")" + test::base64url(std::string(bytes, 's')) + "\"" +
           (algorithm.empty() ? "" : R"(,"alg":")" + algorithm + "\"") + "}";
  };
  EXPECT_NE(why_skipped(jwk(0, ""), KeySetOrigin::kFile), "");
  EXPECT_NE(why_skipped(jwk(31, ""), KeySetOrigin::kFile), "");
  EXPECT_EQ(why_skipped(jwk(32, ""), KeySetOrigin::kFile), "");
  EXPECT_NE(why_skipped(jwk(47, "HS384"), KeySetOrigin::kFile), "");
  EXPECT_NE(why_skipped(jwk(63, "HS512"), KeySetOrigin::kFile), "");
  EXPECT_EQ(why_skipped(jwk(64, "HS512"), KeySetOrigin::kFile), "");
}

// Invalid curve, weak key
TEST(KeySetText, weak_or_absurd_rsa_keys_are_refused) {
  EXPECT_EQ(why_skipped(rsa_jwk(odd_number(2048), kExponent)), "");
  EXPECT_EQ(why_skipped(rsa_jwk(odd_number(8192), kExponent)), "");
  EXPECT_THAT(why_skipped(rsa_jwk(odd_number(2047), kExponent)), HasSubstr("2048"));
  EXPECT_THAT(why_skipped(rsa_jwk(odd_number(1024), kExponent)), HasSubstr("2048"));
  EXPECT_THAT(why_skipped(rsa_jwk(odd_number(8193), kExponent)), HasSubstr("8192"));
  EXPECT_NE(why_skipped(rsa_jwk(std::string(65536, '\x01'), kExponent)), "");
  EXPECT_NE(why_skipped(rsa_jwk("", kExponent)), "");
  EXPECT_NE(why_skipped(rsa_jwk(std::string(256, '\0'), kExponent)), "");
  EXPECT_THAT(why_skipped(rsa_jwk(odd_number(2048).substr(0, 255) + '\x02', kExponent)), HasSubstr("even"));
}

TEST(KeySetText, the_public_exponent_is_odd_at_least_three_and_bounded) {
  const std::string n = odd_number(2048);
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(why_skipped(rsa_jwk(n, "\x03")), "");
  EXPECT_EQ(why_skipped(rsa_jwk(n, "\x01\x00\x00\x00\x01"sv)), "");
  for (const std::string_view exponent : {""sv, "\x00"sv, "\x01"sv, "\x02"sv, "\x04"sv, "\x01\x00\x00"sv,
                                          "\x02\x00\x00\x00\x01"sv, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv}) {
    EXPECT_NE(why_skipped(rsa_jwk(n, exponent)), "") << exponent.size();
  }
  EXPECT_NE(why_skipped(rsa_jwk(n, n)), "");
}

TEST(KeySetText, leading_zeros_of_rsa_numbers_change_nothing) {
  const TestKey& key = key_for(Algorithm::kRs256);
  BIGNUM* raw = nullptr;
  ASSERT_EQ(EVP_PKEY_get_bn_param(key.native(), "n", &raw), 1);
  std::string n(257, '\0');
  BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(n.data()), 257);
  BN_free(raw);
  const KeySet set = keys_from(R"({"keys":[)" + rsa_jwk(n, std::string_view("\0\1\0\1", 4)) + "]}");
  ASSERT_EQ(set.keys().size(), 1U);
  EXPECT_EQ(set.keys()[0]->bits(), 2048U);
  EXPECT_EQ(outcome(key.sign(kPayload), set), base::Reason::kOk);
}

TEST(KeySetText, a_member_that_is_missing_or_no_base64url_skips_the_key) {
  const std::string n = test::base64url(odd_number(2048));
  for (const std::string& jwk :
       {std::string(R"({"kty":"RSA","e":"AQAB"})"), R"({"kty":"RSA","n":")" + n + "\"}",
        R"({"kty":"RSA","n":")" + n + R"(","e":65537})", R"({"kty":"RSA","n":")" + n + R"(=","e":"AQAB"})",
        R"({"kty":"RSA","n":"+)" + n.substr(1) + R"(","e":"AQAB"})", R"({"kty":"RSA","n":")" + n + R"(","e":"AQAB\n"})",
        R"({"kty":"rsa","n":")" + n + R"(","e":"AQAB"})", R"({"kty":["RSA"],"n":")" + n + R"(","e":"AQAB"})",
        R"({"n":")" + n + R"(","e":"AQAB"})"}) {
    EXPECT_NE(why_skipped(jwk), "") << jwk;
  }
}

struct Point {
  std::string curve, x, y;
};

std::string ec_jwk(const Point& point) {
  return R"({"kty":"EC","crv":")" + point.curve + R"(","x":")" + test::base64url(point.x) + R"(","y":")" +
         test::base64url(point.y) + "\"}";
}

Point point_of(const TestKey& key, const std::string& curve, int width) {
  const auto number = [&](const char* name) {
    BIGNUM* raw = nullptr;
    EVP_PKEY_get_bn_param(key.native(), name, &raw);
    std::string bytes(static_cast<std::size_t>(width), '\0');
    BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(bytes.data()), width);
    BN_free(raw);
    return bytes;
  };
  return {curve, number("qx"), number("qy")};
}

// Invalid curve
TEST(KeySetText, a_point_must_be_on_its_curve_at_full_width) {
  const struct {
    Algorithm algorithm;
    const char* curve;
    int width;
  } curves[] = {{Algorithm::kEs256, "P-256", 32}, {Algorithm::kEs384, "P-384", 48}, {Algorithm::kEs512, "P-521", 66}};
  for (const auto& [algorithm, curve, width] : curves) {
    const Point good = point_of(key_for(algorithm), curve, width);
    ASSERT_EQ(why_skipped(ec_jwk(good)), "");
    Point bad = good;
    bad.y.back() = static_cast<char>(bad.y.back() ^ 1);
    EXPECT_THAT(why_skipped(ec_jwk(bad)), HasSubstr("not on the curve"));
    bad = good;
    bad.x.pop_back();
    EXPECT_THAT(why_skipped(ec_jwk(bad)), HasSubstr("length"));
    bad = good;
    bad.y.insert(0, 1, '\0');
    EXPECT_THAT(why_skipped(ec_jwk(bad)), HasSubstr("length"));
    bad = good;
    bad.x.assign(bad.x.size(), '\0');
    bad.y.assign(bad.y.size(), '\0');
    EXPECT_NE(why_skipped(ec_jwk(bad)), "") << "infinity";
    bad = good;
    bad.x.assign(bad.x.size(), '\xFF');
    EXPECT_NE(why_skipped(ec_jwk(bad)), "") << "beyond the field";
    for (const char* other : {"P-256", "P-384", "P-521", "secp256k1", "p-256", "", "P-256\\u0000"}) {
      bad = good;
      bad.curve = other;
      EXPECT_EQ(why_skipped(ec_jwk(bad)).empty(), std::string_view(other) == curve) << other;
    }
  }
}

TEST(KeySetText, an_okp_key_is_ed25519_with_32_bytes_and_no_y) {
  const auto jwk = [](const std::string& curve, std::size_t bytes, const std::string& more = "") {
    return R"({"kty":"OKP","crv":")" + curve + R"(","x":")" + test::base64url(std::string(bytes, 'x')) + "\"" + more +
           "}";
  };
  EXPECT_EQ(why_skipped(jwk("Ed25519", 32)), "");
  EXPECT_NE(why_skipped(jwk("Ed25519", 31)), "");
  EXPECT_NE(why_skipped(jwk("Ed25519", 33)), "");
  EXPECT_NE(why_skipped(jwk("Ed448", 57)), "");
  EXPECT_NE(why_skipped(jwk("X25519", 32)), "");
  EXPECT_NE(why_skipped(jwk("Ed25519", 32, R"(,"y":"AAAA")")), "");
}

TEST(KeySetText, duplicate_members_refuse_the_whole_set) {
  EXPECT_FALSE(parse_key_set(R"({"keys":[)" + jwk_with(R"("kid":"a","kid":"b")") + "]}", KeySetOrigin::kUrl));
  EXPECT_FALSE(parse_key_set(R"({"keys":[)" + jwk_with(R"("use":"sig","us\u0065":"enc")") + "]}", KeySetOrigin::kUrl));
}

TEST(KeySetText, serials_are_unique) {
  const KeySet first = keys_of({key_for(Algorithm::kEs256)});
  const KeySet second = keys_of({key_for(Algorithm::kEs256)});
  EXPECT_NE(first.keys()[0]->serial(), second.keys()[0]->serial());
  EXPECT_NE(first.keys()[0]->serial(), 0U);
}

TEST(Key, one_that_was_never_built_verifies_nothing) {
  const Key key;
  for (const Algorithm algorithm : base::all_algorithms()) {
    EXPECT_FALSE(key.can_verify(algorithm));
    EXPECT_FALSE(verify_signature(algorithm, key, "", {}));
  }
}

TEST(PemKeys, public_keys_and_certificates_are_taken) {
  for (const Algorithm algorithm : base::all_algorithms()) {
    if (base::is_symmetric(algorithm)) continue;
    const TestKey key = key_for(algorithm);
    for (const std::string& pem :
         {key.public_pem(), key.certificate_pem(), "Some text\n" + key.public_pem() + "\nmore\n"}) {
      const auto set = parse_pem_keys(pem);
      ASSERT_TRUE(set) << set.error().text;
      EXPECT_EQ(outcome(key.sign(kPayload), *set), base::Reason::kOk) << base::name(algorithm);
    }
  }
}

TEST(PemKeys, several_blocks_are_several_keys) {
  const auto set =
      parse_pem_keys(key_for(Algorithm::kEs256).public_pem() + key_for(Algorithm::kRs256).certificate_pem());
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys().size(), 2U);
}

TEST(PemKeys, a_certificate_gives_its_thumbprints) {
  const TestKey& key = key_for(Algorithm::kEs256);
  const std::string pem = key.certificate_pem();
  const auto set = parse_pem_keys(pem);
  ASSERT_TRUE(set);
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  const auto digest = [&](const EVP_MD* algorithm) {
    std::string bytes(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    X509_digest(certificate, algorithm, reinterpret_cast<unsigned char*>(bytes.data()), &length);
    bytes.resize(length);
    return test::base64url(bytes);
  };
  const std::string sha1 = digest(EVP_sha1());
  const std::string sha256 = digest(EVP_sha256());
  X509_free(certificate);
  Header header;
  header.x5t = sha1;
  EXPECT_TRUE(set->keys()[0]->matches_thumbprint(header));
  header.x5t_s256 = sha256;
  EXPECT_TRUE(set->keys()[0]->matches_thumbprint(header));
  header.x5t_s256 = sha1;
  EXPECT_FALSE(set->keys()[0]->matches_thumbprint(header)) << "a wrong x5t#S256 is not made good by a right x5t";
}

std::string private_pem(const TestKey& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key.native(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  const std::string pem(data, static_cast<std::size_t>(length));
  BIO_free(bio);
  return pem;
}

TEST(PemKeys, a_private_key_is_refused) {
  const auto refused =
      parse_pem_keys(key_for(Algorithm::kEs256).public_pem() + private_pem(key_for(Algorithm::kEs256)));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("private"));
}

TEST(PemKeys, what_holds_no_usable_key_is_refused) {
  const std::string good = key_for(Algorithm::kEs256).public_pem();
  EXPECT_FALSE(parse_pem_keys(""));
  EXPECT_FALSE(parse_pem_keys("no PEM"));
  EXPECT_FALSE(parse_pem_keys(good.substr(0, good.size() / 2)));
  EXPECT_FALSE(parse_pem_keys("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
  EXPECT_FALSE(parse_pem_keys("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
  EXPECT_FALSE(parse_pem_keys("-----BEGIN NONSENSE-----\nAAAA\n-----END NONSENSE-----\n"));
  EXPECT_FALSE(parse_pem_keys(std::string((1U << 20U) + 1, ' ')));
}

TEST(PemKeys, floors_are_those_of_a_jwk) {
  EXPECT_FALSE(parse_pem_keys(TestKey::generate(Algorithm::kRs256, "", 1024).public_pem()));
  EVP_PKEY* k1 = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "secp256k1");
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, k1);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  EXPECT_FALSE(parse_pem_keys({data, static_cast<std::size_t>(length)}));
  BIO_free(bio);
  EVP_PKEY_free(k1);
}

TEST(SecretKeys, a_secret_serves_the_hashes_that_it_is_long_enough_for) {
  const auto served = [](std::size_t bytes) {
    return make_secret_key_set(base::Secret(std::string(bytes, 's')))->algorithms();
  };
  using enum Algorithm;
  EXPECT_EQ(served(32), std::vector{kHs256});
  EXPECT_EQ(served(48), (std::vector{kHs256, kHs384}));
  EXPECT_EQ(served(64), (std::vector{kHs256, kHs384, kHs512}));
  EXPECT_FALSE(make_secret_key_set(base::Secret(std::string(31, 's'))));
  EXPECT_FALSE(make_secret_key_set(base::Secret()));
}

}  // namespace
}  // namespace bearerd::jose
