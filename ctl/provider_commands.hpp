// What commands have in common that show or name providers.
#pragma once

#include <Poco/JSON/Object.h>

#include <string>

#include "ctl/commands.hpp"

namespace bearerd::ctl {

// Whether the daemon knows no provider of the name that it was given.
[[nodiscard]] bool is_no_provider(const ApiAnswer& answer);
// Then: which there are. The exit status.
[[nodiscard]] int report_no_provider(const std::string& name, const ApiAnswer& answer, Output& output);

// The table of an answer with "providers".
[[nodiscard]] std::string providers_table(const Look& look, const Poco::JSON::Object& answer);

}  // namespace bearerd::ctl
