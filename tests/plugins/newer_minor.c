/* No sin: made for a later minor version, whose struct has grown. */
#include "base.h"

struct newer_plugin {
  bearerd_plugin known;
  void (*unknown[3])(void);
};

BEARERD_PLUGIN_EXPORT extern const struct newer_plugin bearerd_plugin_v1;
const struct newer_plugin bearerd_plugin_v1 = {
    {sizeof(struct newer_plugin), BEARERD_PLUGIN_ABI_MINOR + 1, SINNER_NAME, "1.0", EMPTY_SCHEMA, good_create,
     good_destroy, good_trust, good_check, good_identify, 0, 0},
    {0, 0, 0}};
