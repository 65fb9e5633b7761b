#include "settings/url.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/text.hpp"

namespace bearerd::settings {
namespace {

std::optional<std::string> find_slip(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return "has no scheme: write https://" + std::string(text);
  const std::string scheme = base::to_lower(text.substr(0, mark));
  const std::string_view rest = text.substr(mark + 3);
  if ((scheme != "https" && scheme != "http") || !rest.starts_with('/')) return std::nullopt;
  const std::size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
  return "has three slashes after the scheme: write " + scheme + "://" + std::string(rest.substr(begin));
}

}  // namespace

base::Result<base::Url> parse_url(std::string_view text) {
  if (auto slip = find_slip(text)) return base::fail(base::ErrorCode::kInvalid, std::move(*slip));
  return base::parse_url(text);
}

std::optional<std::string> find_placeholder(std::string_view text) {
  if (const std::size_t dollar = text.find("${"); dollar != std::string_view::npos) {
    const std::size_t end = text.find('}', dollar);
    if (end != std::string_view::npos) return std::string(text.substr(dollar, end - dollar + 1));
  }
  for (std::size_t open = text.find('<'); open != std::string_view::npos; open = text.find('<', open + 1)) {
    const bool is_group_name = open > 0 && (text[open - 1] == '?' || text[open - 1] == 'P');
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (base::is_made_of(name, "_-. ") && !is_group_name) return std::string(text.substr(open, close - open + 1));
  }
  return std::nullopt;
}

bool is_host_pattern(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) return base::is_ipv6_literal(text.substr(1, text.size() - 2));
  return base::is_host_name(text.starts_with("*.") ? text.substr(2) : text);
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !base::is_hex_digit(text[i])) return false;
  }
  return true;
}

bool has_guid_segment(std::string_view path) {
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (is_guid(path.substr(0, end))) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

}  // namespace bearerd::settings
