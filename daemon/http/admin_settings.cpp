#include "http/admin_settings.hpp"

#include "settings/effective.hpp"

namespace bearerd::http {

AdminAnswer get_settings(const AdminCalls& calls, const AdminRequest&) {
  return json_answer(settings::effective_json(*calls.settings()));
}

}  // namespace bearerd::http
