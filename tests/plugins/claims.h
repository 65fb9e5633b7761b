/* For plugins that read claims: where the look-ups are, and the user's name. */
#ifndef BEARERD_TESTS_PLUGINS_CLAIMS_H
#define BEARERD_TESTS_PLUGINS_CLAIMS_H

#include "base.h"

static const bearerd_host* the_host;

static inline bearerd_status remembering_create(const bearerd_host* host, const bearerd_object* settings,
                                                const bearerd_refusal* refusal, bearerd_instance** instance) {
  if (the_host == 0) the_host = host; /* the same for every instance, and others may be reading */
  return good_create(host, settings, refusal, instance);
}

static inline bearerd_status subject_of(const bearerd_token* token, bearerd_text* subject) {
  const bearerd_text path = text_of("sub");
  return the_host->lookups->string_at(token->claims, &path, 1, subject);
}

#endif
