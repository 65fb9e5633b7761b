// Plugins in the field were built with an older minor version of the border, and some will be built with a newer one.
#include <array>
#include <cstddef>
#include <map>

#include "bearerd/plugin_abi.h"
#include "plugin/library.hpp"
#include "plugin/lookups.hpp"
#include "unit/plugin/plugin_fixture.hpp"

constexpr unsigned kTodaysMinor = BEARERD_PLUGIN_ABI_MINOR;
#undef BEARERD_PLUGIN_ABI_H
#undef BEARERD_PLUGIN_ABI_MAJOR
#undef BEARERD_PLUGIN_ABI_MINOR
#undef BEARERD_PLUGIN_SYMBOL
#undef BEARERD_PLUGIN_EXPORT
namespace abi_1_0 {
#include "plugins/abi-1.0/bearerd/plugin_abi.h"
}

namespace bearerd::tests {
namespace {

using base::Reason;

constexpr const char* kClaims =
    R"({"sub": "alice", "number": 7, "yes": true, "list": ["ab", "c"], "object": {"xy": null}})";

#define EXPECT_IN_PLACE(structure, field) \
  EXPECT_EQ(offsetof(::structure, field), offsetof(abi_1_0::structure, field)) << #structure "::" #field

TEST(PluginAbi, every_field_of_1_0_is_where_it_was) {
  EXPECT_IN_PLACE(bearerd_text, data);
  EXPECT_IN_PLACE(bearerd_text, size);
  EXPECT_IN_PLACE(bearerd_lookups, size);
  EXPECT_IN_PLACE(bearerd_lookups, kind_at);
  EXPECT_IN_PLACE(bearerd_lookups, string_at);
  EXPECT_IN_PLACE(bearerd_lookups, integer_at);
  EXPECT_IN_PLACE(bearerd_lookups, boolean_at);
  EXPECT_IN_PLACE(bearerd_lookups, strings_at);
  EXPECT_IN_PLACE(bearerd_lookups, for_each_member);
  EXPECT_IN_PLACE(bearerd_host, size);
  EXPECT_IN_PLACE(bearerd_host, version);
  EXPECT_IN_PLACE(bearerd_host, lookups);
  EXPECT_IN_PLACE(bearerd_host, log);
  EXPECT_IN_PLACE(bearerd_refusal, size);
  EXPECT_IN_PLACE(bearerd_refusal, context);
  EXPECT_IN_PLACE(bearerd_refusal, refuse);
  EXPECT_IN_PLACE(bearerd_token, size);
  EXPECT_IN_PLACE(bearerd_token, claims);
  EXPECT_IN_PLACE(bearerd_token, algorithm);
  EXPECT_IN_PLACE(bearerd_token, type);
  EXPECT_IN_PLACE(bearerd_issuer_template, size);
  EXPECT_IN_PLACE(bearerd_issuer_template, text);
  EXPECT_IN_PLACE(bearerd_issuer_template, allowed);
  EXPECT_IN_PLACE(bearerd_issuer_template, allowed_count);
  EXPECT_IN_PLACE(bearerd_issuer_template, claim);
  EXPECT_IN_PLACE(bearerd_key_location, size);
  EXPECT_IN_PLACE(bearerd_key_location, issuer);
  EXPECT_IN_PLACE(bearerd_key_location, discovery_url);
  EXPECT_IN_PLACE(bearerd_key_location, jwks_url);
  EXPECT_IN_PLACE(bearerd_key_location, extra_hosts);
  EXPECT_IN_PLACE(bearerd_key_location, extra_host_count);
  EXPECT_IN_PLACE(bearerd_trust_sink, size);
  EXPECT_IN_PLACE(bearerd_trust_sink, context);
  EXPECT_IN_PLACE(bearerd_trust_sink, issuer);
  EXPECT_IN_PLACE(bearerd_trust_sink, issuer_template);
  EXPECT_IN_PLACE(bearerd_trust_sink, keys);
  EXPECT_IN_PLACE(bearerd_trust_sink, audience);
  EXPECT_IN_PLACE(bearerd_trust_sink, algorithm);
  EXPECT_IN_PLACE(bearerd_trust_sink, audience_claim);
  EXPECT_IN_PLACE(bearerd_trust_sink, properties);
  EXPECT_IN_PLACE(bearerd_identity_sink, size);
  EXPECT_IN_PLACE(bearerd_identity_sink, context);
  EXPECT_IN_PLACE(bearerd_identity_sink, text);
  EXPECT_IN_PLACE(bearerd_identity_sink, roles);
  EXPECT_IN_PLACE(bearerd_header, name);
  EXPECT_IN_PLACE(bearerd_header, value);
  EXPECT_IN_PLACE(bearerd_fetch_request, size);
  EXPECT_IN_PLACE(bearerd_fetch_request, url);
  EXPECT_IN_PLACE(bearerd_fetch_request, method);
  EXPECT_IN_PLACE(bearerd_fetch_request, headers);
  EXPECT_IN_PLACE(bearerd_fetch_request, header_count);
  EXPECT_IN_PLACE(bearerd_fetch_request, body);
  EXPECT_IN_PLACE(bearerd_fetch_request, attachment);
  EXPECT_IN_PLACE(bearerd_fetch_response, size);
  EXPECT_IN_PLACE(bearerd_fetch_response, status);
  EXPECT_IN_PLACE(bearerd_fetch_response, json);
  EXPECT_IN_PLACE(bearerd_call, size);
  EXPECT_IN_PLACE(bearerd_call, context);
  EXPECT_IN_PLACE(bearerd_call, fetch);
  EXPECT_IN_PLACE(bearerd_plugin, size);
  EXPECT_IN_PLACE(bearerd_plugin, minor);
  EXPECT_IN_PLACE(bearerd_plugin, name);
  EXPECT_IN_PLACE(bearerd_plugin, version);
  EXPECT_IN_PLACE(bearerd_plugin, settings_schema);
  EXPECT_IN_PLACE(bearerd_plugin, create);
  EXPECT_IN_PLACE(bearerd_plugin, destroy);
  EXPECT_IN_PLACE(bearerd_plugin, trust);
  EXPECT_IN_PLACE(bearerd_plugin, check);
  EXPECT_IN_PLACE(bearerd_plugin, identify);
  EXPECT_IN_PLACE(bearerd_plugin, resolve);
  EXPECT_IN_PLACE(bearerd_plugin, enrich);
}

TEST(PluginAbi, every_code_of_1_0_means_what_it_meant) {
  EXPECT_EQ(std::uint32_t{BEARERD_FAILED}, std::uint32_t{abi_1_0::BEARERD_FAILED});
  EXPECT_EQ(std::uint32_t{BEARERD_DONE}, std::uint32_t{abi_1_0::BEARERD_DONE});
  EXPECT_EQ(std::uint32_t{BEARERD_ACCEPT}, std::uint32_t{abi_1_0::BEARERD_ACCEPT});
  EXPECT_EQ(std::uint32_t{BEARERD_UNKNOWN_ISSUER}, std::uint32_t{abi_1_0::BEARERD_UNKNOWN_ISSUER});
  EXPECT_EQ(std::uint32_t{BEARERD_WRONG_TENANT}, std::uint32_t{abi_1_0::BEARERD_WRONG_TENANT});
  EXPECT_EQ(std::uint32_t{BEARERD_WRONG_AUDIENCE}, std::uint32_t{abi_1_0::BEARERD_WRONG_AUDIENCE});
  EXPECT_EQ(std::uint32_t{BEARERD_WRONG_TOKEN_USE}, std::uint32_t{abi_1_0::BEARERD_WRONG_TOKEN_USE});
  EXPECT_EQ(std::uint32_t{BEARERD_MISSING_CLAIM}, std::uint32_t{abi_1_0::BEARERD_MISSING_CLAIM});
  EXPECT_EQ(std::uint32_t{BEARERD_CLAIM_REJECTED}, std::uint32_t{abi_1_0::BEARERD_CLAIM_REJECTED});
  EXPECT_EQ(std::uint32_t{BEARERD_TOO_OLD}, std::uint32_t{abi_1_0::BEARERD_TOO_OLD});
  EXPECT_EQ(std::uint32_t{BEARERD_SENDER_CONSTRAINED}, std::uint32_t{abi_1_0::BEARERD_SENDER_CONSTRAINED});
  EXPECT_EQ(std::uint32_t{BEARERD_REVOKED}, std::uint32_t{abi_1_0::BEARERD_REVOKED});
  EXPECT_EQ(std::uint32_t{BEARERD_OPAQUE_INACTIVE}, std::uint32_t{abi_1_0::BEARERD_OPAQUE_INACTIVE});
  EXPECT_EQ(std::uint32_t{BEARERD_PROVIDER_UNAVAILABLE}, std::uint32_t{abi_1_0::BEARERD_PROVIDER_UNAVAILABLE});
  EXPECT_EQ(std::uint32_t{BEARERD_KIND_MISSING}, std::uint32_t{abi_1_0::BEARERD_KIND_MISSING});
  EXPECT_EQ(std::uint32_t{BEARERD_KIND_NULL}, std::uint32_t{abi_1_0::BEARERD_KIND_NULL});
  EXPECT_EQ(std::uint32_t{BEARERD_KIND_BOOLEAN}, std::uint32_t{abi_1_0::BEARERD_KIND_BOOLEAN});
  EXPECT_EQ(std::uint32_t{BEARERD_KIND_NUMBER}, std::uint32_t{abi_1_0::BEARERD_KIND_NUMBER});
  EXPECT_EQ(std::uint32_t{BEARERD_KIND_STRING}, std::uint32_t{abi_1_0::BEARERD_KIND_STRING});
  EXPECT_EQ(std::uint32_t{BEARERD_KIND_ARRAY}, std::uint32_t{abi_1_0::BEARERD_KIND_ARRAY});
  EXPECT_EQ(std::uint32_t{BEARERD_KIND_OBJECT}, std::uint32_t{abi_1_0::BEARERD_KIND_OBJECT});
  EXPECT_EQ(std::uint32_t{BEARERD_HAS_KEY_ISSUERS}, std::uint32_t{abi_1_0::BEARERD_HAS_KEY_ISSUERS});
  EXPECT_EQ(std::uint32_t{BEARERD_CHECKS_AUDIENCE}, std::uint32_t{abi_1_0::BEARERD_CHECKS_AUDIENCE});
  EXPECT_EQ(std::uint32_t{BEARERD_CHECKS_BINDING}, std::uint32_t{abi_1_0::BEARERD_CHECKS_BINDING});
  EXPECT_EQ(std::uint32_t{BEARERD_TAKES_OPAQUE}, std::uint32_t{abi_1_0::BEARERD_TAKES_OPAQUE});
  EXPECT_EQ(std::uint32_t{BEARERD_TAKES_NO_JWT}, std::uint32_t{abi_1_0::BEARERD_TAKES_NO_JWT});
  EXPECT_EQ(std::uint32_t{BEARERD_SESSION}, std::uint32_t{abi_1_0::BEARERD_SESSION});
  EXPECT_EQ(std::uint32_t{BEARERD_ATTACH_FORM_TOKEN}, std::uint32_t{abi_1_0::BEARERD_ATTACH_FORM_TOKEN});
}

class OlderPlugin : public PluginFixture {
 protected:
  void put(const std::string& name) { install(std::string(BEARERD_TEST_PLUGINS) + "/" + name + ".so", name); }
};

TEST_F(OlderPlugin, plugin_made_for_1_0_is_loaded_and_works) {
  put("made-for-1-0");
  const auto refused = create("made-for-1-0", R"({"limit": 10})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().setting, "limit");

  const auto made = create("made-for-1-0", R"({"limit": 9})");
  ASSERT_TRUE(made) << made.error().text;
  const plugin::Trust& trust = (*made)->trust();
  EXPECT_EQ(trust.issuers, std::vector<std::string>{"https://old.example"});
  ASSERT_EQ(trust.templates.size(), 1U);
  EXPECT_EQ(trust.templates[0].allowed, std::vector<std::string>{"one"});
  ASSERT_EQ(trust.keys.size(), 1U);
  EXPECT_EQ(trust.keys[0].jwks_url, "https://old.example/jwks");
  EXPECT_EQ(trust.audiences, std::vector<std::string>{"old"});
  EXPECT_EQ(trust.algorithms, std::vector<base::Algorithm>{base::Algorithm::kEs256});
  EXPECT_TRUE(trust.checks_audience);

  const TestToken token(kClaims, "JWT");
  EXPECT_EQ(check(**made, token), Reason::kOk);
  plugin::Identity identity;
  ASSERT_TRUE((*made)->identify(token.header(), token.claims(), identity));
  EXPECT_EQ(identity.user_id, "alice");
  EXPECT_EQ(identity.session, "s");
  EXPECT_EQ(identity.roles, (std::vector<std::string>{"a", "b"}));
}

TEST_F(OlderPlugin, plugin_of_a_newer_minor_is_loaded_and_works) {
  put("newer-minor");
  const auto made = create("newer-minor");
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(check(**made, TestToken("{}")), Reason::kOk);
  EXPECT_EQ((*made)->description().abi, "1." + std::to_string(kTodaysMinor + 1));
}

// Each struct of today, grown at its end as a later minor version would grow it.
template <class Today>
struct Grown {
  Today today;
  std::array<void (*)(), 4> unknown{};
};
template <class Today>
Grown<Today> grow(Today today) {
  Grown<Today> grown{today};
  grown.today.size = sizeof grown;
  return grown;
}

TEST_F(OlderPlugin, plugin_made_for_1_0_works_in_a_host_whose_structs_have_grown) {
  const std::string file = std::string(BEARERD_TEST_PLUGINS) + "/made-for-1-0.so";
  const auto library = plugin::Library::open(file, "made-for-1-0");
  ASSERT_TRUE(library) << library.error().text;
  const bearerd_plugin& entry = (*library)->entry();

  const auto lookups = grow(plugin::lookups());
  const auto host =
      grow(bearerd_host{0, "2.0", &lookups.today, [](const bearerd_host*, bearerd_log_level, bearerd_text) {}});
  const auto refusal =
      grow(bearerd_refusal{0, nullptr, [](void*, bearerd_text, bearerd_text) { FAIL() << "it refuses"; }});
  const auto settings = jose::ClaimsDocument::parse("{}");
  const jose::Claims no_settings = settings->claims();
  bearerd_instance* instance = nullptr;
  ASSERT_EQ(entry.create(&host.today, plugin::as_object(no_settings), &refusal.today, &instance), BEARERD_DONE);

  const auto document = jose::ClaimsDocument::parse(kClaims);
  const jose::Claims claims = document->claims();
  const auto token = grow(bearerd_token{0, plugin::as_object(claims), plugin::lend("RS256"), plugin::lend("JWT")});
  EXPECT_EQ(entry.check(instance, &token.today), bearerd_verdict{BEARERD_ACCEPT});

  std::map<bearerd_identity_field, std::string> said;
  const auto sink =
      grow(bearerd_identity_sink{0, &said,
                                 [](void* context, bearerd_identity_field field, bearerd_text value) {
                                   (*static_cast<std::map<bearerd_identity_field, std::string>*>(context))[field] =
                                       plugin::view(value);
                                 },
                                 [](void*, const bearerd_text*, std::size_t) {}});
  EXPECT_EQ(entry.identify(instance, &token.today, &sink.today), BEARERD_DONE);
  EXPECT_EQ(said[BEARERD_USER_ID], "alice");
  EXPECT_EQ(said.size(), 5U);
  entry.destroy(instance);
}

}  // namespace
}  // namespace bearerd::tests
