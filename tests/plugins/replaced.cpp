// Two versions of one plugin. Its statics are of the kinds that GCC shares between libraries unless told not to.
#include <regex>
#include <string>

#include "bearerd/plugin.hpp"
#include "plugin_description.h"

#undef BEARERD_PLUGIN_NAME
#define BEARERD_PLUGIN_NAME "replaced"

template <class>
struct Statics {
  static inline std::string version = REPLACED_VERSION;
};

inline const std::string& local_version() {
  static const std::string version = REPLACED_VERSION;
  return version;
}

namespace {

using namespace bearerd::sdk;

class Replaced final : public Plugin {
 public:
  Replaced(const Host&, const Object&) {}
  Verdict check(const Token&) const override {
    return std::regex_match(local_version(), std::regex("[0-9]")) ? Verdict::kAccept : Verdict::kClaimRejected;
  }
  void identify(const Token&, const IdentitySink& identity) const override {
    identity.name(Statics<int>::version);
    identity.user_id(local_version());
  }
};

}  // namespace

BEARERD_PLUGIN(Replaced)
