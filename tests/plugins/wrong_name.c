/* Sin: calls itself something else than its file. */
#include "base.h"

#undef SINNER_NAME
#define SINNER_NAME "somebody-else"
ENTRY(good_create, good_trust, good_check, good_identify)
