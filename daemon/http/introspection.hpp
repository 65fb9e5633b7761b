// Our own /introspect (RFC 7662): who may ask, what was asked, and how the answer reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_head.hpp"
#include "settings/settings.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

// A known client's question whose body is still on its way. Owns its bytes: the head is gone by the time the body is
// there.
struct IntrospectionForm {
  std::string body;
};

// Whether the head asks /introspect something that comes in a body which we keep: a form sent by POST, of a known
// length that a token fits into, and of a known client: a stranger's bytes cost no memory.
[[nodiscard]] bool has_introspection_form(const RequestHead& head, const settings::Settings& settings);

// The one Authorization field of the head is a client's; see below.
[[nodiscard]] bool is_from_known_client(const RequestHead& head, const settings::Settings& settings);

// HTTP Basic (RFC 7617) with the id and the secret of one of `clients`, form-encoded or not (RFC 6749 §2.3.1). Takes as
// long for a wrong secret as for an unknown client.
[[nodiscard]] bool is_known_client(std::string_view authorization,
                                   const std::vector<settings::IntrospectionClient>& clients);

// The one `token` of a form; nothing when there is none, or more than one.
[[nodiscard]] std::optional<std::string> find_token(std::string_view form);

// RFC 7662 §2.2. Whoever is not allowed is `{"active":false}` and nothing else.
[[nodiscard]] std::string introspection_body(const verify::Decision& decision);

}  // namespace bearerd::http
