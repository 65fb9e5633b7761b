// One call of the admin API over its UNIX socket.
#pragma once

#include <Poco/JSON/Object.h>

#include <string>

#include "base/result.hpp"

namespace bearerd::ctl {

struct ApiAnswer {
  int status = 0;
  std::string text;                // the body as it came
  Poco::JSON::Object::Ptr object;  // the same, parsed
};

// Errors are for the person at the terminal: which socket, and what to do about it.
[[nodiscard]] base::Result<ApiAnswer> call_api(const std::string& socket, const std::string& method,
                                               const std::string& path, const std::string& body = {});

}  // namespace bearerd::ctl
