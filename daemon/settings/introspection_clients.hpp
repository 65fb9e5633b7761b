// "verify.introspectionClients": who may ask /introspect, each with a secret from a file.
#pragma once

#include <string>
#include <vector>

#include "settings/field.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

template <>
std::span<const Field<IntrospectionClient>> fields_of<IntrospectionClient>();

template <>
struct Codec<std::vector<IntrospectionClient>> {
  static void read(const Reader& reader, const Traits& traits, std::vector<IntrospectionClient>& out);
  static std::string show(const Traits& traits, const std::vector<IntrospectionClient>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::vector<IntrospectionClient>& value);
};

}  // namespace bearerd::settings
