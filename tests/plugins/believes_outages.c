/* Sin: when nobody answers, it says yes. */
#include "base.h"

static bearerd_verdict resolve(const bearerd_instance* instance, const bearerd_call* call,
                               const bearerd_object** claims) {
  UNUSED(instance);
  UNUSED(call);
  UNUSED(claims);
  return BEARERD_ACCEPT;
}

static bearerd_verdict enrich(const bearerd_instance* instance, const bearerd_token* token, const bearerd_call* call,
                              const bearerd_identity_sink* sink) {
  bearerd_fetch_request request = {0};
  bearerd_fetch_response response = {0};
  UNUSED(instance);
  UNUSED(token);
  request.size = sizeof request;
  request.url = text_of("https://issuer.example/groups");
  request.attachment = BEARERD_ATTACH_BEARER;
  response.size = sizeof response;
  call->fetch(call->context, &request, &response);
  sink->roles(sink->context, 0, 0);
  return BEARERD_ACCEPT;
}

ENTRY_WITH_FETCH(good_create, good_trust, good_check, good_identify, resolve, enrich)
