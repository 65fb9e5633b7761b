#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/base64url.hpp"
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"
#include "ctl/token_claims.hpp"
#include "jose/key.hpp"
#include "jose/signature.hpp"
#include "jose/token.hpp"
#include "support/signer/signer.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::ctl {
namespace {

using base::Algorithm;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr base::Timestamp kNow{1'767'225'600};  // 2026-01-01T00:00:00Z

const test::TestKey& rsa_key() {
  static const test::TestKey key = test::TestKey::generate(Algorithm::kRs256, "");
  return key;
}

class TokenCommandsTest : public testing::Test {
 protected:
  std::string put(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }

  int call(const std::vector<std::string>& words) {
    out_.str({});
    err_.str({});
    return run(std::vector<std::string_view>(words.begin(), words.end()), "/nowhere", output_);
  }

  // The one line of the last call's output.
  [[nodiscard]] std::string printed() const {
    const std::string text = out_.str();
    return text.substr(0, text.find('\n'));
  }

  // Part 0 or 1 of the token that was printed.
  [[nodiscard]] std::string part(std::size_t index) const {
    std::string text = printed();
    for (; index > 0; --index) text.erase(0, text.find('.') + 1);
    const auto bytes = base::decode_base64url(text.substr(0, text.find('.')));
    return bytes ? std::string(bytes->begin(), bytes->end()) : "no base64url";
  }

  int decode(std::string_view token, bool wants_json = false) {
    out_.str({});
    err_.str({});
    CommandLine line;
    line.wants_json = wants_json;
    return decode_token(token, line, kNow, output_);
  }

  test::TemporaryFolder folder_;
  std::ostringstream out_, err_;
  Output output_{out_, err_, {}};
};

bool is_good(const std::string& token, const test::TestKey& key) {
  const auto keys = jose::parse_key_set(test::key_set_json({key}), jose::KeySetOrigin::kFile);
  jose::TokenParser parser;
  const auto parsed = parser.parse(token);
  if (!parsed || !parsed->header.algorithm || !keys) return false;
  return jose::verify_signature(*parsed->header.algorithm, *keys->keys.keys().front(), parsed->signing_input,
                                parsed->signature);
}

TEST_F(TokenCommandsTest, a_signed_token_is_good_for_the_verifier_of_the_daemon_with_each_algorithm) {
  for (const Algorithm algorithm : base::all_algorithms()) {
    SCOPED_TRACE(base::name(algorithm));
    const test::TestKey key = test::TestKey::generate(algorithm, "");
    const bool is_secret = base::is_symmetric(algorithm);
    const std::string path = put("key", is_secret ? key.secret() : key.private_pem());
    ASSERT_EQ(call({"token", "sign", is_secret ? "--secret-file" : "--key", path, "--alg",
                    std::string(base::name(algorithm)), "--issuer", "me"}),
              kYes)
        << err_.str();
    EXPECT_TRUE(is_good(printed(), key));
    EXPECT_THAT(err_.str(), IsEmpty());
  }
}

TEST_F(TokenCommandsTest, a_client_assertion_has_what_was_asked_for_and_nothing_else) {
  const std::string key = put("key.pem", rsa_key().private_pem()),
                    certificate = put("c.pem", rsa_key().certificate_pem());
  ASSERT_EQ(call({"token",         "sign",
                  "--key",         key,
                  "--certificate", certificate,
                  "--alg",         "PS256",
                  "--issuer",      "client",
                  "--subject",     "client",
                  "--audience",    "https://login.example/token",
                  "--upn",         "alice@example.com",
                  "--jti",         "j1",
                  "--issued-at",   "1767225600",
                  "--not-before",  "2026-01-01T00:00:00Z",
                  "--expires-in",  "10m"}),
            kYes)
      << err_.str();
  EXPECT_EQ(part(1), R"({"iss":"client","sub":"client","aud":"https://login.example/token","upn":"alice@example.com",)"
                     R"("jti":"j1","iat":1767225600,"nbf":1767225600,"exp":1767226200})");
  const auto keys = jose::parse_pem_keys(rsa_key().certificate_pem());
  ASSERT_TRUE(keys);
  const jose::Key& own = *keys->keys().front();
  EXPECT_EQ(part(0),
            R"({"alg":"PS256","typ":"JWT","x5t":")" + own.x5t() + R"(","x5t#S256":")" + own.x5t_s256() + "\"}");
  EXPECT_TRUE(is_good(printed(), rsa_key().with_algorithm(Algorithm::kPs256)));
}

TEST_F(TokenCommandsTest, one_thumbprint_alone_can_be_chosen) {
  const std::string key = put("key.pem", rsa_key().private_pem()),
                    certificate = put("c.pem", rsa_key().certificate_pem());
  ASSERT_EQ(call({"token", "sign", "--key", key, "--certificate", certificate, "--thumbprint", "x5t"}), kYes);
  EXPECT_THAT(part(0), AllOf(HasSubstr("\"x5t\":"), Not(HasSubstr("S256\":\""))));
  EXPECT_EQ(call({"token", "sign", "--key", key, "--thumbprint", "x5t"}), kTrouble);
  EXPECT_EQ(call({"token", "sign", "--key", key, "--certificate", certificate, "--thumbprint", "sha1"}), kTrouble);
}

TEST_F(TokenCommandsTest, a_certificate_of_another_key_is_refused) {
  const std::string other = test::TestKey::generate(Algorithm::kEs256, "").certificate_pem();
  const std::string key = put("key.pem", rsa_key().private_pem()), certificate = put("c.pem", other);
  EXPECT_EQ(call({"token", "sign", "--key", key, "--certificate", certificate}), kTrouble);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("c.pem"), HasSubstr("another key")));
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_EQ(call({"token", "sign", "--key", key, "--certificate", put("p.pem", rsa_key().public_pem())}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("no certificate"));
}

TEST_F(TokenCommandsTest, without_a_certificate_the_key_is_called_by_its_thumbprint_as_in_the_key_set) {
  const std::string key = put("key.pem", rsa_key().private_pem()), public_key = put("p.pem", rsa_key().public_pem());
  ASSERT_EQ(call({"token", "sign", "--key", key}), kYes);
  const std::string token = printed();
  ASSERT_EQ(call({"jwks", "from-pem", public_key}), kYes);
  const auto keys = jose::parse_key_set(out_.str(), jose::KeySetOrigin::kUrl);
  ASSERT_TRUE(keys && keys->keys.keys().size() == 1 && keys->skipped.empty()) << out_.str();
  jose::TokenParser parser;
  const auto parsed = parser.parse(token);
  ASSERT_TRUE(parsed && parsed->header.key_id);
  EXPECT_EQ(*parsed->header.key_id, keys->keys.keys().front()->key_id());
  EXPECT_FALSE(parsed->header.key_id->empty());
}

TEST_F(TokenCommandsTest, own_claims_are_text_or_json_and_never_twice) {
  const std::string key = put("key.pem", rsa_key().private_pem());
  const std::string file = put("claims.json", R"( { "scp" : "a b", "n": 1.50 } )");
  ASSERT_EQ(call({"token", "sign", "--key", key, "--audience", "a", "--audience", "b", "--claim", "x=1", "--claim",
                  "roles:=[\"r\"]", "--claims", file}),
            kYes);
  EXPECT_THAT(part(1),
              AllOf(HasSubstr(R"("aud":["a","b"])"), HasSubstr(R"("x":"1","roles":["r"],)"), HasSubstr("1.50")));
  for (const char* bad : {"x", "=1", ":=1", "x:=", "x:={", "x:=1,\"admin\":true", "x:=1],\"y\":[1", "iat=5"}) {
    EXPECT_EQ(call({"token", "sign", "--key", key, "--claim", bad}), kTrouble) << bad;
    EXPECT_THAT(out_.str(), IsEmpty()) << bad;
  }
  EXPECT_EQ(call({"token", "sign", "--key", key, "--issuer", "a", "--claim", "iss=b"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("twice"));
  EXPECT_EQ(call({"token", "sign", "--key", key, "--claims", put("list.json", "[1]")}), kTrouble);
}

TEST_F(TokenCommandsTest, a_key_that_others_may_read_is_warned_about_and_no_key_is_ever_printed) {
  const std::string key = put("key.pem", rsa_key().private_pem(), 0644);
  EXPECT_EQ(call({"token", "sign", "--key", key}), kYes);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("warning"), HasSubstr("chmod 600")));
  EXPECT_EQ(call({"token", "sign", "--key", put("secret", "s3cret-that-is-no-pem-and-no-jwk")}), kTrouble);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("neither PEM nor a JWK"), Not(HasSubstr("s3cret"))));
  EXPECT_EQ(call({"token", "sign", "--secret-file", put("secret", "s3cret")}), kTrouble);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("32 bytes"), Not(HasSubstr("s3cret-"))));
  EXPECT_EQ(call({"token", "sign"}), kTrouble);
  EXPECT_EQ(call({"token", "sign", "--key", key, "--secret-file", key}), kTrouble);
  EXPECT_EQ(call({"token", "sign", "--key", key, "--alg", "none"}), kTrouble);
  EXPECT_EQ(call({"token", "sign", "--key", key, "--alg", "ES256"}), kTrouble);
}

TEST(TokenTimes, are_now_or_seconds_or_a_date_and_spans_have_a_unit) {
  EXPECT_EQ(parse_time("now", kNow)->seconds, kNow.seconds);
  EXPECT_EQ(parse_time("5", kNow)->seconds, 5);
  EXPECT_EQ(parse_time("2026-01-01T00:00:00Z", {})->seconds, kNow.seconds);
  for (const char* bad : {"", "-1", "tomorrow", "99999999999999999999", "253402300800"})
    EXPECT_FALSE(parse_time(bad, kNow));
  EXPECT_EQ(*parse_span("90"), 90);
  EXPECT_EQ(*parse_span("10m"), 600);
  EXPECT_EQ(*parse_span("7d"), 604'800);
  for (const char* bad : {"", "0", "m", "-5", "1w", "10 m", "9999999999d", "1.5h"})
    EXPECT_FALSE(parse_span(bad)) << bad;
}

TEST_F(TokenCommandsTest, decode_prints_what_stands_there_and_that_nobody_verified_it) {
  const std::string token = rsa_key().sign(R"({"iss":"i","sub":"u","n":1.50,"iat":1767225000,"exp":1767229200})");
  for (const std::string& given : {token, "Bearer " + token + "\n", "  bearer " + token}) {
    EXPECT_EQ(decode(given), kYes) << out_.str();
    EXPECT_THAT(out_.str(), testing::StartsWith("not verified"));
    EXPECT_THAT(out_.str(), HasSubstr("\"n\": 1.50,\n"));
    EXPECT_THAT(out_.str(), HasSubstr("exp   2026-01-01T01:00:00Z  in 1 h 0 min\n"));
    EXPECT_THAT(out_.str(), HasSubstr("iat   2025-12-31T23:50:00Z  10 min ago\n"));
  }
}

TEST_F(TokenCommandsTest, decode_names_the_reason_for_which_bearerd_would_refuse) {
  const auto token = [](std::string_view header, std::string_view claims) {
    return test::compact(header, claims, "sig");
  };
  constexpr std::string_view kGood = R"({"iss":"i","exp":4000000000})";
  const std::vector<std::pair<std::string, std::string>> cases{
      {token(R"({"alg":"none"})", kGood), "alg_not_allowed"},
      {token(R"({"alg":"HS1"})", kGood), "alg_not_allowed"},
      {token(R"({"alg":"RS256","crit":["x"]})", kGood), "critical_header"},
      {token(R"({"alg":"RS256","typ":"logout+jwt"})", kGood), "wrong_token_use"},
      {token(R"({"alg":"RS256"})", R"({"iss":"i"})"), "missing_claim"},
      {token(R"({"alg":"RS256"})", R"({"exp":4000000000})"), "unknown_issuer"},
      {token(R"({"alg":"RS256"})", R"({"iss":"i","exp":"soon"})"), "malformed"},
      {token(R"({"alg":"RS256"})", R"({"iss":"i","iss":"j","exp":4000000000})"), "malformed"},
      {token(R"({"alg":"RS256"})", R"({"iss":"i","exp":4000000000,"cnf":{}})"), "sender_constrained"},
      {"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d", "encrypted_token"},
      {"eyJhbGciOiJSUzI1NiJ9.e30", "malformed"},
      {"2YotnFZFEjr1zCsicMWpAA", "opaque_unsupported"},
      {"one two", "malformed"},
      {std::string(20'000, 'a') + ".b.c", "too_large"}};
  for (const auto& [text, reason] : cases) {
    EXPECT_EQ(decode(text), kNo) << text.substr(0, 80);
    EXPECT_THAT(out_.str(), HasSubstr("\n  " + reason + ": ")) << text.substr(0, 80);
    EXPECT_EQ(decode(text, true), kNo);
    EXPECT_THAT(out_.str(), HasSubstr(R"("reason":")" + reason + '"'));
  }
}

TEST_F(TokenCommandsTest, decode_shows_a_token_that_no_parser_would_take_as_far_as_it_goes) {
  EXPECT_EQ(decode(test::compact(R"({"alg":"RS256"})", R"({"iss":"i","iss":"j"})", "s")), kNo);
  EXPECT_THAT(out_.str(), HasSubstr(R"({"iss":"i","iss":"j"})"));
  EXPECT_EQ(decode(""), kTrouble);
  EXPECT_EQ(decode("bearer "), kTrouble);
}

TEST_F(TokenCommandsTest, decode_lets_no_token_steer_the_terminal) {
  const std::string claims =
      "{\"iss\":\"a\xc2\x9b"
      "31m\xe2\x80\xae\x7f\",\"exp\":4000000000}";
  EXPECT_EQ(decode(test::compact(R"({"alg":"RS256"})", claims, "s")), kYes);
  EXPECT_THAT(out_.str(), HasSubstr(R"("a\u009b31m\u202e\u007f")"));
  EXPECT_EQ(decode(test::compact(R"({"alg":"RS256"})", claims, "s"), true), kYes);
  EXPECT_THAT(out_.str(), HasSubstr(R"("a\u009b31m\u202e\u007f")"));
  EXPECT_EQ(decode(test::compact("\x1b[31m", "\x1b[32m", "s")), kNo);
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
}

TEST_F(TokenCommandsTest, decode_takes_a_file_and_never_a_token_as_an_argument) {
  const std::string token = rsa_key().sign(R"({"iss":"i","exp":4000000000})");
  EXPECT_EQ(call({"token", "decode", put("token", token + "\n")}), kYes) << err_.str();
  EXPECT_EQ(call({"token", "decode", token}), kTrouble);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("standard input"), Not(HasSubstr(token.substr(0, 10)))));
  EXPECT_EQ(call({"token", "decode", folder_.path() + "/none"}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("/none: No such file or directory\n"));
  EXPECT_EQ(call({"token", "decode", put("long", std::string(100'000, 'a'))}), kTrouble);
  EXPECT_THAT(err_.str(), HasSubstr("longer than any token"));
}

TEST_F(TokenCommandsTest, jwks_from_pem_makes_a_set_that_the_daemon_reads_whole) {
  const test::TestKey ec = test::TestKey::generate(Algorithm::kEs384, "");
  const test::TestKey ed = test::TestKey::generate(Algorithm::kEdDsa, "");
  const std::string first = put("a.pem", rsa_key().certificate_pem() + ec.public_pem()),
                    second = put("b.pem", ed.public_pem());
  ASSERT_EQ(call({"jwks", "from-pem", first, second}), kYes) << err_.str();
  const auto set = jose::parse_key_set(out_.str(), jose::KeySetOrigin::kUrl);
  ASSERT_TRUE(set);
  ASSERT_EQ(set->keys.keys().size(), 3U);
  EXPECT_FALSE(set->keys.keys()[0]->x5t_s256().empty());
  EXPECT_EQ(set->keys.keys()[0]->only_algorithm(), std::nullopt) << "an RSA key serves several";
  EXPECT_EQ(set->keys.keys()[1]->only_algorithm(), Algorithm::kEs384);
  EXPECT_EQ(set->keys.keys()[2]->only_algorithm(), Algorithm::kEdDsa);
}

TEST_F(TokenCommandsTest, jwks_from_pem_refuses_private_keys_and_a_name_for_several) {
  const std::string key = put("key.pem", rsa_key().private_pem()), public_key = put("p.pem", rsa_key().public_pem());
  EXPECT_EQ(call({"jwks", "from-pem", key}), kTrouble);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("key.pem"), HasSubstr("private key")));
  EXPECT_EQ(call({"jwks", "from-pem", public_key, public_key, "--kid", "a"}), kTrouble);
  EXPECT_EQ(call({"jwks", "from-pem", public_key, "--alg", "ES256"}), kTrouble);
  EXPECT_EQ(call({"jwks", "from-pem"}), kTrouble);
  EXPECT_EQ(call({"jwks", "from-pem", public_key, "--kid", "a\"b", "--alg", "PS256", "--json"}), kYes);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr(R"("kid":"a\"b","use":"sig","alg":"PS256"})"), testing::EndsWith("]}\n")));
}

TEST(JsonText, is_indented_as_it_stands) {
  EXPECT_EQ(indented(R"({"a":[1,{"b" : "x,:\"}"}],"c":{},"d":[ ]})"),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,:\\\"}\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
}

}  // namespace
}  // namespace bearerd::ctl
