/* Sin: its settings' schema is no schema. */
#include "base.h"

#undef EMPTY_SCHEMA
#define EMPTY_SCHEMA "{\"settings\": 5}"
ENTRY(good_create, good_trust, good_check, good_identify)
