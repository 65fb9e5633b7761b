// docs/settings.md and the shipped files say what the tables say.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "settings/table.hpp"
#include "unit/settings/loading.hpp"

namespace bearerd::settings {
namespace {

std::string read_source(const std::string& name) {
  std::ifstream file(BEARERD_SOURCE_DIRECTORY "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_in_docs(const std::string& docs, const Family& family) {
  const std::string block =
      "<!-- table " + std::string(family.path) + " -->\n" + markdown_table(family) + "<!-- end -->\n";
  EXPECT_NE(docs.find(block), std::string::npos) << "docs/settings.md lacks, or differs from:\n" << block;
}

TEST(SettingsPage, has_every_table_as_the_code_has_it) {
  const std::string docs = read_source("docs/settings.md");
  for (const Family& family : static_families()) expect_in_docs(docs, family);
  for (const Family& family : dynamic_families()) expect_in_docs(docs, family);
}

class Shipped : public Loading {};

TEST_F(Shipped, settings_load_without_a_word) {
  const LoadOutcome outcome = load_file(BEARERD_SOURCE_DIRECTORY "/etc/settings.json");
  EXPECT_NE(outcome.settings, nullptr);
  EXPECT_EQ(messages(outcome), std::vector<std::string>{});
}

}  // namespace
}  // namespace bearerd::settings
