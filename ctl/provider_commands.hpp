// The table of providers, as status and providers print it.
#pragma once

#include <Poco/JSON/Object.h>

#include <string>

#include "ctl/terminal.hpp"

namespace bearerd::ctl {

// Of an answer with "providers".
[[nodiscard]] std::string providers_table(const Look& look, const Poco::JSON::Object& answer);

}  // namespace bearerd::ctl
