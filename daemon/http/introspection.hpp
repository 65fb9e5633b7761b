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

// A question whose body is still on its way. Owns its bytes: the head is gone by the time the body is there.
struct IntrospectionForm {
  bool is_known_client = false;
  bool is_form = false;
  std::string body;
};

// Whether the head asks /introspect something that comes in a body which we take: POST, of a known length that a token
// fits into.
[[nodiscard]] bool has_introspection_body(const RequestHead& head, const settings::Settings& settings) noexcept;
[[nodiscard]] IntrospectionForm begin_introspection(const RequestHead& head, const settings::Settings& settings);

// HTTP Basic (RFC 7617) with the id and the secret of one of `clients`, form-encoded or not (RFC 6749 §2.3.1). Takes as
// long for a wrong secret as for an unknown client.
[[nodiscard]] bool is_known_client(std::string_view authorization,
                                   const std::vector<settings::IntrospectionClient>& clients);

// The one `token` of a form; nothing when there is none, or more than one.
[[nodiscard]] std::optional<std::string> find_token(std::string_view form);

// RFC 7662 §2.2. Whoever is not allowed is `{"active":false}` and nothing else.
[[nodiscard]] std::string introspection_body(const verify::Decision& decision);

}  // namespace bearerd::http
