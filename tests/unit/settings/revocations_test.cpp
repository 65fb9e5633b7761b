#include <gmock/gmock.h>

#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RevocationsFile : public Loading {
 protected:
  LoadOutcome load_list(const std::string& list) {
    write("revoked.json", list);
    return load_text(std::string(R"({"state": {"revocationsFile": "revoked.json"}, "identityProviders": {"demo": {)") +
                     kQuietEntry + "}}}");
  }
  std::string caller_ = std::string(42, 'x') + "A";
};

TEST_F(RevocationsFile, holds_every_kind) {
  const auto outcome = load_list(R"([
    // the leak of Tuesday
    {"provider": "demo", "jti": "t-1", "until": "2026-12-01T00:00:00Z"},
    {"provider": "demo", "session": "s-1"},
    {"provider": "demo", "subject": "alice"},
    {"caller": ")" + caller_ + R"("},
    {"provider": "demo", "subject": "alice", "issuedBefore": "2026-01-01T00:00:00Z"},
    {"provider": "demo", "key": "k-1"},
    {"provider": "demo", "issuedBefore": "2026-01-01T00:00:00.5Z"},
  ])");
  EXPECT_THAT(messages(outcome), IsEmpty());
  ASSERT_NE(outcome.settings, nullptr);
  const auto& list = outcome.settings->revocations;
  ASSERT_EQ(list.size(), 7U);
  EXPECT_EQ(list[0].kind, RevocationKind::kToken);
  EXPECT_EQ(list[0].provider, "demo");
  EXPECT_EQ(list[0].value, "t-1");
  EXPECT_EQ(list[0].until, base::parse_timestamp("2026-12-01T00:00:00Z"));
  EXPECT_EQ(list[1].kind, RevocationKind::kSession);
  EXPECT_EQ(list[2].kind, RevocationKind::kSubject);
  EXPECT_FALSE(list[2].is_caller);
  EXPECT_EQ(list[3].kind, RevocationKind::kSubject);
  EXPECT_TRUE(list[3].is_caller);
  EXPECT_EQ(list[4].kind, RevocationKind::kSubjectBefore);
  EXPECT_EQ(list[5].kind, RevocationKind::kKey);
  EXPECT_EQ(list[6].kind, RevocationKind::kProviderBefore);
  EXPECT_EQ(list[6].issued_before, base::Timestamp{1'767'225'601});
  EXPECT_THAT(watched_paths(outcome), testing::Contains(directory_ + "/revoked.json"));
}

TEST_F(RevocationsFile, names_the_place_of_each_fault) {
  EXPECT_THAT(faults(load_list("[\n  {\"provider\": \"demo\", \"jt\": \"t-1\"},\n  {\"provider\": \"demo\", "
                               "\"until\": \"tomorrow\"},\n  {\"jti\": \"t-1\"}\n]")),
              ElementsAre(HasSubstr("revoked.json:2:24: jt: unknown key (did you mean \"jti\"?)"),
                          HasSubstr("revoked.json:3:33: until: has to be a time such as"),
                          HasSubstr("revoked.json:4:3: \"provider\" is missing")));
}

TEST_F(RevocationsFile, refuses_what_does_not_go_together) {
  const auto fault_of = [&](const std::string& members) {
    const auto found = faults(load_list("[{" + members + "}]"));
    return found.size() == 1 ? found.front() : std::to_string(found.size()) + " faults";
  };
  EXPECT_THAT(fault_of(R"("provider": "demo")"), HasSubstr("is missing"));
  EXPECT_THAT(fault_of(R"("provider": "demo", "jti": "a", "key": "b")"), HasSubstr("can't stand together"));
  EXPECT_THAT(fault_of(R"("provider": "demo", "subject": "a", "caller": ")" + caller_ + "\""),
              HasSubstr("can't stand together"));
  EXPECT_THAT(fault_of(R"("provider": "demo", "key": "a", "issuedBefore": "2026-01-01T00:00:00Z")"),
              HasSubstr("goes with a user or with a provider alone"));
  EXPECT_THAT(fault_of(R"("caller": "alice")"), HasSubstr("43 characters"));
  // One bit more than 32 bytes have.
  EXPECT_THAT(fault_of(R"("caller": ")" + std::string(43, 'x') + "\""), HasSubstr("43 characters"));
  EXPECT_THAT(fault_of(R"("provider": "demo", "jti": 7)"), HasSubstr("revoked.json:1:"));
}

TEST_F(RevocationsFile, that_is_no_list_or_not_there_is_a_fault) {
  EXPECT_THAT(faults(load_list("{}")),
              ElementsAre(HasSubstr("revoked.json:1:1: this is an object, but it takes a list")));
  EXPECT_THAT(faults(load_list("")), ElementsAre(HasSubstr("revoked.json:1:1: not JSON")));
  std::filesystem::remove(directory_ + "/revoked.json");
  EXPECT_THAT(faults(load_file(directory_ + "/settings.json")), ElementsAre(HasSubstr("state.revocationsFile: ")));
}

TEST_F(RevocationsFile, warns_about_a_provider_that_is_not_there) {
  const auto outcome = load_list(R"([{"provider": "dmo", "jti": "a"}])");
  EXPECT_NE(outcome.settings, nullptr);
  EXPECT_THAT(messages(outcome), ElementsAre(HasSubstr("there is no provider \"dmo\", so this revokes nothing (did you "
                                                       "mean \"demo\"?)")));
}

TEST_F(RevocationsFile, changes_the_digest_with_its_meaning_only) {
  const auto digest = [&](const std::string& list) { return load_list(list).settings->static_digest; };
  const std::string before = digest(R"([{"provider": "demo", "jti": "a"}])");
  EXPECT_EQ(digest("[ /* same */ {\"jti\": \"a\", \"provider\": \"demo\"} ]"), before);
  EXPECT_NE(digest(R"([{"provider": "demo", "jti": "b"}])"), before);
  EXPECT_NE(digest("[]"), before);
}

}  // namespace
}  // namespace bearerd::settings
