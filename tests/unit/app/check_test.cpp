// What bearerd --check prints.
#include "app/check.hpp"

#include "app/exit_code.hpp"
#include "unit/runtime/settings_folder.hpp"

namespace bearerd::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Check : public runtime::tests::SettingsFolder {
 protected:
  Check() {
    write("keys.json", "no JSON");
    write("key.pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    for (const char* file : {"keys.json", "key.pem"})
      std::filesystem::permissions(path(file), std::filesystem::perms(0600));
  }
  int check(bool is_online = false) {
    testing::internal::CaptureStdout();
    const int code = check_settings(path("bearerd.json"), {}, is_online);
    printed_ = testing::internal::GetCapturedStdout();
    return code;
  }
  // In the form that editors jump by.
  [[nodiscard]] testing::Matcher<std::string> has_fault(const std::string& place, const std::string& text) const {
    return HasSubstr(path("bearerd.json") + ":" + place + ": " + text);
  }
  const std::string jwks_file_ = R"("issuer": "https://a.example", "audience": "api", "jwksFile": "keys.json")";
  const std::string key_file_ = R"("issuer": "https://b.example", "audience": "api", "publicKeyFile": "key.pem")";
  std::string printed_;
};

TEST_F(Check, key_files_are_looked_into_whatever_else_is_faulty) {
  write_settings({jwks_file_, key_file_ + ",\n\"clockSkewSeconds\": 100000", issuer("c")},
                 ",\n\"verify\": {\"waitMs\": \"soon\"}");
  EXPECT_EQ(check(), kSettings);
  EXPECT_THAT(printed_, HasSubstr("identityProviders.a.jwksFile: "));
  EXPECT_THAT(printed_, HasSubstr("identityProviders.b.publicKeyFile: "));
  EXPECT_THAT(printed_, HasSubstr("identityProviders.b.clockSkewSeconds: "));
  EXPECT_THAT(printed_, HasSubstr("verify.waitMs: "));
}

TEST_F(Check, what_plugins_refuse_is_told_beside_the_faults_of_other_entries) {
  write_settings({R"("audience": "api")", issuer("b") + R"(, "clockSkewSeconds": 100000)"});
  EXPECT_EQ(check(), kSettings);
  EXPECT_THAT(printed_, AllOf(HasSubstr("nothing says how tokens are checked"), HasSubstr("clockSkewSeconds")));
}

TEST_F(Check, an_issuer_of_two_entries_is_told_once) {
  write_settings({issuer("one"), issuer("one")});
  EXPECT_EQ(check(), kSettings);
  EXPECT_EQ(printed_.find("already"), printed_.rfind("already")) << printed_;
}

TEST_F(Check, faults_of_certificates_name_their_place_whatever_else_is_faulty) {
  const std::string listen =
      ",\n\"listen\": {\n \"tls\": {\"certificateFile\": \"c.pem\", \"keyFile\": \"k.pem\"},\n"
      " \"adminTls\": {\"certificateFile\": \"d.pem\", \"keyFile\": \"k.pem\"}}";
  for (const char* more : {"", ", \"verify\": {\"waitMs\": \"soon\"}"}) {
    write_settings({issuer("one")}, listen + more);
    EXPECT_EQ(check(), kSettings);
    EXPECT_THAT(printed_, AllOf(has_fault("3:2", "listen.tls: "), has_fault("4:2", "listen.adminTls: "))) << more;
  }
}

TEST_F(Check, online_a_source_without_keys_is_a_fault_with_its_place_its_key_and_its_url) {
  write_settings(
      {"\n\"jwksUrl\": \"http://127.0.0.1:1/keys\", \"issuer\": \"https://a.example\", \"audience\": \"api\"",
       "\n\"issuer\": \"http://127.0.0.1:1\", \"audience\": \"api\""});
  EXPECT_EQ(check(), kClean);
  EXPECT_EQ(check(true), kSettings);
  EXPECT_THAT(printed_, has_fault("2:1", "identityProviders.a.jwksUrl: no keys from http://127.0.0.1:1/keys: "));
  EXPECT_THAT(printed_, has_fault("3:1",
                                  "identityProviders.b.issuer: no keys from "
                                  "http://127.0.0.1:1/.well-known/openid-configuration: "));
}

}  // namespace
}  // namespace bearerd::app
