// Names that verify.identityHeaders may give. The proxy copies these headers into the request that it passes on, so a
// wrong name changes how that request, or our own answer, is read.
#pragma once

#include <string>
#include <string_view>

#include "settings/reader.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

// What is wrong with the name, empty when nothing is.
[[nodiscard]] std::string identity_header_fault(std::string_view name);

// Two identities in one header: the proxy takes either. `verify` is the section.
void check_identity_headers_differ(const Reader& verify, const IdentityHeaderNames& names);

}  // namespace bearerd::settings
