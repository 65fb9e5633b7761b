// Identity headers that an operator has renamed (verify.identityHeaders), in the snippets of proxies.
#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace bearerd::ctl {

struct RenamedHeader {
  std::string_view shipped;  // as the snippets have it
  std::string now;
};

// Of the daemon's settings in force, those that differ. A name that would mean something else in a proxy's
// configuration is an error.
[[nodiscard]] base::Result<std::vector<RenamedHeader>> renamed_headers(const Poco::JSON::Object& settings);

// In every spelling: X-A-B, x-a-b, and nginx' variables $…x_a_b. A longer name that begins alike stays.
void rename_headers(std::string& text, const std::vector<RenamedHeader>& renamed);

// The name with '-' or '_' at each of its dashes: applications read them as one.
[[nodiscard]] std::vector<std::string> spellings(const std::string& name);

}  // namespace bearerd::ctl
