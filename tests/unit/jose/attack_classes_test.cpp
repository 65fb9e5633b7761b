// The classes of faults that JWT libraries had, each with the inputs that found them. A test has the name of its class.
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "support.hpp"

namespace bearerd::jose {
namespace {

using base::Algorithm;
using base::Reason;
using test::compact;
using test::TestKey;

const TestKey& rsa() { return key_for(Algorithm::kRs256); }
const TestKey& ec() { return key_for(Algorithm::kEs256); }

KeySet rsa_keys() { return keys_from(test::key_set_json({rsa()})); }

std::string header_with(std::string_view algorithm, std::string_view more = "") {
  return R"({"alg":")" + std::string(algorithm) + R"(","kid":"key-RS256")" + std::string(more) + "}";
}

// Rightly signed with RS256 over a header that holds one more member.
Reason signed_with_member(std::string_view member) {
  return outcome(rsa().sign(header_with("RS256", "," + std::string(member)), kPayload), rsa_keys());
}

// CVE-2015-9235, CVE-2015-2951, CVE-2022-23540
TEST(AttackClass, alg_none) {
  const std::string signature =
      rsa().signature_of(test::base64url(header_with("RS256")) + '.' + test::base64url(kPayload));
  for (const char* none : {"none", "None", "nOnE", "NONE"}) {
    for (const std::string& sent : {std::string(), std::string("x"), signature}) {
      EXPECT_EQ(outcome(compact(header_with(none), kPayload, sent), rsa_keys()), Reason::kAlgNotAllowed) << none;
    }
  }
  for (const char* alg : {" none", "none ", "n\\u006fne\\u0000", "RS256\\u0000", "RS256 ", "rs256", ""}) {
    EXPECT_EQ(outcome(compact(header_with(alg), kPayload, signature), rsa_keys()), Reason::kAlgNotAllowed) << alg;
  }
  EXPECT_EQ(outcome(compact(header_with("n\\u006fne"), kPayload, ""), rsa_keys()), Reason::kAlgNotAllowed);
  for (const char* header : {"{}", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":["none"]})"}) {
    EXPECT_EQ(outcome(compact(header, kPayload, signature), rsa_keys()), Reason::kMalformed) << header;
  }
}

// CVE-2016-5431, CVE-2022-29217, CVE-2024-33663, CVE-2024-54150
TEST(AttackClass, hs_rs_confusion) {
  const std::string pem = rsa().public_pem();
  BIGNUM* raw = nullptr;
  ASSERT_EQ(EVP_PKEY_get_bn_param(rsa().native(), "n", &raw), 1);
  std::string modulus(256, '\0');
  BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(modulus.data()), 256);
  BN_free(raw);
  unsigned char* der_bytes = nullptr;
  const int der_size = i2d_PUBKEY(rsa().native(), &der_bytes);
  const std::string der(reinterpret_cast<char*>(der_bytes), static_cast<std::size_t>(der_size));
  OPENSSL_free(der_bytes);
  for (const std::string& secret :
       {pem, "\n" + pem, pem.substr(0, pem.size() - 1), der, modulus, test::base64url(modulus), rsa().jwk_public_json(),
        test::key_set_json({rsa()}), rsa().certificate_pem()}) {
    for (const Algorithm algorithm : {Algorithm::kHs256, Algorithm::kHs384, Algorithm::kHs512}) {
      const std::string token = TestKey::from_secret(algorithm, "key-RS256", secret).sign(kPayload);
      EXPECT_EQ(outcome(token, rsa_keys()), Reason::kAlgNotAllowed);
      const auto from_pem = parse_pem_keys(pem);
      ASSERT_TRUE(from_pem);
      EXPECT_EQ(outcome(token, *from_pem), Reason::kUnknownKey);
    }
  }
}

// CVE-2021-46743
TEST(AttackClass, mixed_key_ring) {
  const TestKey shared_rsa = rsa().with_key_id("shared");
  const TestKey shared_p384 = key_for(Algorithm::kEs384).with_key_id("shared");
  const KeySet keys = keys_of({shared_rsa, shared_p384});
  EXPECT_EQ(outcome(shared_rsa.sign(kPayload), keys), Reason::kOk);
  EXPECT_EQ(outcome(shared_p384.sign(kPayload), keys), Reason::kOk);
  EXPECT_EQ(outcome(shared_rsa.with_algorithm(Algorithm::kPs256).sign(kPayload), keys), Reason::kAlgNotAllowed);
  EXPECT_EQ(outcome(ec().with_key_id("shared").sign(kPayload), keys), Reason::kAlgNotAllowed);
  const std::string header = R"({"alg":"ES384","kid":"shared"})";
  EXPECT_EQ(outcome(shared_rsa.sign(header, kPayload), keys), Reason::kBadSignature);
}

std::string with_signature(const TestKey& key, std::string_view signature) {
  return compact(key.default_header(), kPayload, signature);
}

std::string curve_order(const TestKey& key, std::size_t width) {
  BIGNUM* raw = nullptr;
  EVP_PKEY_get_bn_param(key.native(), "order", &raw);
  std::string bytes(width, '\0');
  BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(width));
  BN_free(raw);
  return bytes;
}

// CVE-2022-21449
TEST(AttackClass, psychic_signatures) {
  const struct {
    Algorithm algorithm;
    std::size_t width;
  } curves[] = {{Algorithm::kEs256, 32}, {Algorithm::kEs384, 48}, {Algorithm::kEs512, 66}};
  for (const auto& [algorithm, width] : curves) {
    const TestKey& key = key_for(algorithm);
    const KeySet keys = keys_of({key});
    const std::string zero(width, '\0');
    const std::string n = curve_order(key, width);
    std::string one = zero;
    one.back() = '\x01';
    const std::string full(width, '\xFF');
    for (const std::string& r : {zero, n, one, full}) {
      for (const std::string& s : {zero, n, one, full}) {
        EXPECT_EQ(outcome(with_signature(key, r + s), keys), Reason::kBadSignature);
      }
    }
    const std::string input = test::base64url(key.default_header()) + '.' + test::base64url(kPayload);
    const std::string good = key.signature_of(input);
    ASSERT_EQ(outcome(with_signature(key, good), keys), Reason::kOk);
    EXPECT_EQ(outcome(with_signature(key, zero + good.substr(width)), keys), Reason::kBadSignature);
    EXPECT_EQ(outcome(with_signature(key, good.substr(0, width) + zero), keys), Reason::kBadSignature);
    EXPECT_EQ(outcome(with_signature(key, good.substr(0, width) + n), keys), Reason::kBadSignature);
  }
}

TEST(AttackClass, ecdsa_encoding) {
  const KeySet keys = keys_of({ec()});
  const std::string input = test::base64url(ec().default_header()) + '.' + test::base64url(kPayload);
  const std::string raw = ec().signature_of(input);
  ASSERT_EQ(raw.size(), 64U);
  ECDSA_SIG* parts = ECDSA_SIG_new();
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  ECDSA_SIG_set0(parts, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* der_bytes = nullptr;
  const int der_size = i2d_ECDSA_SIG(parts, &der_bytes);
  const std::string der(reinterpret_cast<char*>(der_bytes), static_cast<std::size_t>(der_size));
  OPENSSL_free(der_bytes);
  ECDSA_SIG_free(parts);
  for (const std::string& bad : {der, raw.substr(1), raw + '\0', '\0' + raw, raw.substr(0, 63), raw.substr(0, 32),
                                 raw.substr(32) + raw.substr(0, 32)}) {
    EXPECT_EQ(outcome(with_signature(ec(), bad), keys), Reason::kBadSignature);
  }
}

// CVE-2018-0114
TEST(AttackClass, embedded_key) {
  const TestKey attacker = TestKey::generate(Algorithm::kEs256, "");
  const KeySet keys = keys_of({ec()});
  const std::string jwk = R"(,"jwk":)" + attacker.jwk_public_json();
  const std::string x5c = R"(,"x5c":[")" + test::base64url("certificate") + "\"]";
  for (const std::string& more : {jwk, x5c, jwk + x5c}) {
    EXPECT_EQ(outcome(attacker.sign(R"({"alg":"ES256")" + more + "}", kPayload), keys), Reason::kBadSignature);
    EXPECT_EQ(outcome(attacker.sign(R"({"alg":"ES256","kid":"key-ES256")" + more + "}", kPayload), keys),
              Reason::kBadSignature);
    EXPECT_EQ(outcome(attacker.sign(R"({"alg":"ES256","kid":"other")" + more + "}", kPayload), keys),
              Reason::kUnknownKey);
  }
}

// CVE-2024-21643: a URL in the header is not read, so it can change nothing, for good or for bad.
TEST(AttackClass, jku_x5u_ssrf) {
  const TestKey attacker = TestKey::generate(Algorithm::kRs256, "key-RS256");
  for (const char* url : {"http://127.0.0.1/keys", "file:///etc/passwd", "ftp://x/", "data:application/json,{}"}) {
    for (const char* name : {"jku", "x5u"}) {
      const std::string member = "\"" + std::string(name) + "\":\"" + url + "\"";
      EXPECT_EQ(outcome(attacker.sign(header_with("RS256", "," + member), kPayload), rsa_keys()),
                Reason::kBadSignature);
      EXPECT_EQ(signed_with_member(member), Reason::kOk);
    }
  }
}

TEST(AttackClass, kid_injection) {
  const auto with_kid = [](const std::string& kid) {
    return outcome(rsa().sign(R"({"alg":"RS256","kid":)" + kid + "}", kPayload), rsa_keys());
  };
  EXPECT_EQ(with_kid("\"key-RS256\""), Reason::kOk);
  for (const char* kid : {R"("../../dev/null")", R"("' UNION SELECT 'x")", R"("")", R"("key-RS256\u0000")",
                          R"("key-RS256\u0000x")", R"("KEY-rs256")", "\"$(id)\""}) {
    EXPECT_EQ(with_kid(kid), Reason::kUnknownKey) << kid;
  }
  for (const char* kid : {"1", "null", "{}", "[\"key-RS256\"]", "true"})
    EXPECT_EQ(with_kid(kid), Reason::kMalformed) << kid;
  EXPECT_EQ(with_kid("\"" + std::string(2000, 'k') + "\""), Reason::kMalformed);
  EXPECT_EQ(with_kid("\"" + std::string(100 * 1024, 'k') + "\""), Reason::kTooLarge);
}

// CVE-2026-29000, CVE-2022-3102: something encrypted is not something signed.
TEST(AttackClass, sign_encrypt_confusion) {
  const std::string header = R"({"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT"})";
  const std::string part = test::base64url("part");
  EXPECT_EQ(outcome(test::base64url(header) + '.' + part + '.' + part + '.' + part + '.' + part, rsa_keys()),
            Reason::kEncryptedToken);
  EXPECT_EQ(outcome("....", rsa_keys()), Reason::kEncryptedToken);
  EXPECT_EQ(outcome(compact(header, kPayload, "x"), rsa_keys()), Reason::kEncryptedToken);
  EXPECT_EQ(signed_with_member(R"("enc":"A256GCM")"), Reason::kEncryptedToken);
  EXPECT_EQ(signed_with_member(R"("enc":null)"), Reason::kEncryptedToken);
}

// CVE-2024-33664, CVE-2024-28176, CVE-2023-52428: refused by their five dots, nothing is decoded.
TEST(AttackClass, jwe_bombs) {
  for (const char* header : {R"({"alg":"dir","enc":"A256GCM","zip":"DEF"})",
                             R"({"alg":"PBES2-HS256+A128KW","p2c":2147483648,"enc":"A128GCM"})"}) {
    EXPECT_EQ(outcome(test::base64url(header) + "..AAAA.AAAA.AAAA", rsa_keys()), Reason::kEncryptedToken);
  }
}

// CVE-2025-30204, CVE-2025-27144
TEST(AttackClass, parser_memory) {
  EXPECT_EQ(outcome(std::string(1U << 20U, '.'), rsa_keys()), Reason::kTooLarge);
  EXPECT_EQ(outcome(std::string(16 * 1024, '.'), rsa_keys()), Reason::kMalformed);
  EXPECT_EQ(outcome(std::string(1U << 20U, 'A') + ".AAAA.AAAA", rsa_keys()), Reason::kTooLarge);
  EXPECT_EQ(outcome(std::string(8000, 'A') + ".AAAA.AAAA", rsa_keys()), Reason::kTooLarge);
  EXPECT_EQ(outcome(rsa().sign("{\"a\":" + std::string(100000, '[')), rsa_keys()), Reason::kTooLarge);
  EXPECT_EQ(outcome(rsa().sign("{\"a\":" + std::string(10000, '[')), rsa_keys()), Reason::kMalformed);
  EXPECT_EQ(outcome(rsa().sign("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}"), rsa_keys()),
            Reason::kMalformed);
}

// CVE-2025-59420, CVE-2026-32597
TEST(AttackClass, crit_ignored) {
  for (const char* member :
       {R"("crit":["x"],"x":1)", R"("crit":["x"])", R"("crit":[])", R"("crit":"exp")", R"("crit":null)", R"("crit":{})",
        R"("crit":["b64"],"b64":false)", R"("crit":["b64"],"b64":true)", R"("crit":["b64"])", R"("b64":false)",
        R"("b64":true)", R"("cr\u0069t":["x"])"}) {
    EXPECT_EQ(signed_with_member(member), Reason::kCriticalHeader) << member;
  }
}

// CVE-2024-53861, CVE-2025-30144
TEST(AttackClass, issuer_compare) {
  const auto issuer_of = [](std::string_view payload) {
    TokenParser parser;
    const std::string token = compact(R"({"alg":"RS256"})", payload, "x");
    const auto parsed = parser.parse(token);
    return parsed ? std::optional<std::string>(parsed->claims.string_of("iss")) : std::nullopt;
  };
  EXPECT_EQ(issuer_of(R"({"iss":"https://good.example"})"), "https://good.example");
  for (const char* payload :
       {R"({"iss":["https://good.example","https://bad.example"]})", R"({"iss":["https://good.example"]})",
        R"({"iss":null})", R"({"iss":{"https://good.example":1}})", "{}"}) {
    EXPECT_EQ(issuer_of(payload), std::nullopt) << payload;
  }
  EXPECT_EQ(issuer_of(R"({"iss":"https://good.example\u0000.bad.example"})"),
            std::string("https://good.example\0.bad.example", 33));
}

// CVE-2022-39227
TEST(AttackClass, polyglot_serialization) {
  const std::string token = rsa().sign(kPayload);
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  const std::string flattened = R"({"protected":")" + token.substr(0, first) + R"(","payload":")" +
                                token.substr(first + 1, last - first - 1) + R"(","signature":")" +
                                token.substr(last + 1) + "\"}";
  const std::string polyglot = R"({"x":".)" + token.substr(first + 1, last - first - 1) + R"(.","payload":"AAAA"})";
  for (const std::string& text : {flattened, polyglot, "{\"" + token + "\":1}", "  " + token, token + "{}"}) {
    EXPECT_EQ(shape_of(text), Shape::kMalformed);
    EXPECT_EQ(outcome(text, rsa_keys()), Reason::kMalformed);
  }
}

// CVE-2019-20933, CVE-2020-28637
TEST(AttackClass, blank_or_default_secret) {
  EXPECT_FALSE(make_secret_key_set(base::Secret()));
  EXPECT_FALSE(make_secret_key_set(base::Secret("secret")));
  const std::string token = TestKey::from_secret(Algorithm::kHs256, "", "").sign(kPayload);
  EXPECT_EQ(outcome(token, rsa_keys()), Reason::kUnknownKey);
  EXPECT_EQ(outcome(token, KeySet()), Reason::kUnknownKey);
  const auto other = make_secret_key_set(base::Secret(std::string(32, 's')));
  ASSERT_TRUE(other);
  EXPECT_EQ(outcome(token, *other), Reason::kBadSignature);
}

// CVE-2019-7644
TEST(AttackClass, secret_or_signature_in_errors) {
  const std::string secret = "hunter2hunter2";
  const auto refused = make_secret_key_set(base::Secret(secret));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text.find(secret), std::string::npos);
  const auto parsed = parse_key_set(R"({"keys":[{"kty":"oct","k":"aHVudGVyMg"},{"kty":"hunter2","kid":"hunter2"}]})",
                                    KeySetOrigin::kFile);
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->skipped.size(), 2U);
  for (const SkippedKey& skipped : parsed->skipped) {
    EXPECT_EQ(skipped.why.find("hunter2"), std::string::npos);
    EXPECT_EQ(skipped.why.find("aHVudGVyMg"), std::string::npos);
  }
}

TEST(AttackClass, duplicate_json_members) {
  for (const char* payload :
       {R"({"aud":"ours","aud":"theirs"})", R"({"aud":"theirs","aud":"ours"})", R"({"aud":"ours","a\u0075d":"theirs"})",
        R"({"x":{"roles":1,"roles":2}})", R"({"x":[{"a":1,"a":1}]})"}) {
    EXPECT_EQ(outcome(rsa().sign(payload), rsa_keys()), Reason::kMalformed) << payload;
  }
  for (const char* header :
       {R"({"alg":"RS256","alg":"none"})", R"({"alg":"none","alg":"RS256"})", R"({"alg":"RS256","\u0061lg":"RS256"})",
        R"({"alg":"RS256","kid":"key-RS256","kid":"other"})"}) {
    EXPECT_EQ(outcome(rsa().sign(header, kPayload), rsa_keys()), Reason::kMalformed) << header;
  }
}

TEST(AttackClass, base64url_laxness) {
  // A payload of a length that leaves loose bits in its last character.
  const std::string input = test::base64url(header_with("RS256")) + '.' + test::base64url(R"({"a":1 })");
  const std::string signature = test::base64url(rsa().signature_of(input));
  ASSERT_EQ(outcome(input + '.' + signature, rsa_keys()), Reason::kOk);
  const std::string last_bits = signature.substr(0, signature.size() - 1) + static_cast<char>(signature.back() + 1);
  std::string standard = signature;
  for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  for (const std::string& bad :
       {signature + "=", signature + "==", signature + "\n", signature + " ", " " + signature, last_bits,
        signature.substr(0, 10) + "\r\n" + signature.substr(10), signature + '\0'}) {
    EXPECT_EQ(outcome(input + '.' + bad, rsa_keys()), Reason::kMalformed) << bad;
  }
  if (standard != signature) {
    EXPECT_EQ(outcome(input + '.' + standard, rsa_keys()), Reason::kMalformed);
  }
  EXPECT_EQ(outcome(input + "%2E" + signature, rsa_keys()), Reason::kMalformed);
  // Signed over the loose form itself: the signature is right, the token is refused all the same.
  for (const std::string& loose : {test::base64url(header_with("RS256")) + "=." + test::base64url("{}"),
                                   test::base64url(header_with("RS256")) + '.' + test::base64url("{}") + "=",
                                   test::base64url(header_with("RS256")) + ".e31"}) {
    EXPECT_EQ(outcome(loose + '.' + test::base64url(rsa().signature_of(loose)), rsa_keys()), Reason::kMalformed)
        << loose;
  }
}

TEST(AttackClass, number_handling) {
  for (const char* payload :
       {R"({"exp":1e400})", R"({"exp":NaN})", R"({"exp":Infinity})", R"({"exp":18446744073709551616})", R"({"exp":01})",
        R"({"exp":0x7fffffff})", R"({"exp":1.})"}) {
    EXPECT_EQ(outcome(rsa().sign(payload), rsa_keys()), Reason::kMalformed) << payload;
  }
}

TEST(AttackClass, text_handling) {
  for (const std::string& payload : {std::string("{\"sub\":\"\xFF\"}"), std::string("{\"sub\":\"\xC0\x80\"}"),
                                     std::string("{\"sub\":\"\\ud800\"}"), std::string("\xEF\xBB\xBF{\"sub\":\"x\"}"),
                                     std::string("{\"sub\":\"a\0b\"}", 13), std::string("{\"sub\":\"x\"}\0", 12)}) {
    EXPECT_EQ(outcome(rsa().sign(payload), rsa_keys()), Reason::kMalformed) << payload;
  }
}

// The same key id, another issuer's key: sets are never shared, so the other's key does not verify.
TEST(AttackClass, cross_tenant_key_confusion) {
  const TestKey tenant_a = TestKey::generate(Algorithm::kEs256, "same");
  const TestKey tenant_b = TestKey::generate(Algorithm::kEs256, "same");
  EXPECT_EQ(outcome(tenant_a.sign(kPayload), keys_of({tenant_b})), Reason::kBadSignature);
}

}  // namespace
}  // namespace bearerd::jose
