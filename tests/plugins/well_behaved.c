#include "base.h"

ENTRY(good_create, good_trust, good_check, good_identify)
