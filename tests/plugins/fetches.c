/* No sin: asks an identity provider, and believes only what it said. */
#include "base.h"

static bearerd_status ask(const bearerd_call* call, bearerd_fetch_response* response) {
  bearerd_fetch_request request;
  request.size = sizeof request;
  request.url = text_of("https://issuer.example/introspect");
  request.method = text_of("POST");
  request.headers = 0;
  request.header_count = 0;
  request.body = text_of("");
  request.attachment = BEARERD_ATTACH_FORM_TOKEN;
  response->size = sizeof *response;
  response->status = 0;
  response->json = 0;
  if (call->fetch(call->context, &request, response) != BEARERD_DONE) return BEARERD_FAILED;
  return response->status == 200 && response->json != 0 ? BEARERD_DONE : BEARERD_FAILED;
}

static bearerd_verdict resolve(const bearerd_instance* instance, const bearerd_call* call,
                               const bearerd_object** claims) {
  bearerd_fetch_response response;
  UNUSED(instance);
  if (ask(call, &response) != BEARERD_DONE) return BEARERD_PROVIDER_UNAVAILABLE;
  *claims = response.json;
  return BEARERD_ACCEPT;
}

static bearerd_verdict enrich(const bearerd_instance* instance, const bearerd_token* token, const bearerd_call* call,
                              const bearerd_identity_sink* sink) {
  const bearerd_text role = text_of("clerk");
  bearerd_fetch_response response;
  UNUSED(instance);
  UNUSED(token);
  if (ask(call, &response) != BEARERD_DONE) return BEARERD_PROVIDER_UNAVAILABLE;
  sink->roles(sink->context, &role, 1);
  return BEARERD_ACCEPT;
}

ENTRY_WITH_FETCH(good_create, good_trust, good_check, good_identify, resolve, enrich)
