#include "http/admin_revocations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearerd::http {
namespace {

using state::RevocationKind;
using testing::HasSubstr;

const std::string kHandle(43, 'A');

TEST(RevocationCall, is_read_with_every_member) {
  const auto read = parse_revocation(
      R"({"provider":"demo","subject":"alice","issued_before":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"})");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->kind, RevocationKind::kSubjectBefore);
  EXPECT_EQ(read->provider, "demo");
  EXPECT_EQ(read->value, "alice");
  EXPECT_EQ(read->issued_before, base::Timestamp{1'767'225'600});
  EXPECT_EQ(read->until, base::Timestamp{1'767'312'000});
  EXPECT_EQ(parse_revocation(R"({"caller":")" + kHandle + "\"}")->kind, RevocationKind::kSubject);
  EXPECT_EQ(parse_revocation(R"({"provider":"demo","jti":"t"})")->kind, RevocationKind::kToken);
  EXPECT_EQ(parse_revocation(R"({"provider":"demo","session":"s"})")->kind, RevocationKind::kSession);
  EXPECT_EQ(parse_revocation(R"({"provider":"demo","key":"k"})")->kind, RevocationKind::kKey);
}

TEST(RevocationCall, that_is_none_is_refused_without_its_values) {
  for (const auto& [body, text] : {std::pair{"", "no JSON object"}, std::pair{"[]", "no JSON object"},
                                   std::pair{R"({"provider":"demo"})", "is missing"},
                                   std::pair{R"({"jti":"secret-1"})", "\"provider\" is missing"},
                                   std::pair{R"({"provider":"demo","jti":7})", "\"jti\" has to be a string"},
                                   std::pair{R"({"provider":"demo","jti":null})", "\"jti\" has to be a string"},
                                   std::pair{R"({"provider":"demo","jti":""})", "1 to 1024 bytes"},
                                   std::pair{R"({"provider":"demo","issuedBefore":"x"})", "no member \"issuedBefore\""},
                                   std::pair{R"({"provider":"demo","issued_before":"secret-1"})", "RFC 3339"},
                                   std::pair{R"({"provider":"demo","jti":"secret-1","key":"k"})", "together"}}) {
    const auto read = parse_revocation(body);
    ASSERT_FALSE(read) << body;
    const bool is_unreadable = std::string_view(text) == "no JSON object";
    EXPECT_EQ(read.error().code, is_unreadable ? base::ErrorCode::kDenied : base::ErrorCode::kInvalid);
    EXPECT_THAT(read.error().text, HasSubstr(text));
    EXPECT_THAT(read.error().text, testing::Not(HasSubstr("secret-1")));
  }
}

TEST(RevocationQuery, of_a_page_and_of_an_id_are_strict) {
  const auto wish = parse_revocation_wish("limit=7&after=jti." + kHandle);
  ASSERT_TRUE(wish);
  EXPECT_EQ(wish->max_entries, 7U);
  EXPECT_EQ(to_text(*wish->after), "jti." + kHandle);
  EXPECT_EQ(parse_revocation_wish("")->max_entries, 100U);
  for (const char* query : {"limit=0", "limit=201", "after=x", "other=1", "limit"}) {
    EXPECT_FALSE(parse_revocation_wish(query)) << query;
  }
  EXPECT_EQ(to_text(*parse_revocation_id("id=key." + kHandle)), "key." + kHandle);
  EXPECT_EQ(to_text(*parse_revocation_id("id=key%2E" + kHandle)), "key." + kHandle);
  for (const std::string& query : {std::string(), std::string("id="), "x=key." + kHandle, "id=key." + kHandle + "&a=b",
                                   "id=key." + kHandle + "&id=key." + kHandle}) {
    EXPECT_FALSE(parse_revocation_id(query)) << query;
  }
}

TEST(RevocationJson, tells_what_is_kept_and_no_more) {
  state::RevocationEntry entry;
  entry.mark.kind = RevocationKind::kProviderBefore;
  entry.issued_before = 1'767'225'600;
  entry.added_at = 1'767'225'601;
  const std::string json = R"({"id":"provider_issued_before.)" + kHandle +
                           R"(","kind":"provider_issued_before","issued_before":"2026-01-01T00:00:00Z","until":null,)"
                           R"("added_at":"2026-01-01T00:00:01Z"})";
  EXPECT_EQ(to_json(entry), json);
  EXPECT_EQ(to_json(state::RevocationPage{{entry}, true}),
            R"({"revocations":[)" + json + R"(],"next":"provider_issued_before.)" + kHandle + "\"}");
  EXPECT_EQ(to_json(state::RevocationPage{}), R"({"revocations":[],"next":null})");
}

}  // namespace
}  // namespace bearerd::http
