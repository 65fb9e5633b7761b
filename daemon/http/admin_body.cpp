#include "http/admin_body.hpp"

#include <Poco/Exception.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/SharedPtr.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/percent_encoding.hpp"
#include "base/text.hpp"

namespace bearerd::http {
namespace {

using Poco::JSON::Object;

constexpr std::size_t kMaxPage = 200;
constexpr std::size_t kMaxNameShown = 64;

// POCO lets the last of two members win; whoever looked at the same bytes before us may have seen the first.
class MemberCounter final : public Poco::JSON::ParseHandler {
 public:
  void startObject() override {
    open_.emplace_back();
    ParseHandler::startObject();
  }
  void endObject() override {
    open_.pop_back();
    ParseHandler::endObject();
  }
  void key(const std::string& name) override {
    has_twins_ = !open_.back().insert(name).second || has_twins_;
    ParseHandler::key(name);
  }
  [[nodiscard]] bool has_twins() const noexcept { return has_twins_; }

 private:
  std::vector<std::set<std::string>> open_;  // the names so far, of each object around
  bool has_twins_ = false;
};

// kDenied: what can't be read at all, as opposed to what can't be meant.
base::Result<Object::Ptr> parse_object(std::string_view body) {
  const auto refuse = [](const char* text) { return base::fail(base::ErrorCode::kDenied, text); };
  if (!base::is_utf8(body)) return refuse("the body is no UTF-8");
  try {
    const Poco::SharedPtr<MemberCounter> members(new MemberCounter);
    Poco::JSON::Parser parser{Poco::JSON::Handler::Ptr(members)};
    parser.setDepth(4);
    parser.setAllowNullByte(false);  // POCO ends a name there
    auto object = parser.parse(std::string(body)).extract<Object::Ptr>();
    if (!object) return refuse("the body is no JSON object");
    if (members->has_twins()) return refuse("a member of the body is there twice");
    return object;
  } catch (const Poco::Exception&) {
    return refuse("the body is no JSON object");
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
    if (!is_known)
      return invalid_call("there is no member \"" + std::string(base::cut_at_character(name, kMaxNameShown)) + "\"");
  }
  return object;
}

base::Result<std::string> text_member(const Object& object, const std::string& name) {
  if (!object.has(name)) return invalid_call("\"" + name + "\" is missing");
  const Poco::Dynamic::Var value = object.get(name);
  if (!value.isString()) return invalid_call("\"" + name + "\" has to be a string");
  return value.extract<std::string>();
}

base::Result<void> for_each_parameter(std::string_view query, std::string_view wanted, const VisitParameter& visit) {
  std::set<std::string_view> known;  // those so far
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return invalid_call("the query may have " + std::string(wanted));
    const std::string_view name = part.substr(0, equals);
    if (known.contains(name)) return invalid_call("\"" + std::string(name) + "\" is in the query twice");
    const auto value = base::percent_decoded(part.substr(equals + 1));
    if (!value) return invalid_call("a \"%\" in the query is not followed by two hexadecimal digits (RFC 3986)");
    if (auto read = visit(name, *value); !read) return read;
    known.insert(name);
  }
  return {};
}

base::Result<std::size_t> parse_page_size(std::string_view value) {
  const auto count = base::parse_decimal(value);
  if (!count || *count == 0 || *count > kMaxPage) return invalid_call("\"limit\" has to be 1 to 200");
  return static_cast<std::size_t>(*count);
}

}  // namespace bearerd::http
