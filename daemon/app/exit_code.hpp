// What the service manager is told by the way we end (sysexits.h; the unit does not restart after kUsage and
// kSettings).
#pragma once

namespace bearerd::app {

enum ExitCode : int { kClean = 0, kUsage = 64, kCannotBind = 69, kInternal = 70, kSettings = 78 };

}  // namespace bearerd::app
