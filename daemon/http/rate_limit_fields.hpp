// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers): what a caller may use, and what is left of it.
#pragma once

#include <string>

#include "state/standing.hpp"

namespace bearerd::http {

// Two header lines; nothing where nothing is limited. Quotas are tokens, requests, or microdollars.
void append_rate_limit_fields(std::string& out, const state::Standing& standing);

}  // namespace bearerd::http
