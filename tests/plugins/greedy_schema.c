/* Sin: declares a key that is the daemon's own, and a default that its own type refuses. */
#include "base.h"

#undef EMPTY_SCHEMA
#define EMPTY_SCHEMA                                                                                       \
  "{\"description\": \"a test\", \"settings\": [{\"name\": \"audience\", \"type\": \"string\", \"help\": " \
  "\"?\"}, {\"name\": \"most\", \"type\": \"integer\", \"help\": \"?\", \"maximum\": 3, \"default\": 4}]}"
ENTRY(good_create, good_trust, good_check, good_identify)
