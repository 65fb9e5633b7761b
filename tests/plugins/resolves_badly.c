/* Sin: says SIN about a credential and about roles, which is no verdict of theirs, though the provider answered well.
 */
#include "base.h"

static bearerd_status ask(const bearerd_call* call, bearerd_fetch_response* response) {
  bearerd_fetch_request request = {0};
  request.size = sizeof request;
  request.url = text_of("https://issuer.example/introspect");
  request.method = text_of("POST");
  request.attachment = BEARERD_ATTACH_FORM_TOKEN;
  response->size = sizeof *response;
  return call->fetch(call->context, &request, response);
}

static bearerd_verdict resolve(const bearerd_instance* instance, const bearerd_call* call,
                               const bearerd_object** claims) {
  bearerd_fetch_response response = {0};
  UNUSED(instance);
  if (ask(call, &response) == BEARERD_DONE) *claims = response.json;
  return SIN;
}

static bearerd_verdict enrich(const bearerd_instance* instance, const bearerd_token* token, const bearerd_call* call,
                              const bearerd_identity_sink* sink) {
  UNUSED(instance);
  UNUSED(token);
  UNUSED(call);
  UNUSED(sink);
  return SIN;
}

ENTRY_WITH_FETCH(good_create, good_trust, good_check, good_identify, resolve, enrich)
