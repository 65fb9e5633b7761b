#include "http/admin_openapi.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "http/admin_json.hpp"
#include "http/admin_schemas.hpp"
#include "http/admin_table.hpp"

namespace bearerd::http {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Object with(const char* name, const Poco::Dynamic::Var& value) {
  Object object = new_object();
  object.set(name, value);
  return object;
}

Object reference(std::string_view schema) { return with("$ref", "#/components/schemas/" + std::string(schema)); }

bool is_reference(std::string_view type) { return !type.empty() && type.front() >= 'A' && type.front() <= 'Z'; }

// Of admin_schemas.hpp's notation.
Object type_schema(std::string_view type) {
  const auto ends = [&](std::string_view mark) { return type.size() > mark.size() && type.ends_with(mark); };
  if (ends("?")) {
    Array choices;
    choices.add(type_schema(type.substr(0, type.size() - 1)));
    choices.add(with("type", "null"));
    return with("anyOf", choices);
  }
  if (ends("[]")) {
    Object list = with("type", "array");
    list.set("items", type_schema(type.substr(0, type.size() - 2)));
    return list;
  }
  if (ends("{}")) {
    Object map = with("type", "object");
    map.set("additionalProperties", type_schema(type.substr(0, type.size() - 2)));
    return map;
  }
  if (is_reference(type)) return reference(type);
  if (type == "any") return new_object();
  if (type == "time") {
    Object time = with("type", "string");
    time.set("format", "date-time");
    return time;
  }
  if (type == "string" || type == "integer" || type == "number" || type == "boolean" || type == "object")
    return with("type", std::string(type));
  return with("enum", strings_json(split(type, '|')));
}

Object object_schema(std::string_view members) {
  Object schema = with("type", "object");
  if (members.empty()) return schema;
  Object properties = new_object();
  Array required;
  for (const std::string& member : split(members, ' ')) {
    const bool is_optional = member.front() == '~';
    const std::size_t colon = member.find(':');
    const std::string name = member.substr(is_optional ? 1 : 0, colon - (is_optional ? 1 : 0));
    properties.set(name, type_schema(std::string_view(member).substr(colon + 1)));
    if (!is_optional) required.add(name);
  }
  schema.set("properties", properties);
  schema.set("required", required);
  schema.set("additionalProperties", false);
  return schema;
}

Object json_response(const std::string& description, const char* type, std::string_view schema) {
  Object response = with("description", description);
  response.set("content", with(type, with("schema", reference(schema))));
  return response;
}

Object parameter(const std::string& name, const char* in) {
  Object object = with("name", name);
  object.set("in", in);
  object.set("required", std::string_view(in) == "path");
  object.set("schema", with("type", name == "limit" ? "integer" : "string"));
  return object;
}

std::string_view name_of(Right right) {
  switch (right) {
    case Right::kObserve:
      return "observe";
    case Right::kUsage:
      return "usage";
    case Right::kAdmin:
      break;
  }
  return "admin";
}

Object responses_of(const AdminCall& call) {
  Object responses = new_object();
  responses.set(std::to_string(call.status), json_response("Done.", "application/json", call.answer));
  std::vector<std::string> refusals = split(call.refusals, ' ');
  for (const char* status : {"400", "401", "403", "411", "413", "422", "500", "503"}) refusals.emplace_back(status);
  if (call.path.find('{') != std::string_view::npos) refusals.emplace_back("404");
  if (!call.body.empty()) refusals.emplace_back("415");
  for (const std::string& status : refusals) {
    const bool is_good = status.front() == '2';
    responses.set(status, is_good ? json_response("Under way.", "application/json", call.answer)
                                  : json_response("Refused.", "application/problem+json", "HttpProblem"));
  }
  return responses;
}

Object operation_of(const AdminCall& call) {
  Object operation = with("operationId", std::string(call.id));
  operation.set("summary", std::string(call.summary));
  operation.set("x-bearerd-right", std::string(name_of(call.right)));
  Array parameters;
  if (call.path.find('{') != std::string_view::npos) parameters.add(parameter("name", "path"));
  for (const std::string& name : split(call.parameters, ' ')) parameters.add(parameter(name, "query"));
  operation.set("parameters", parameters);
  if (!call.body.empty()) {
    Object body = with("required", true);
    body.set("content", with("application/json", with("schema", reference(call.body))));
    operation.set("requestBody", body);
  }
  operation.set("responses", responses_of(call));
  return operation;
}

Object paths() {
  Object paths = new_object();
  for (const AdminCall& call : admin_calls_table()) {
    const std::string path(call.path);
    Object methods = paths.has(path) ? *paths.getObject(path) : new_object();
    std::string method(call.method);
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    methods.set(method, operation_of(call));
    paths.set(path, Object::Ptr(new Object(methods)));
  }
  return paths;
}

Object components() {
  Object schemas = new_object();
  for (const AdminSchema& schema : admin_schemas())
    schemas.set(std::string(schema.name), object_schema(schema.members));
  Object bearer = with("type", "http");
  bearer.set("scheme", "bearer");
  bearer.set("description", "Over TCP. On the UNIX socket rights are the peer's, by the kernel's word.");
  Object components = with("schemas", schemas);
  components.set("securitySchemes", with("bearer", bearer));
  return components;
}

std::string document() {
  Object root = with("openapi", "3.1.0");
  Object info = with("title", "bearerd admin API");
  info.set("version", "1");
  root.set("info", info);
  Array security;
  security.add(with("bearer", Array()));
  security.add(new_object());
  root.set("security", security);
  root.set("paths", paths());
  root.set("components", components());
  return to_text(root);
}

}  // namespace

AdminAnswer get_openapi(const AdminCalls&, const AdminRequest&) {
  static const std::string text = document();
  return json_answer(text);
}

}  // namespace bearerd::http
