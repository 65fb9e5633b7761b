// Settings from the environment, laid over those of the file.
#pragma once

#include <map>
#include <string>

#include "settings/node.hpp"
#include "settings/problems.hpp"

namespace bearerd::settings {

// "aidial.identityProviders.auth0.jwksUrl" as DIAL Core has it, and "BEARERD_IDENTITYPROVIDERS__AUTH0__JWKSURL", in any
// case, for places that refuse dots in names. An object is merged into the file's, anything else replaces. Deeper paths
// win over what they are in; of one depth BEARERD_ wins over aidial.
void apply_environment(Node& root, const std::map<std::string, std::string>& environment, Problems& problems);

}  // namespace bearerd::settings
