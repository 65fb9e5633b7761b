// What admin calls take and give, one line a type; /v1/openapi.json is made of it, and a test holds every answer to it.
#pragma once

#include <span>
#include <string_view>

namespace bearerd::http {

// `members` are "name:type" with spaces between. A type is string, time, integer, number, boolean, object (whatever is
// in it), another schema (with a capital), or words with '|' between (one of these); "[]" after it: a list, "{}": an
// object whose values are this, "?": or null. "~" before the name: may be absent. Nothing else may be there; without
// members, an object of any.
struct AdminSchema {
  std::string_view name, members;
};

[[nodiscard]] std::span<const AdminSchema> admin_schemas();

}  // namespace bearerd::http
