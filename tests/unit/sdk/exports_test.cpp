#include "sdk/check/exports.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace bearerd::check {
namespace {

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Exports, shipped_plugin_exports_its_entry_alone) {
  const auto exports = read_exports(bytes_of(BEARERD_PLUGIN_DIRECTORY "/oidc.so"));
  ASSERT_TRUE(exports) << exports.error().text;
  ASSERT_EQ(exports->size(), 1U);
  EXPECT_EQ(exports->front().name, "bearerd_plugin_v1");
  EXPECT_FALSE(exports->front().is_unique);
}

TEST(Exports, what_is_no_library_is_refused) {
  for (const std::string& bytes : {std::string(),
                                   std::string("\x7f"
                                               "ELF"),
                                   std::string(4096, 'x'), bytes_of("/proc/self/maps")}) {
    EXPECT_FALSE(read_exports(bytes));
  }
}

// Whatever is cut off or changed: an answer, and no byte read that is not there (AddressSanitizer watches).
TEST(Exports, spoilt_library_is_read_within_its_bytes) {
  const std::string good = bytes_of(BEARERD_TEST_PLUGINS "/well-behaved.so");
  ASSERT_GT(good.size(), 64U);
  for (std::size_t size = 0; size < good.size(); size += 97)
    static_cast<void>(read_exports(std::string_view(good).substr(0, size)));
  for (std::size_t at = 0; at < 64; ++at) {
    std::string spoilt = good;
    spoilt[at] = static_cast<char>(0xff);
    static_cast<void>(read_exports(spoilt));
  }
  for (std::size_t at = good.size() - 2000; at < good.size(); ++at) {  // the table of sections
    std::string spoilt = good;
    spoilt[at] = static_cast<char>(0xff);
    static_cast<void>(read_exports(spoilt));
  }
}

}  // namespace
}  // namespace bearerd::check
