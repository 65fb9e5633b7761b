// A plugin is replaced while its old version still answers.
#include "unit/plugin/plugin_fixture.hpp"

namespace bearerd::tests {
namespace {

class Replacement : public PluginFixture {
 protected:
  void put_version(int version) {
    install(std::string(BEARERD_TEST_PLUGINS) + "/replaced-" + std::to_string(version) + ".so", "replaced");
  }
  static std::string version_of(const plugin::Instance& instance) {
    const TestToken token("{}");
    plugin::Identity identity;
    EXPECT_EQ(check(instance, token), base::Reason::kOk);
    EXPECT_TRUE(instance.identify(token.header(), token.claims(), identity));
    return identity.user_id + identity.name;
  }
  std::size_t copies() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(cache() + "/plugins"))
      count += file.path().extension() == ".so" ? 1U : 0U;
    return count;
  }
};

TEST_F(Replacement, each_version_keeps_its_own_code_and_statics) {
  put_version(1);
  const auto first = create("replaced").value();
  EXPECT_EQ(version_of(*first), "11");
  put_version(2);
  loader_.begin_generation();
  const auto second = create("replaced").value();
  EXPECT_EQ(version_of(*second), "22");
  EXPECT_EQ(version_of(*first), "11");
  EXPECT_NE(first->library_digest(), second->library_digest());
  EXPECT_EQ(second->plugin_version(), "2.0");
}

TEST_F(Replacement, old_library_is_unmapped_after_its_last_instance) {
  put_version(1);
  auto first = create("replaced").value();
  auto another = create("replaced").value();
  const std::string copy = "replaced-" + std::string(first->library_digest());
  put_version(2);
  loader_.begin_generation();
  const auto second = create("replaced").value();
  first.reset();
  EXPECT_TRUE(is_mapped(copy));
  another.reset();
  EXPECT_FALSE(is_mapped(copy));
  EXPECT_EQ(version_of(*second), "22");
}

TEST_F(Replacement, going_back_to_the_old_version_works) {
  for (const int version : {1, 2, 1, 2, 1}) {
    put_version(version);
    loader_.begin_generation();
    EXPECT_EQ(version_of(*create("replaced").value()), std::string(2, static_cast<char>('0' + version)));
  }
}

TEST_F(Replacement, file_is_looked_at_once_in_a_generation) {
  put_version(1);
  loader_.begin_generation();
  const auto first = create("replaced").value();
  put_version(2);
  EXPECT_EQ(version_of(*create("replaced").value()), "11");
  loader_.begin_generation();
  EXPECT_EQ(version_of(*create("replaced").value()), "22");
}

TEST_F(Replacement, same_content_is_one_library) {
  put_version(1);
  const auto first = create("replaced").value();
  put_version(1);
  loader_.begin_generation();
  const auto second = create("replaced").value();
  EXPECT_EQ(first->library_digest(), second->library_digest());
  EXPECT_EQ(copies(), 1U);
}

TEST_F(Replacement, overwriting_the_installed_file_in_place_hurts_nobody) {
  put_version(1);
  const auto first = create("replaced").value();
  std::ofstream(directory() + "/replaced.so", std::ios::trunc) << "overwritten";
  EXPECT_EQ(version_of(*first), "11");
}

TEST_F(Replacement, copy_that_is_there_already_is_never_believed) {
  put_version(1);
  std::string digest;
  digest = create("replaced").value()->library_digest();
  loader_.begin_generation();
  const std::string copy = cache() + "/plugins/replaced-" + digest + ".so";
  EXPECT_FALSE(std::filesystem::exists(copy));
  std::ofstream(copy) << "planted";
  EXPECT_EQ(version_of(*create("replaced").value()), "11");
}

TEST_F(Replacement, copies_that_nobody_uses_are_swept) {
  put_version(1);
  auto first = create("replaced").value();
  const std::string leftover = cache() + "/plugins/replaced-" + std::string(64, 'a') + ".so";
  std::ofstream(leftover) << "of a process that died";
  loader_.begin_generation();
  EXPECT_FALSE(std::filesystem::exists(leftover));
  EXPECT_EQ(copies(), 1U);
  first.reset();
  loader_.begin_generation();
  EXPECT_EQ(copies(), 0U);
}

TEST_F(Replacement, copy_is_private_and_not_writable) {
  put_version(1);
  const auto first = create("replaced").value();
  struct stat status = {};
  ASSERT_EQ(::stat((cache() + "/plugins").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U);
  const std::string copy = cache() + "/plugins/replaced-" + std::string(first->library_digest()) + ".so";
  ASSERT_EQ(::stat(copy.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0500U);
}

TEST_F(Replacement, instance_outlives_its_loader) {
  put_version(1);
  std::shared_ptr<const plugin::Instance> instance;
  {
    plugin::Loader loader({cache(), nullptr});
    instance = loader.create(plugins_, entry("replaced", "{}")).value();
  }
  EXPECT_EQ(version_of(*instance), "11");
}

}  // namespace
}  // namespace bearerd::tests
