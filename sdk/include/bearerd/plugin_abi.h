/* The binary border between bearerd and a provider plugin, in C99. docs/plugin-abi.md is its manual; C++ authors use
 * plugin.hpp.
 *
 * Four rules hold for all of it:
 *   lending  Bytes and pointers are lent for one call. The receiver copies what it keeps; nobody frees the other's
 * memory. Exceptions are named: the host table and the exported struct live as long as the plugin is loaded. growth   A
 * struct that can grow begins with its own size and only ever grows at its end. Read a field only when the size says
 * that it is there. refusal  Zero is never a good answer, and neither is 1, so that cleared memory and a careless
 * `true` never accept anything. An answer that is not listed means "can't decide": the request is answered 503, never
 * 200. silence  No exception and no longjmp crosses this border.
 *
 * Threads, as named at each function:
 *   [control]  one thread, never two calls at once, no request waits for it
 *   [any]      any number of threads at once; must not block, lock for long, or do I/O
 *   [worker]   background threads, several at once; may wait for the network through the host, with the host's deadline
 */
#ifndef BEARERD_PLUGIN_ABI_H
#define BEARERD_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The major version is part of the exported symbol's name: a struct of an unknown layout is never read. */
#define BEARERD_PLUGIN_ABI_MAJOR 1
#define BEARERD_PLUGIN_ABI_MINOR 1
#define BEARERD_PLUGIN_SYMBOL "bearerd_plugin_v1"

#if defined(__GNUC__) || defined(__clang__)
#define BEARERD_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define BEARERD_PLUGIN_EXPORT
#endif

/* UTF-8 of a known length, not ended by NUL; may hold NUL. Absent text has a null `data`. */
typedef struct bearerd_text {
  const char* data;
  size_t size;
} bearerd_text;

/* Whether a call did what it says. */
typedef uint32_t bearerd_status;
enum { BEARERD_FAILED = 0, BEARERD_DONE = 2 };

/* What check() says about a token whose signature, time, issuer and audience the daemon has verified already. The names
 * are those of docs/reasons.md. */
typedef uint32_t bearerd_verdict;
enum {
  BEARERD_ACCEPT = 2,
  /* check() only, since 1.1: accepted once enrich() says BEARERD_ACCEPT too, because something is not in the token.
   * A plugin made for 1.0 that has enrich() has it called for each token that it accepts. */
  BEARERD_ACCEPT_ENRICHED = 3,
  BEARERD_UNKNOWN_ISSUER = 16,
  BEARERD_WRONG_TENANT = 17,
  BEARERD_WRONG_AUDIENCE = 18,
  BEARERD_WRONG_TOKEN_USE = 19,
  BEARERD_MISSING_CLAIM = 20,
  BEARERD_CLAIM_REJECTED = 21,
  BEARERD_TOO_OLD = 22,
  BEARERD_SENDER_CONSTRAINED = 23,
  BEARERD_REVOKED = 24,
  BEARERD_OPAQUE_INACTIVE = 25,
  BEARERD_PROVIDER_UNAVAILABLE = 26
};

/* What a JSON value is. */
typedef uint32_t bearerd_kind;
enum {
  BEARERD_KIND_MISSING = 1,
  BEARERD_KIND_NULL = 2,
  BEARERD_KIND_BOOLEAN = 3,
  BEARERD_KIND_NUMBER = 4,
  BEARERD_KIND_STRING = 5,
  BEARERD_KIND_ARRAY = 6,
  BEARERD_KIND_OBJECT = 7
};

/* A JSON object that the host has parsed: a token's claims, the plugin's settings, an endpoint's answer. Lent for one
 * call. */
typedef struct bearerd_object bearerd_object;

/* Typed look-ups into a bearerd_object. A path is member names from object to object, each taken literally (dots and
 * slashes mean nothing); list elements can't be addressed. All are [any], none allocates for paths of few segments. */
typedef struct bearerd_lookups {
  size_t size;
  bearerd_kind (*kind_at)(const bearerd_object* object, const bearerd_text* path, size_t path_size);
  /* BEARERD_DONE and the value only when it is there and of that very type. */
  bearerd_status (*string_at)(const bearerd_object* object, const bearerd_text* path, size_t path_size,
                              bearerd_text* value);
  /* A JSON integer within ±2^53: 1.0 and 1e3 are none. */
  bearerd_status (*integer_at)(const bearerd_object* object, const bearerd_text* path, size_t path_size,
                               int64_t* value);
  bearerd_status (*boolean_at)(const bearerd_object* object, const bearerd_text* path, size_t path_size,
                               uint32_t* value);
  /* Calls `visit` with the string at `path`, or with each string of the list there; `visit` returns BEARERD_DONE to go
   * on. BEARERD_DONE when the value was a string or a list of strings alone; nothing is visited otherwise. */
  bearerd_status (*strings_at)(const bearerd_object* object, const bearerd_text* path, size_t path_size,
                               bearerd_status (*visit)(void* context, bearerd_text value), void* context);
  /* Calls `visit` with each member's name of the object at `path` (no path: the object itself). */
  bearerd_status (*for_each_member)(const bearerd_object* object, const bearerd_text* path, size_t path_size,
                                    bearerd_status (*visit)(void* context, bearerd_text name, bearerd_kind kind),
                                    void* context);
  /* Since 1.1. Calls `visit` with each object of the list at `path`, lent for that one visit; texts found in it live as
   * long as `object`. BEARERD_DONE when the value was a list of objects alone; nothing is visited otherwise. */
  bearerd_status (*for_each_object)(const bearerd_object* object, const bearerd_text* path, size_t path_size,
                                    bearerd_status (*visit)(void* context, const bearerd_object* element),
                                    void* context);
} bearerd_lookups;

typedef uint32_t bearerd_log_level;
enum { BEARERD_LOG_DEBUG = 1, BEARERD_LOG_INFO = 2, BEARERD_LOG_WARNING = 3, BEARERD_LOG_ERROR = 4 };

/* What the daemon offers. Lives as long as the plugin is loaded. */
typedef struct bearerd_host {
  size_t size;
  const char* version; /* the daemon's, for messages only */
  const bearerd_lookups* lookups;
  /* [any] One log line, cut at 1 KiB. Never a token, a claim or a secret. */
  void (*log)(const struct bearerd_host* host, bearerd_log_level level, bearerd_text text);
} bearerd_host;

/* Where create() says why it refuses. Calling it is a refusal, whatever create() returns. */
typedef struct bearerd_refusal {
  size_t size;
  void* context;
  /* `setting`: the key inside the provider's entry, or empty. `why`: for the operator; no secret. */
  void (*refuse)(void* context, bearerd_text setting, bearerd_text why);
} bearerd_refusal;

/* A verified token, or what resolve() found out about an opaque one: then there is neither algorithm nor type. */
typedef struct bearerd_token {
  size_t size;
  const bearerd_object* claims;
  bearerd_text algorithm; /* "RS256"; absent: an opaque token */
  bearerd_text
      type; /* header `typ` without "application/" (RFC 7515 section 4.1.9); absent: null. Compare ignoring case */
} bearerd_token;

/* An issuer with one variable part in braces: "https://login.microsoftonline.com/{tenantid}/v2.0". */
typedef struct bearerd_issuer_template {
  size_t size;
  bearerd_text text;
  const bearerd_text*
      allowed; /* what may stand for the variable part; none: anything that is not empty and has no '/' */
  size_t allowed_count;
  bearerd_text claim; /* a claim that must hold the same value; absent: none */
} bearerd_issuer_template;

/* Where keys are. With `jwks_url` it is fetched as it is; else through the discovery document. */
typedef struct bearerd_key_location {
  size_t size;
  bearerd_text issuer;        /* the keys verify this issuer's tokens only; absent: all of this provider's issuers */
  bearerd_text discovery_url; /* absent: issuer + "/.well-known/openid-configuration", without doubling a slash */
  bearerd_text jwks_url;
  const bearerd_text* extra_hosts; /* hosts besides the issuer's on which a discovered jwks_uri may be */
  size_t extra_host_count;
} bearerd_key_location;

/* Properties of a provider, or-ed. */
enum {
  BEARERD_HAS_KEY_ISSUERS = 1, /* changes nothing: a JWK's `issuer`, where it has one, always must fit `iss` */
  BEARERD_CHECKS_AUDIENCE = 2, /* the plugin binds tokens to us itself: what resolve() finds may lack the audience */
  BEARERD_CHECKS_BINDING =
      4, /* check() verifies `cnf`; without it the daemon refuses such tokens (RFC 9449 section 7.2) */
  BEARERD_TAKES_OPAQUE = 8, /* resolve() takes credentials that are no JWT */
  BEARERD_TAKES_NO_JWT = 16 /* and JWTs are not taken */
};

/* Where trust() says what this provider's tokens look like. Each may be called any number of times. */
typedef struct bearerd_trust_sink {
  size_t size;
  void* context;
  void (*issuer)(void* context, bearerd_text issuer);
  void (*issuer_template)(void* context, const bearerd_issuer_template* issuer_template);
  void (*keys)(void* context, const bearerd_key_location* location);
  void (*audience)(void* context, bearerd_text audience);
  void (*algorithm)(void* context, bearerd_text name);
  void (*audience_claim)(void* context, const bearerd_text* path, size_t path_size); /* default: aud */
  void (*properties)(void* context, uint32_t properties);
} bearerd_trust_sink;

typedef uint32_t bearerd_identity_field;
enum { BEARERD_USER_ID = 1, BEARERD_NAME = 2, BEARERD_EMAIL = 3, BEARERD_PROJECT = 4, BEARERD_SESSION = 5 };

/* Where identify() says who the bearer is. What is not said is found by the operator's settings, or by the common
 * defaults. */
typedef struct bearerd_identity_sink {
  size_t size;
  void* context;
  void (*text)(void* context, bearerd_identity_field field, bearerd_text value);
  /* Appends. Called with none: the plugin knows that there are no roles. Not called: roles are found by the settings.
   */
  void (*roles)(void* context, const bearerd_text* roles, size_t count);
} bearerd_identity_sink;

/* How the credential of this call goes into a request. The plugin never holds it. */
typedef uint32_t bearerd_attachment;
enum {
  BEARERD_ATTACH_NOTHING = 1,
  BEARERD_ATTACH_BEARER = 2,    /* Authorization: Bearer */
  BEARERD_ATTACH_FORM_TOKEN = 3 /* appended to the form body as token=… (RFC 7662 section 2.1) */
};

typedef struct bearerd_header {
  bearerd_text name, value;
} bearerd_header;

typedef struct bearerd_fetch_request {
  size_t size;
  /* https, or http to a loopback host. Only what the settings named: userInfoEndpoint, introspection.url, a setting of
   * the plugin's own of the type url. Without its query, it is compared byte by byte; anything else is not fetched.
   * A request to introspection.url is authenticated by the host, with the client of the settings. */
  bearerd_text url;
  bearerd_text method;           /* GET or POST */
  const bearerd_header* headers; /* at most 16; none of those that the host sets itself */
  size_t header_count;
  bearerd_text body;
  bearerd_attachment attachment;
} bearerd_fetch_request;

typedef struct bearerd_fetch_response {
  size_t size;
  int32_t status; /* HTTP status */
  const bearerd_object*
      json; /* the body when it is a JSON object, else null; lent until the call into the plugin returns */
} bearerd_fetch_response;

/* What one resolve() or enrich() may use. */
typedef struct bearerd_call {
  size_t size;
  void* context;
  /* [worker] BEARERD_FAILED: no usable answer within the deadline; say BEARERD_PROVIDER_UNAVAILABLE then. */
  bearerd_status (*fetch)(void* context, const bearerd_fetch_request* request, bearerd_fetch_response* response);
  /* [worker] since 1.1. The answer is not to be used from this second since the epoch on, whatever else the daemon
   * finds in it; of several, the earliest counts. */
  void (*valid_until)(void* context, int64_t second);
} bearerd_call;

/* The plugin's own; the host only passes it back. */
typedef struct bearerd_instance bearerd_instance;

/* What a plugin exports under the name `bearerd_plugin_v1`, and the only symbol that it exports. */
typedef struct bearerd_plugin {
  size_t size;
  uint32_t minor;              /* BEARERD_PLUGIN_ABI_MINOR of the header that it was built with */
  const char* name;            /* the file is NAME.so: small letters, digits, '-' */
  const char* version;         /* the plugin's own */
  const char* settings_schema; /* JSON, docs/plugin-abi.md; checked by the host before create() sees any settings */

  /* [control] One instance per provider entry. No network, no threads of its own. BEARERD_DONE with *instance set, or a
   * refusal. */
  bearerd_status (*create)(const bearerd_host* host, const bearerd_object* settings, const bearerd_refusal* refusal,
                           bearerd_instance** instance);
  /* [control] After the last call of any other function with this instance. */
  void (*destroy)(bearerd_instance* instance);
  /* [control] Once, directly after create(). */
  bearerd_status (*trust)(const bearerd_instance* instance, const bearerd_trust_sink* sink);
  /* [any] */
  bearerd_verdict (*check)(const bearerd_instance* instance, const bearerd_token* token);
  /* [any] After check() accepted. */
  bearerd_status (*identify)(const bearerd_instance* instance, const bearerd_token* token,
                             const bearerd_identity_sink* sink);

  /* Optional: null when the plugin has none. */
  /* [worker] A credential that is no JWT, or any where trust() said BEARERD_TAKES_NO_JWT. On BEARERD_ACCEPT *claims is
   * an answer that fetch() gave; the daemon then looks at its times, issuer and audience, and calls check(). */
  bearerd_verdict (*resolve)(const bearerd_instance* instance, const bearerd_call* call, const bearerd_object** claims);
  /* [worker] What is not in the token, after check(). BEARERD_ACCEPT, or BEARERD_PROVIDER_UNAVAILABLE: unknown is never
   * "none". Roles are added to those that identify() or the settings found. */
  bearerd_verdict (*enrich)(const bearerd_instance* instance, const bearerd_token* token, const bearerd_call* call,
                            const bearerd_identity_sink* sink);
} bearerd_plugin;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
