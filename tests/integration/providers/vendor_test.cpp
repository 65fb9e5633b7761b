// Every vendor's tokens, really signed, through its real plugin and the real verifier.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "integration/providers/vendor_world.hpp"
#include "keys/discovery.hpp"

namespace bearerd::test {
namespace {

VendorWorld& world_of(const std::string& vendor) {
  static std::map<std::string, std::unique_ptr<VendorWorld>> worlds;
  auto& world = worlds[vendor];
  if (world == nullptr) world = std::make_unique<VendorWorld>(vendor);
  return *world;
}

std::vector<VendorCase> all_cases() {
  std::vector<VendorCase> cases;
  for (const std::string& vendor : vendor_names()) {
    const auto read = read_vendor(vendor).cases;
    cases.insert(cases.end(), read.begin(), read.end());
  }
  return cases;
}

class VendorToken : public testing::TestWithParam<VendorCase> {};

TEST_P(VendorToken, is_decided_for_its_own_reason) {
  const VendorCase& wanted = GetParam();
  const auto answer = world_of(wanted.vendor).ask(wanted);
  ASSERT_EQ(answer.reason, wanted.reason) << wanted.header << "." << wanted.claims << " under " << wanted.entry;
  EXPECT_TRUE(answer.strays.empty()) << "asked for " << answer.strays.front();
  if (answer.identity == nullptr) return;
  const verify::Identity& identity = *answer.identity;
  EXPECT_FALSE(identity.user_id.empty());
  EXPECT_EQ(identity.user_id, wanted.user_id.value_or(identity.user_id));
  EXPECT_EQ(identity.name, wanted.display_name.value_or(identity.name));
  EXPECT_EQ(identity.email, wanted.email.value_or(identity.email));
  EXPECT_EQ(identity.session, wanted.session.value_or(identity.session));
  EXPECT_EQ(identity.roles, wanted.roles.value_or(identity.roles));
}

INSTANTIATE_TEST_SUITE_P(tables, VendorToken, testing::ValuesIn(all_cases()),
                         [](const auto& of) { return of.param.vendor + "_" + of.param.name; });

std::vector<VendorCase> unloadable_entries() {
  std::vector<VendorCase> entries;
  for (const std::string& vendor : vendor_names()) {
    const auto read = read_vendor(vendor).unloadable;
    entries.insert(entries.end(), read.begin(), read.end());
  }
  return entries;
}

class VendorEntry : public testing::TestWithParam<VendorCase> {};

TEST_P(VendorEntry, does_not_load_and_says_why) {
  const VendorCase& wanted = GetParam();
  const std::string said = world_of(wanted.vendor).faults(wanted);
  EXPECT_NE(said.find(wanted.reason), std::string::npos) << wanted.entry << " is told: " << said;
}

INSTANTIATE_TEST_SUITE_P(tables, VendorEntry, testing::ValuesIn(unloadable_entries()),
                         [](const auto& of) { return of.param.vendor + "_" + of.param.name; });

// Ten that are taken, and twenty that are refused, none twice.
TEST(VendorTables, every_vendor_has_enough_cases_and_no_two_are_the_same) {
  for (const std::string& name : vendor_names()) {
    const Vendor vendor = read_vendor(name);
    const auto accepted = std::count_if(vendor.cases.begin(), vendor.cases.end(),
                                        [](const VendorCase& wanted) { return wanted.reason == "ok"; });
    EXPECT_GE(accepted, 10) << name;
    EXPECT_GE(static_cast<std::ptrdiff_t>(vendor.cases.size()) - accepted, 20) << name;
    std::map<std::string, std::string> seen;
    for (const VendorCase& wanted : vendor.cases) {
      const std::string all = wanted.entry + wanted.header + wanted.claims + wanted.signer +
                              std::to_string(wanted.at_seconds) +
                              (wanted.rotation ? std::to_string(wanted.rotation->seconds) : "");
      const auto [place, is_new] = seen.try_emplace(all, wanted.name);
      EXPECT_TRUE(is_new) << name << ": " << wanted.name << " and " << place->second << " are one case";
    }
  }
}

// Google alone has its keys on another host than its issuer.
TEST(VendorTables, discovery_documents_lead_to_the_keys_on_an_expected_host_only) {
  for (const std::string& name : vendor_names()) {
    const Vendor vendor = read_vendor(name);
    const auto discovery = keys::parse_discovery(vendor.discovery);
    ASSERT_TRUE(discovery) << name << ": " << discovery.error().text;
    EXPECT_EQ(discovery->jwks_uri, vendor.key_set_urls.front()) << name;
    keys::KeySourceSettings source;
    source.issuer = discovery->issuer;
    source.discovery_url = discovery->issuer + "/.well-known/openid-configuration";
    EXPECT_EQ(keys::check_discovery(*discovery, source).has_value(), name != "google") << name;
    source.extra_jwks_hosts = {"www.googleapis.com"};
    EXPECT_TRUE(keys::check_discovery(*discovery, source)) << name;
    source.issuer += "/";
    EXPECT_FALSE(keys::check_discovery(*discovery, source)) << name;
  }
}

}  // namespace
}  // namespace bearerd::test
