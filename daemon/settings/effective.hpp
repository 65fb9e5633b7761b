// The settings in force, for the eyes of whoever may look at them.
#pragma once

#include <string>

#include "settings/settings.hpp"

namespace bearerd::settings {

// One JSON object shaped as the files are, static and dynamic together, defaults filled in. Only what the tables know
// is in it, and a secret is "***" by its type or its row's mark, whatever it is called: nothing that is unknown here
// can leak. API keys are names of members in the files; here they are a list without them.
[[nodiscard]] std::string effective_json(const Settings& settings);

}  // namespace bearerd::settings
