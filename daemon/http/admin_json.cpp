#include "http/admin_json.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include <sstream>

namespace bearerd::http {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

Object new_object() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

std::string to_text(const Object& object) {
  std::ostringstream out;
  object.stringify(out);
  return std::move(out).str();
}

Var time_json(base::WallTime time) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
  return Poco::DateTimeFormatter::format(Poco::Timestamp(micros), Poco::DateTimeFormat::ISO8601_FRAC_FORMAT);
}

Var time_json(const std::optional<base::WallTime>& time) { return time ? time_json(*time) : Var(); }

Var text_or_null(std::string_view text) { return text.empty() ? Var() : Var(std::string(text)); }

Array strings_json(const std::vector<std::string>& texts) {
  Array array;
  for (const std::string& text : texts) array.add(text);
  return array;
}

Array problems_json(const std::vector<settings::Problem>& problems) {
  Array array;
  for (const settings::Problem& problem : problems) {
    Object item = new_object();
    item.set("severity", problem.severity == settings::Severity::kWarning ? "warning" : "fault");
    item.set("file", problem.where.file);
    item.set("line", static_cast<Poco::UInt64>(problem.where.line));
    item.set("column", static_cast<Poco::UInt64>(problem.where.column));
    item.set("path", problem.path);
    item.set("text", problem.text);
    item.set("display", problem.display());
    array.add(item);
  }
  return array;
}

}  // namespace bearerd::http
