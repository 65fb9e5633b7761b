// The families of the static settings outside identityProviders, as they are read.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "settings/field.hpp"
#include "settings/introspection_clients.hpp"
#include "settings/settings.hpp"

namespace bearerd::settings {

struct MergeStrategy {
  bool overwrites_arrays = false;
};

struct ConfigFiles {
  std::vector<std::string> files;
  std::chrono::milliseconds reload{60'000};
  MergeStrategy merge;
};

struct RuleList {
  std::vector<Rule> rules;
};

struct Access {
  RuleList admin, observe, usage;
};

struct ApiKeyValidation {
  unsigned proxy_count = 0;
};

// Where a daemon listens whose settings don't say it.
[[nodiscard]] Listen default_listen();
// The directory that plugins are installed to.
[[nodiscard]] Plugins default_plugins();

template <>
std::span<const Field<Listen>> fields_of<Listen>();
template <>
std::span<const Field<TlsFiles>> fields_of<TlsFiles>();
template <>
std::span<const Field<Plugins>> fields_of<Plugins>();
template <>
std::span<const Field<Verify>> fields_of<Verify>();
template <>
std::span<const Field<IdentityHeaderNames>> fields_of<IdentityHeaderNames>();
template <>
std::span<const Field<Cache>> fields_of<Cache>();
template <>
std::span<const Field<LogSettings>> fields_of<LogSettings>();
template <>
std::span<const Field<State>> fields_of<State>();
template <>
std::span<const Field<Redis>> fields_of<Redis>();
template <>
std::span<const Field<Admin>> fields_of<Admin>();
template <>
std::span<const Field<Insecure>> fields_of<Insecure>();
template <>
std::span<const Field<ConfigFiles>> fields_of<ConfigFiles>();
template <>
std::span<const Field<MergeStrategy>> fields_of<MergeStrategy>();
template <>
std::span<const Field<ApiKeyValidation>> fields_of<ApiKeyValidation>();
template <>
std::span<const Field<Access>> fields_of<Access>();
template <>
std::span<const Field<RuleList>> fields_of<RuleList>();
template <>
std::span<const Field<Rule>> fields_of<Rule>();

template <>
struct Codec<TlsFiles> : Nested<TlsFiles> {};
template <>
struct Codec<Redis> : Nested<Redis> {};
template <>
struct Codec<IdentityHeaderNames> : Nested<IdentityHeaderNames> {};
template <>
struct Codec<MergeStrategy> : Nested<MergeStrategy> {};
template <>
struct Codec<RuleList> : Nested<RuleList> {};

template <>
struct Codec<std::vector<Rule>> {
  static void read(const Reader& reader, const Traits& traits, std::vector<Rule>& out);
  static std::string show(const Traits& traits, const std::vector<Rule>& value);
  static std::string type(const Traits& traits);
  static std::string json(const Traits& traits, const std::vector<Rule>& value);
};

}  // namespace bearerd::settings
