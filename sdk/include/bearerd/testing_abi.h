/* The C border of libbearerd-testing, which runs a plugin as the daemon does. C++ authors use testing.hpp.
 *
 * As in plugin_abi.h: bytes are lent for one call, a struct begins with its size and only grows at its end, nothing is
 * thrown. A bench may be asked by many threads at once; opening and closing one belong to one thread. */
#ifndef BEARERD_TESTING_ABI_H
#define BEARERD_TESTING_ABI_H

#include "bearerd/plugin_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A plugin with the settings of one entry. */
typedef struct bearerd_bench bearerd_bench;

typedef struct bearerd_bench_entry {
  size_t size;
  bearerd_text plugin_file; /* NAME.so, whoever owns it: a copy below $TMPDIR is loaded */
  bearerd_text settings;    /* the JSON object behind the entry's name in identityProviders; file names absolute */
} bearerd_bench_entry;

/* Where the entry's faults and warnings go. */
typedef struct bearerd_bench_faults {
  size_t size;
  void* context;
  /* `setting`: the key inside the entry, or empty. `is_warning`: not 0, the entry is taken all the same. */
  void (*fault)(void* context, bearerd_text setting, bearerd_text text, uint32_t is_warning);
} bearerd_bench_faults;

typedef struct bearerd_bench_token {
  size_t size;
  bearerd_text claims;    /* JSON, any bytes */
  bearerd_text type;      /* the header's `typ`; absent: none */
  bearerd_text algorithm; /* absent: RS256. Counts as allowed, and the signature as good */
  int64_t now;            /* the time of the question, in seconds; negative: the system's clock */
  uint32_t is_exact;      /* 0: iss, aud, iat and exp are added where they lack and the settings say what fits */
} bearerd_bench_token;

/* What the daemon would decide. */
typedef struct bearerd_bench_answer {
  size_t size;
  bearerd_text reason; /* a name of docs/reasons.md; "ok": allowed. Only then the rest says something */
  bearerd_text user_id, name, email, project, session;
  const bearerd_text* roles;
  size_t role_count;
} bearerd_bench_answer;

/* Null when a fault was told. `faults` may be null. */
BEARERD_PLUGIN_EXPORT bearerd_bench* bearerd_bench_open(const bearerd_bench_entry* entry,
                                                        const bearerd_bench_faults* faults);
/* Calls `answer` once. */
BEARERD_PLUGIN_EXPORT void bearerd_bench_ask(const bearerd_bench* bench, const bearerd_bench_token* token,
                                             void (*answer)(void* context, const bearerd_bench_answer* answer),
                                             void* context);
/* Since 1.1. From now on the URL (without its query) answers so; what was not given an answer does not answer. Not
 * while another thread asks. */
BEARERD_PLUGIN_EXPORT void bearerd_bench_look_up(bearerd_bench* bench, bearerd_text url, int32_t status,
                                                 bearerd_text body);
/* Since 1.1. As bearerd_bench_ask(), about a credential that is no JWT. */
BEARERD_PLUGIN_EXPORT void bearerd_bench_ask_opaque(const bearerd_bench* bench, bearerd_text credential,
                                                    void (*answer)(void* context, const bearerd_bench_answer* answer),
                                                    void* context);
BEARERD_PLUGIN_EXPORT void bearerd_bench_close(bearerd_bench* bench);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
