#include "access/api_keys.hpp"

#include <algorithm>

#include "access/client_address.hpp"

namespace bearerd::access {
namespace {

using settings::AddressRange;
using settings::ClientAddress;

std::optional<std::vector<AddressRange>> parse_ranges(const std::optional<std::vector<std::string>>& texts) {
  if (!texts) return std::nullopt;
  std::vector<AddressRange> ranges;
  for (const std::string& text : *texts) {
    // What is no range was refused with the settings; left out, it lets nobody in.
    if (const auto range = AddressRange::parse(text)) ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace

ApiKeys::ApiKeys(const std::vector<settings::ApiKey>& keys) {
  keys_.reserve(keys.size());
  for (const settings::ApiKey& key : keys) {
    places_.emplace(key.hash.bucket(), keys_.size());
    keys_.push_back({key.hash, key.project, key.roles, parse_ranges(key.address_ranges), keys_.size()});
  }
}

const ApiKey* ApiKeys::find(std::string_view key) const { return find(settings::ApiKeyHash::of_key(key)); }

const ApiKey* ApiKeys::find(const settings::ApiKeyHash& hash) const noexcept {
  const auto [begin, end] = places_.equal_range(hash.bucket());
  for (auto place = begin; place != end; ++place) {
    if (keys_[place->second].hash == hash) return &keys_[place->second];
  }
  return nullptr;
}

bool may_come_from(const ApiKey& key, std::string_view forwarded_for, unsigned proxy_count) noexcept {
  if (!key.ranges) return true;
  const auto client = find_client(forwarded_for, proxy_count);
  const auto address = client ? ClientAddress::parse(*client) : std::nullopt;
  return address && std::any_of(key.ranges->begin(), key.ranges->end(),
                                [&](const AddressRange& range) { return range.contains(*address); });
}

}  // namespace bearerd::access
