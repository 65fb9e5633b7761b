// The shape of a token and of its header: what is refused before any key is looked at.
#include "jose/token.hpp"

#include <random>

#include "jose/token_type.hpp"
#include "support.hpp"

namespace bearerd::jose {
namespace {

using base::Algorithm;
using base::Reason;
using test::compact;

constexpr std::string_view kSignature = "any signature";

Reason parse(std::string_view token) {
  TokenParser parser;
  const auto parsed = parser.parse(token);
  return parsed ? Reason::kOk : parsed.error();
}

Reason parse_header(std::string_view header) { return parse(compact(header, kPayload, kSignature)); }

// With one more member in an otherwise good header.
Reason parse_with(std::string_view member) { return parse_header(R"({"alg":"RS256",)" + std::string(member) + "}"); }

TEST(Token, a_well_formed_token_is_taken_apart) {
  const std::string header =
      R"({"alg":"ES256","kid":"k1","x5t":"t1","x5t#S256":"t2","typ":"application/AT+jwt","x":{"y":[1]}})";
  const std::string token = compact(header, kPayload, kSignature);
  TokenParser parser;
  const auto parsed = parser.parse(token);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->header.algorithm_name, "ES256");
  EXPECT_EQ(parsed->header.algorithm, Algorithm::kEs256);
  EXPECT_EQ(parsed->header.key_id, "k1");
  EXPECT_EQ(parsed->header.x5t, "t1");
  EXPECT_EQ(parsed->header.x5t_s256, "t2");
  EXPECT_EQ(parsed->header.type, "AT+jwt");
  EXPECT_EQ(parsed->claims.string_of("sub"), "user-1");
  EXPECT_EQ(parsed->signing_input, token.substr(0, token.rfind('.')));
  EXPECT_EQ(std::string(parsed->signature.begin(), parsed->signature.end()), kSignature);
}

TEST(Token, an_unknown_algorithm_is_left_to_whoever_knows_the_issuer) {
  for (const std::string_view name : {"Ed448", "RS1", "ES256K", "rs256", "RS256 ", "", "HS1", "RSA-OAEP"}) {
    TokenParser parser;
    const std::string token = compact(R"({"alg":")" + std::string(name) + "\"}", kPayload, kSignature);
    const auto parsed = parser.parse(token);
    ASSERT_TRUE(parsed) << name;
    EXPECT_FALSE(parsed->header.algorithm) << name;
  }
}

TEST(Token, a_parser_can_be_used_again_after_any_outcome) {
  TokenParser parser;
  const std::string good = compact(R"({"alg":"RS256","kid":"a"})", R"({"iss":"one"})", kSignature);
  for (const std::string& other :
       {std::string("x"), compact("{", "{", ""), compact(R"({"alg":"ES256"})", R"({"iss":"two"})", "s"),
        std::string(20000, 'A'), std::string("..")}) {
    (void)parser.parse(other);
    const auto parsed = parser.parse(good);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->header.key_id, "a");
    EXPECT_EQ(parsed->claims.string_of("iss"), "one");
    EXPECT_EQ(parsed->signature.size(), kSignature.size());
  }
}

TEST(Token, only_three_segments_are_a_signed_token) {
  EXPECT_EQ(parse(""), Reason::kMalformed);
  EXPECT_EQ(parse("abc"), Reason::kMalformed);
  EXPECT_EQ(parse("a.b"), Reason::kMalformed);
  const std::string token = compact(R"({"alg":"RS256"})", kPayload, kSignature);
  EXPECT_EQ(parse(token), Reason::kOk);
  EXPECT_EQ(parse(token + '.'), Reason::kMalformed);
  EXPECT_EQ(parse('.' + token), Reason::kMalformed);
  EXPECT_EQ(parse(token + ".a.b.c"), Reason::kMalformed);
}

TEST(Token, an_empty_segment_is_malformed) {
  const std::string header = test::base64url(R"({"alg":"RS256"})");
  const std::string payload = test::base64url(kPayload);
  for (const std::string& token :
       {"." + payload + ".AAAA", header + "..AAAA", header + "." + payload + ".", std::string("..")}) {
    EXPECT_EQ(parse(token), Reason::kMalformed) << token;
  }
}

TEST(Token, both_parts_must_be_json_objects) {
  for (const std::string_view text :
       {"[]", "1", "\"alg\"", "null", "", "{", "{}{}", "\xEF\xBB\xBF{\"alg\":\"RS256\"}"}) {
    EXPECT_EQ(parse(compact(text, kPayload, kSignature)), Reason::kMalformed) << text;
    EXPECT_EQ(parse(compact(R"({"alg":"RS256"})", text, kSignature)), Reason::kMalformed) << text;
  }
}

TEST(Token, alg_must_be_there_and_a_string) {
  for (const std::string_view header : {"{}", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":1})",
                                        R"({"alg":{}})", R"({"alg":true})", R"({"ALG":"RS256"})"}) {
    EXPECT_EQ(parse_header(header), Reason::kMalformed) << header;
  }
}

TEST(Token, names_of_keys_must_be_strings_of_bounded_length) {
  for (const char* name : {"kid", "x5t", "x5t#S256"}) {
    for (const char* value : {"1", "null", "{}", "[\"a\"]", "true"}) {
      EXPECT_EQ(parse_with("\"" + std::string(name) + "\":" + value), Reason::kMalformed) << name << value;
    }
    EXPECT_EQ(parse_with("\"" + std::string(name) + "\":\"" + std::string(512, 'k') + "\""), Reason::kOk);
    EXPECT_EQ(parse_with("\"" + std::string(name) + "\":\"" + std::string(513, 'k') + "\""), Reason::kMalformed);
  }
  EXPECT_EQ(parse_with(R"("typ":1)"), Reason::kMalformed);
  EXPECT_EQ(parse_with(R"("cty":1)"), Reason::kMalformed);
}

TEST(Token, a_nested_token_is_malformed) {
  for (const char* type : {"JWT", "jwt", "application/jwt", "Application/JWT"}) {
    EXPECT_EQ(parse_with(R"("cty":")" + std::string(type) + "\""), Reason::kMalformed) << type;
  }
  const std::string inner = compact(R"({"alg":"RS256"})", kPayload, kSignature);
  EXPECT_EQ(parse(compact(R"({"alg":"RS256"})", inner, kSignature)), Reason::kMalformed);
}

TEST(Token, limits_are_kept) {
  const std::string header = R"({"alg":"RS256"})";
  const std::string token = compact(header, kPayload, kSignature);
  EXPECT_EQ(parse(token + std::string(16 * 1024 + 1 - token.size(), 'A')), Reason::kTooLarge);
  const std::string large_header = R"({"alg":"RS256","x":")" + std::string(3060, 'x') + "\"}";
  EXPECT_EQ(parse_header(large_header), Reason::kTooLarge);
  TokenLimits limits;
  limits.max_token_bytes = token.size();
  EXPECT_TRUE(TokenParser(limits).parse(token));
  limits.max_token_bytes = token.size() - 1;
  EXPECT_EQ(TokenParser(limits).parse(token).error(), Reason::kTooLarge);
  limits = {};
  limits.max_depth = 1;
  EXPECT_TRUE(TokenParser(limits).parse(token));
  EXPECT_EQ(TokenParser(limits).parse(compact(header, R"({"a":[]})", kSignature)).error(), Reason::kMalformed);
}

TEST(Token, random_bytes_are_refused_and_do_no_harm) {
  std::mt19937 random(2);
  TokenParser parser;
  constexpr std::string_view kLikely = "eyJ.{}[]\":,AZaz09-_=\\u\0\xFF";
  for (int round = 0; round < 20000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = kLikely[random() % kLikely.size()];
    EXPECT_FALSE(parser.parse(bytes));
    EXPECT_FALSE(parser.parse(compact(bytes, kPayload, kSignature)));
    (void)parser.parse(compact(R"({"alg":"RS256"})", bytes, kSignature));
    (void)shape_of(bytes);
  }
}

TEST(Shape, is_told_before_anything_is_decoded) {
  for (const std::string_view jwt : {"eyJhbGciOiJSUzI1NiJ9.e30.x", "ewogImFsZyI6IDF9.x.y", "IHsiYWxnIjoxfQ.x.y"})
    EXPECT_TRUE(begins_with_jose_header(jwt)) << jwt;
  for (const std::string_view opaque :
       {"ya29.c.b0AXv0zTO", "aaaa.bbbb.cccc", "v2.local.xyz", "a.b.c", "", "e30", "..", "W10x.a.b"})
    EXPECT_FALSE(begins_with_jose_header(opaque)) << opaque;
  EXPECT_EQ(shape_of("aaaa.bbbb.cccc"), Shape::kCompactJws);
  EXPECT_EQ(shape_of("aaaa.bbbb."), Shape::kCompactJws);
  EXPECT_EQ(shape_of("a.b.c.d.e"), Shape::kCompactJwe);
  EXPECT_EQ(shape_of("a..c.d.e"), Shape::kCompactJwe);
  for (const char* text :
       {"opaque", "a.b", "ya29.a0-_~+/", "a.b.c.d", "a.b.c.d.e.f", "secret==", "a.b.c=", "eyJhbGciOiJub25lIn0"}) {
    EXPECT_EQ(shape_of(text), Shape::kOpaque) << text;
  }
  for (const char* text : {"", "=", "a b", "a\n", "a=b", "{\"payload\":\"x\"}", "a,b", "\xC3\xA4", "a%2Eb.c"}) {
    EXPECT_EQ(shape_of(text), Shape::kMalformed) << text;
  }
}

TEST(Shape, a_jose_token_in_loose_form_gets_no_second_chance_as_an_opaque_one) {
  const std::string token = compact(R"({"alg":"RS256"})", kPayload, kSignature);
  ASSERT_EQ(shape_of(token), Shape::kCompactJws);
  for (const std::string& loose :
       {token + "=", token + "==", token + "+", token + ".a", token.substr(0, token.rfind('.'))}) {
    EXPECT_EQ(shape_of(loose), Shape::kMalformed) << loose;
  }
}

// Cross-token confusion, logout token
TEST(TokenType, tokens_of_another_kind_are_foreign) {
  for (const char* type :
       {"logout+jwt", "dpop+jwt", "secevent+jwt", "token-introspection+jwt", "JOSE+JSON", "jose+json",
        "okta-internal-at+jwt", "application/okta-internal-at+jwt", "APPLICATION/LOGOUT+JWT", "kb+jwt",
        "oauth-authz-req+jwt", "vc+sd-jwt", "application/application/at+jwt", "text/plain", "at+jwt "}) {
    EXPECT_TRUE(is_foreign_token_type(without_application_prefix(type))) << type;
  }
  for (const char* type :
       {"JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+JWT", "", "JOSE", "Bearer"}) {
    EXPECT_FALSE(is_foreign_token_type(without_application_prefix(type))) << type;
  }
}

}  // namespace
}  // namespace bearerd::jose
