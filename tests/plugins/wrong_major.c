/* Sin: made for an ABI that this daemon does not speak; what it exports must not be read. */
#include "bearerd/plugin_abi.h"

BEARERD_PLUGIN_EXPORT extern const size_t bearerd_plugin_v2;
const size_t bearerd_plugin_v2 = 1;
