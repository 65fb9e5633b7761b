#include <string>
#include <vector>

#include "bearerd/plugin.hpp"
#include "bearerd/standard_claims.hpp"
#include "plugin_description.h"

namespace {

using namespace bearerd::sdk;

class Acme final : public Plugin {
 public:
  Acme(const Host&, const Object& settings) : departments_(settings.texts("departments")) {
    if (departments_.empty()) throw Refused("departments", "an empty list lets nobody in: name a department");
  }

  Verdict check(const Token& token) const override {
    if (token.claims().string("kind") != "access") return Verdict::kWrongTokenUse;
    return is_one_of(departments_, token.claims().string("dept")) ? Verdict::kAccept : Verdict::kWrongTenant;
  }

  void identify(const Token& token, const IdentitySink& identity) const override {
    const Object& claims = token.claims();
    if (const auto user = claims.string("employee", "number")) identity.user_id(*user);
    identity.roles(claims.strings("employee", "duties").value_or(std::vector<std::string_view>{}));
  }

 private:
  std::vector<std::string> departments_;
};

}  // namespace

BEARERD_PLUGIN(Acme)
