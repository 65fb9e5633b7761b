/* Sin: exports nothing. */
#include "bearerd/plugin_abi.h"

int bearerd_test_plugin_without_entry(void);
int bearerd_test_plugin_without_entry(void) { return 0; }
