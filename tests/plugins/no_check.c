/* Sin: lacks a function that every plugin needs. */
#include "base.h"

ENTRY(good_create, good_trust, 0, good_identify)
