// The credential of a request (RFC 6750 §2.1, RFC 9110 §11.6.2). Pure.
#pragma once

#include <string_view>

#include "base/reason.hpp"
#include "http/request_head.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

struct Credential {
  // kOk, or why there is no use in asking: kBadRequest (two credentials), kMalformed (no b64token).
  base::Reason fault = base::Reason::kOk;
  verify::CredentialKind kind = verify::CredentialKind::kNone;
  std::string_view value;
};

// Another scheme than Bearer is no credential of ours. `has_api_keys`: the settings hold keys; else Api-Key is not ours
// either. Where both carry the same value (clients of OpenAI's API do so), it is the API key.
[[nodiscard]] Credential find_credential(const RequestHead& head, bool has_api_keys) noexcept;

// As above for the value of Authorization alone; kOk with kNone: there is nothing for us in it.
[[nodiscard]] Credential parse_authorization(std::string_view value) noexcept;

}  // namespace bearerd::http
