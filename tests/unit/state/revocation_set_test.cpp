#include "state/revocation_set.hpp"

#include <gtest/gtest.h>

#include "state/state_key.hpp"

namespace bearerd::state {
namespace {

constexpr std::int64_t kNow = 1'767'225'600;

class RevocationSetTest : public testing::Test {
 protected:
  [[nodiscard]] settings::Revocation revocation(RevocationKind kind, const std::string& value) const {
    settings::Revocation made;
    made.kind = kind;
    made.provider = "demo";
    made.value = value;
    return made;
  }
  [[nodiscard]] TokenTraces traces(const std::string& user = "alice", const std::string& provider = "demo") const {
    const std::string caller = caller_key(key_, provider, user);
    return make_traces(key_, {provider, "t-1", "s-1", "k-1", caller});
  }
  [[nodiscard]] bool revokes(const settings::Revocation& made, std::optional<std::int64_t> issued_at = kNow - 60,
                             const std::string& user = "alice", const std::string& provider = "demo") const {
    const TokenTraces of_token = traces(user, provider);
    return make_revocation_set(key_, {made})->revokes(&of_token, issued_at, now_);
  }

  const base::Secret key_{std::string_view("0123456789abcdef0123456789abcdef")};
  std::int64_t now_ = kNow;
};

TEST_F(RevocationSetTest, each_kind_revokes_what_it_names_and_nothing_else) {
  for (const auto& [kind, value] :
       {std::pair{RevocationKind::kToken, "t-1"}, std::pair{RevocationKind::kSession, "s-1"},
        std::pair{RevocationKind::kSubject, "alice"}, std::pair{RevocationKind::kKey, "k-1"}}) {
    EXPECT_TRUE(revokes(revocation(kind, value))) << value;
    EXPECT_TRUE(revokes(revocation(kind, value), std::nullopt)) << value;
    EXPECT_FALSE(revokes(revocation(kind, "other"))) << value;
    EXPECT_FALSE(revokes(revocation(kind, value), kNow, "alice", "another")) << value;
  }
  // A value counts for its own kind alone.
  EXPECT_FALSE(revokes(revocation(RevocationKind::kToken, "s-1")));
  EXPECT_FALSE(revokes(revocation(RevocationKind::kSession, "t-1")));
  EXPECT_FALSE(revokes(revocation(RevocationKind::kSubject, "alice"), kNow, "bob"));
}

TEST_F(RevocationSetTest, user_is_found_by_the_caller_too) {
  settings::Revocation made;
  made.kind = RevocationKind::kSubject;
  made.is_caller = true;
  made.value = caller_key(key_, "demo", "alice");
  EXPECT_TRUE(revokes(made));
  EXPECT_FALSE(revokes(made, kNow, "bob"));
  EXPECT_EQ(make_entry(key_, made).mark, make_entry(key_, revocation(RevocationKind::kSubject, "alice")).mark);
}

TEST_F(RevocationSetTest, issued_before_spares_the_younger_and_not_what_has_no_date) {
  for (const auto& [kind, value] :
       {std::pair{RevocationKind::kSubjectBefore, "alice"}, std::pair{RevocationKind::kProviderBefore, ""}}) {
    settings::Revocation made = revocation(kind, value);
    made.issued_before = base::Timestamp{kNow};
    EXPECT_TRUE(revokes(made, kNow - 1));
    EXPECT_FALSE(revokes(made, kNow));
    EXPECT_TRUE(revokes(made, std::nullopt));
    EXPECT_FALSE(revokes(made, kNow - 1, "alice", "another"));
  }
  settings::Revocation of_alice = revocation(RevocationKind::kSubjectBefore, "alice");
  of_alice.issued_before = base::Timestamp{kNow};
  EXPECT_FALSE(revokes(of_alice, kNow - 1, "bob"));
}

TEST_F(RevocationSetTest, entry_ends_at_its_until) {
  for (const RevocationKind kind : settings::kRevocationKinds) {
    settings::Revocation made = revocation(kind, kind == RevocationKind::kToken            ? "t-1"
                                                 : kind == RevocationKind::kSession        ? "s-1"
                                                 : kind == RevocationKind::kKey            ? "k-1"
                                                 : kind == RevocationKind::kProviderBefore ? ""
                                                                                           : "alice");
    const bool has_moment = kind == RevocationKind::kSubjectBefore || kind == RevocationKind::kProviderBefore;
    if (has_moment) made.issued_before = base::Timestamp{kNow};
    made.until = base::Timestamp{kNow + 100};
    now_ = kNow + 99;
    EXPECT_TRUE(revokes(made)) << name(kind);
    now_ = kNow + 100;
    EXPECT_FALSE(revokes(made)) << name(kind);
  }
}

TEST_F(RevocationSetTest, what_has_ended_is_kept_and_not_in_force) {
  settings::Revocation ending = revocation(RevocationKind::kToken, "t-1");
  ending.until = base::Timestamp{kNow + 100};
  const std::vector<RevocationEntry> entries{make_entry(key_, ending),
                                             make_entry(key_, revocation(RevocationKind::kToken, "t-2"))};
  const RevocationSet set(entries);
  EXPECT_EQ(set.count_in_force(kNow + 99), 2U);
  EXPECT_EQ(set.count_in_force(kNow + 100), 1U);
}

TEST_F(RevocationSetTest, said_twice_it_is_what_either_says) {
  settings::Revocation first = revocation(RevocationKind::kSubjectBefore, "alice");
  first.issued_before = base::Timestamp{kNow - 10};
  first.until = base::Timestamp{kNow + 100};
  settings::Revocation second = first;
  second.issued_before = base::Timestamp{kNow - 50};
  second.until = base::Timestamp{kNow + 200};
  const TokenTraces of_token = traces();
  for (const auto& list : {std::vector{first, second}, std::vector{second, first}}) {
    const auto set = make_revocation_set(key_, list);
    EXPECT_TRUE(set->revokes(&of_token, kNow - 20, kNow + 150));
    EXPECT_FALSE(set->revokes(&of_token, kNow - 20, kNow + 200));
    EXPECT_EQ(set->count_in_force(kNow), 1U);
  }
}

TEST_F(RevocationSetTest, empty_one_needs_no_traces_and_revokes_nothing) {
  const auto none = make_revocation_set(key_, {});
  EXPECT_FALSE(none->has_entries());
  EXPECT_FALSE(none->revokes(nullptr, std::nullopt, kNow));
}

TEST_F(RevocationSetTest, that_is_unreadable_refuses_all_that_is_old) {
  const RevocationSet set({}, kNow);
  EXPECT_TRUE(set.refuses_everything_old());
  EXPECT_TRUE(set.revokes(nullptr, kNow - 1, kNow));
  EXPECT_TRUE(set.revokes(nullptr, std::nullopt, kNow));
  EXPECT_FALSE(set.revokes(nullptr, kNow, kNow));
}

TEST_F(RevocationSetTest, without_traces_nothing_passes_a_list) {
  const auto set = make_revocation_set(key_, {revocation(RevocationKind::kToken, "other")});
  EXPECT_TRUE(set->revokes(nullptr, kNow, kNow));
}

TEST_F(RevocationSetTest, marks_have_one_text) {
  for (const RevocationKind kind : settings::kRevocationKinds) {
    const RevocationMark mark = make_entry(key_, revocation(kind, "v")).mark;
    EXPECT_EQ(parse_mark(to_text(mark)), mark);
  }
  const std::string handle(43, 'A');
  for (const std::string& text : {std::string(), std::string("jti"), std::string("jti."), "x." + handle,
                                  "jti." + handle + "A", "jti." + handle.substr(1) + "B", "JTI." + handle, handle}) {
    EXPECT_EQ(parse_mark(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bearerd::state
