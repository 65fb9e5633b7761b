#include "keys/cached_key_set.hpp"

#include <optional>

#include "base/text.hpp"
#include "keys/key_store.hpp"

namespace bearerd::keys {
namespace {

using base::ErrorCode;

constexpr std::string_view kFirstLine = "bearerd-key-set 1\n";

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(" ").append(std::to_string(value.size())).append("\n").append(value).append("\n");
}

// Decimal without leading zeros, so that every value has one spelling.
std::optional<std::uint64_t> canonical_decimal(std::string_view text) {
  const auto value = base::parse_decimal(text);
  return value && std::to_string(*value) == text ? value : std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  std::string_view field(std::string_view name) {
    const std::size_t line_end = rest_.find('\n');
    if (line_end == std::string_view::npos || !rest_.starts_with(name) || rest_.size() <= name.size() ||
        rest_[name.size()] != ' ')
      return fail();
    const auto length = canonical_decimal(rest_.substr(0, line_end).substr(name.size() + 1));
    rest_.remove_prefix(line_end + 1);
    if (!length || *length >= rest_.size() || rest_[*length] != '\n') return fail();
    const std::string_view value = rest_.substr(0, *length);
    rest_.remove_prefix(*length + 1);
    return value;
  }
  [[nodiscard]] bool is_at_good_end() const { return is_good_ && rest_.empty(); }

 private:
  std::string_view fail() {
    is_good_ = false;
    rest_ = {};
    return {};
  }
  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace

bool CachedKeySet::serves(const KeySourceSettings& settings) const {
  return issuer == settings.issuer && discovery_url == settings.discovery_url && jwks_url == settings.jwks_url &&
         ca_file == settings.ca_file && ca_digest == settings.ca_digest;
}

std::string print(const CachedKeySet& cached) {
  std::string out(kFirstLine);
  append_field(out, "issuer", cached.issuer);
  append_field(out, "discovery-url", cached.discovery_url);
  append_field(out, "jwks-url", cached.jwks_url);
  append_field(out, "ca-file", cached.ca_file);
  append_field(out, "ca-digest", cached.ca_digest);
  append_field(out, "fetched-at", std::to_string(cached.fetched_at));
  append_field(out, "discovery", cached.discovery);
  append_field(out, "key-set", cached.key_set);
  return out;
}

base::Result<CachedKeySet> parse_cached_key_set(std::string_view bytes) {
  if (bytes.size() > kMaxCachedBytes) return base::fail(ErrorCode::kTooLarge, "the cached key set is too large");
  if (!bytes.starts_with(kFirstLine))
    return base::fail(ErrorCode::kInvalid, "this is no cached key set of this version");
  Reader reader(bytes.substr(kFirstLine.size()));
  CachedKeySet cached;
  cached.issuer = reader.field("issuer");
  cached.discovery_url = reader.field("discovery-url");
  cached.jwks_url = reader.field("jwks-url");
  cached.ca_file = reader.field("ca-file");
  cached.ca_digest = reader.field("ca-digest");
  const auto fetched_at = canonical_decimal(reader.field("fetched-at"));
  cached.discovery = reader.field("discovery");
  cached.key_set = reader.field("key-set");
  // Up to the year 9999: later times could not be computed with.
  if (!reader.is_at_good_end() || !fetched_at || *fetched_at > 253'402'300'799) {
    return base::fail(ErrorCode::kInvalid, "the cached key set is damaged");
  }
  cached.fetched_at = static_cast<std::int64_t>(*fetched_at);
  return cached;
}

}  // namespace bearerd::keys
