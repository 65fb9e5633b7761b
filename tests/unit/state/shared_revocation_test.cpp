#include "state/shared_revocation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bearerd::state {
namespace {

const base::Secret kKey{std::string_view("0123456789abcdef0123456789abcdef")};

SharedRevocation example(bool is_ended) {
  SharedRevocation shared;
  shared.entry.mark.kind = RevocationKind::kSubjectBefore;
  shared.entry.mark.handle.bytes.fill(7);
  shared.entry.issued_before = -5;
  shared.entry.added_at = 1767225600;
  shared.is_ended = is_ended;
  return shared;
}

TEST(SharedRevocation, reads_back_what_was_written) {
  for (const bool is_ended : {false, true}) {
    const SharedRevocation shared = example(is_ended);
    const auto read = parse_shared(kKey, to_text(shared.entry.mark), to_text(kKey, shared));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->entry, shared.entry);
    EXPECT_EQ(read->is_ended, is_ended);
  }
}

TEST(SharedRevocation, any_changed_character_makes_it_nothing) {
  const SharedRevocation shared = example(false);
  const std::string mark = to_text(shared.entry.mark);
  const std::string text = to_text(kKey, shared);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == '1' ? '2' : '1';
    EXPECT_FALSE(parse_shared(kKey, mark, changed)) << changed;
    EXPECT_FALSE(parse_shared(kKey, mark, text.substr(0, i)));
  }
  EXPECT_FALSE(parse_shared(kKey, mark, text + " "));
}

TEST(SharedRevocation, is_nothing_under_another_mark_or_key) {
  const SharedRevocation shared = example(true);
  RevocationMark other = shared.entry.mark;
  other.kind = RevocationKind::kSubject;
  const std::string text = to_text(kKey, shared);
  EXPECT_FALSE(parse_shared(kKey, to_text(other), text));
  EXPECT_FALSE(parse_shared(base::Secret(std::string_view("another one, also long enough here")),
                            to_text(shared.entry.mark), text));
}

}  // namespace
}  // namespace bearerd::state
