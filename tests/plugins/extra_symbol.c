/* Sin: exports more than its entry; another plugin's symbol of this name could take its place. */
#include "base.h"

BEARERD_PLUGIN_EXPORT int bearerd_test_forgotten_symbol(void);
int bearerd_test_forgotten_symbol(void) { return 1; }

ENTRY(good_create, good_trust, good_check, good_identify)
