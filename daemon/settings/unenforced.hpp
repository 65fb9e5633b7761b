// What settings may ask for and this version does not do. A guard that is read and not enforced looks closed and is
// open, so nothing of it passes silently.
#pragma once

#include "settings/reader.hpp"

namespace bearerd::settings {

// DIAL Core's files are to load as they are, so their parts are warned about, each once, where it first stands.
// `root` is the merged dynamic settings, and an object.
void warn_about_unenforced(const Reader& root);

}  // namespace bearerd::settings
