// The operator's own list of what is revoked: state.revocationsFile.
#pragma once

#include <vector>

#include "settings/reader.hpp"
#include "settings/revocation.hpp"
#include "settings/table.hpp"

namespace bearerd::settings {

// `root` is the file's content. Faults are told; what is handed back then is not to be used.
[[nodiscard]] std::vector<Revocation> read_revocations(const Reader& root, const std::vector<Provider>& providers);

// The members of an entry, for the docs.
[[nodiscard]] Family revocation_family();

}  // namespace bearerd::settings
