// Declares in trust() what its settings ask for, wrong things too, and mirrors what the look-ups find.
#include <string>

#include "bearerd/plugin.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

class Talkative final : public Plugin {
 public:
  Talkative(const Host& host, const Object& settings) : say_(settings.text("say")) {
    host.log(LogLevel::kInfo, "created");
  }

  void trust(const TrustSink& sink) const override {
    if (say_ == "everything") say_everything(sink);
    if (say_ == "http keys") sink.key_set("http://keys.example/jwks");
    if (say_ == "keys of nobody") sink.key_set("");
    if (say_ == "user info in url") sink.key_set("https://user@keys.example/jwks");
    if (say_ == "empty issuer") sink.issuer("");
    if (say_ == "issuer with newline") sink.issuer("https://a.example/\n");
    if (say_ == "template without variable") sink.issuer_template("https://a.example/", {});
    if (say_ == "template with two variables") sink.issuer_template("https://{a}.example/{b}", {});
    if (say_ == "template value with slash") sink.issuer_template("https://a.example/{t}", {"x/y"});
    if (say_ == "unknown algorithm") sink.algorithm("none");
    if (say_ == "no audience claim") sink.audience_claim({});
    if (say_ == "too much") {
      for (int i = 0; i < 5000; ++i) sink.issuer("https://a.example/");
    }
  }

  Verdict check(const Token& token) const override {
    return token.is_type("AT+JWT") && token.algorithm() == "RS256" ? Verdict::kAccept : Verdict::kWrongTokenUse;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    identity.user_id(claims.string("a", "b.c", "d/e").value_or("absent"));
    identity.name(std::to_string(claims.integer("number").value_or(-1)) +
                  (claims.boolean("yes").value_or(false) ? " yes" : " no"));
    identity.email(claims.has("nothing") ? "null is there" : "");
    identity.project(claims.holds("two", "list") && !claims.holds("tw", "list") ? "found" : "lost");
    if (const auto list = claims.strings("list")) identity.roles(*list);
    if (claims.strings("mixed") || claims.string("number") || claims.integer("fraction"))
      identity.session("wrong types were taken");
  }

 private:
  static void say_everything(const TrustSink& sink) {
    sink.issuer("https://a.example/");
    sink.issuer_template("https://b.example/{tenant}/v2", {"one", "two"}, "tid");
    sink.discovery("https://a.example/", {}, {"keys.example"});
    sink.key_set("https://c.example/jwks", "https://a.example/");
    sink.audience("api://x");
    sink.algorithm("ES256");
    sink.audience_claim({"client_id"});
    sink.has_key_issuers();
    sink.checks_audience();
  }
  std::string say_;
};

}  // namespace

BEARERD_PLUGIN(Talkative)
