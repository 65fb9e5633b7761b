// The API keys of the dynamic settings, found by their keyed hash.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/address_range.hpp"
#include "settings/settings.hpp"

namespace bearerd::access {

struct ApiKey {
  settings::ApiKeyHash hash;
  std::string project;
  std::vector<std::string> roles;
  std::optional<std::vector<settings::AddressRange>> ranges;  // absent: anywhere; empty: nowhere
  std::size_t number = 0;                                     // from 0, one for each key of this table
};

// Immutable; any thread.
class ApiKeys {
 public:
  explicit ApiKeys(const std::vector<settings::ApiKey>& keys);

  // Null: no key of ours. The time that this takes says nothing about the keys. The pointer lives as long as the table.
  [[nodiscard]] const ApiKey* find(std::string_view key) const;
  [[nodiscard]] const ApiKey* find(const settings::ApiKeyHash& hash) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }

 private:
  std::vector<ApiKey> keys_;
  std::unordered_multimap<std::uint64_t, std::size_t> places_;  // by ApiKeyHash::bucket()
};

// `forwarded_for` is X-Forwarded-For as it came. An address that is not there or is none can't be in a range.
[[nodiscard]] bool may_come_from(const ApiKey& key, std::string_view forwarded_for, unsigned proxy_count) noexcept;

}  // namespace bearerd::access
