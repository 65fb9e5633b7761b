/* Sin: the struct ends before its functions. */
#include "base.h"

BEARERD_PLUGIN_EXPORT extern const bearerd_plugin bearerd_plugin_v1;
const bearerd_plugin bearerd_plugin_v1 = {
    offsetof(bearerd_plugin, create), 0, SINNER_NAME, "1.0", EMPTY_SCHEMA, 0, 0, 0, 0, 0, 0, 0};
