#include "net/url.hpp"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <string>

namespace bearerd::net {
namespace {

using base::Url;

tl::unexpected<base::Error> refuse(const std::string& why) {
  return base::fail(base::ErrorCode::kInvalid, "the redirect " + why);
}

base::Result<Url> parse(const std::string& absolute) {
  auto url = base::parse_url(absolute);
  if (!url) return refuse(url.error().text);
  return url;
}

}  // namespace

base::Result<Url> resolve_reference(const Url& from, std::string_view reference) {
  // Checked before POCO's lenient parser may repair what we want to refuse.
  if (reference.empty() || reference.size() > base::kMaxUrlBytes) return refuse("names no usable place");
  const bool is_plain = std::all_of(reference.begin(), reference.end(),
                                    [](char c) { return c == '[' || c == ']' || base::is_url_character(c); });
  if (!is_plain) return refuse("holds a character that a URL may not hold");
  if (reference.find("://") != std::string_view::npos && reference.find("://") < reference.find_first_of("/?"))
    return parse(std::string(reference));
  // POCO takes a network-path reference (RFC 3986 §4.2) for a path.
  if (reference.starts_with("//")) return parse((from.is_https ? "https:" : "http:") + std::string(reference));
  try {
    Poco::URI uri(from.origin() + from.target);
    uri.resolve(std::string(reference));
    return parse(uri.toString());
  } catch (const Poco::Exception&) {
    return refuse("is not a URL");
  }
}

}  // namespace bearerd::net
