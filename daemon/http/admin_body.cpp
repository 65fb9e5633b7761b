#include "http/admin_body.hpp"

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>

#include "base/text.hpp"

namespace bearerd::http {
namespace {

using Poco::JSON::Object;

constexpr std::size_t kMaxPage = 200;

base::Result<Object::Ptr> parse_object(std::string_view body) {
  try {
    Poco::JSON::Parser parser;
    parser.setDepth(4);
    auto object = parser.parse(std::string(body)).extract<Object::Ptr>();
    if (!object) return invalid_call("the body is no JSON object");
    return object;
  } catch (const Poco::Exception&) {
    return invalid_call("the body is no JSON object");
  }
}

}  // namespace

tl::unexpected<base::Error> invalid_call(std::string text) {
  return base::fail(base::ErrorCode::kInvalid, std::move(text));
}

base::Result<Object::Ptr> parse_body(std::string_view body, std::span<const std::string_view> known) {
  auto object = parse_object(body);
  if (!object) return object;
  for (const auto& [name, value] : **object) {
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (!is_known) return invalid_call("there is no member \"" + name.substr(0, 64) + "\"");
  }
  return object;
}

base::Result<std::string> text_member(const Object& object, const std::string& name) {
  const Poco::Dynamic::Var value = object.get(name);
  if (!value.isString()) return invalid_call("\"" + name + "\" has to be a string");
  return value.extract<std::string>();
}

base::Result<void> for_each_parameter(std::string_view query, std::string_view wanted, const VisitParameter& visit) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return invalid_call("the query may have " + std::string(wanted));
    if (auto read = visit(part.substr(0, equals), part.substr(equals + 1)); !read) return read;
  }
  return {};
}

base::Result<std::size_t> parse_page_size(std::string_view value) {
  const auto count = base::parse_decimal(value);
  if (!count || *count == 0 || *count > kMaxPage) return invalid_call("\"limit\" has to be 1 to 200");
  return static_cast<std::size_t>(*count);
}

}  // namespace bearerd::http
