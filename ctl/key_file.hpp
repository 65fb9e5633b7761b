// What bearerctl reads from files for its work with keys and tokens.
#pragma once

#include <string>

#include "base/result.hpp"
#include "ctl/commands.hpp"
#include "jose/signing_key.hpp"

namespace bearerd::ctl {

// --key (PEM or JWK) or --secret-file (byte for byte) of the line. A file that others may read is used, and warned
// about on `output.err`. Errors name the file and hold nothing of what is in it.
[[nodiscard]] base::Result<jose::SigningKey> open_signing_key(const CommandLine& line, Output& output);

// The keys of a PEM file, or of standard input ("-"): public keys and certificates.
[[nodiscard]] base::Result<jose::KeySet> open_pem_keys(const std::string& path);

}  // namespace bearerd::ctl
