#include "ctl/answer_text.hpp"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/JSON/Array.h>
#include <Poco/Timestamp.h>

#include "base/ascii.hpp"
#include "ctl/terminal.hpp"

namespace bearerd::ctl {

using Poco::JSON::Array;
using Poco::JSON::Object;

std::string text_of(const Object& object, const std::string& name) {
  return object.isNull(name) ? std::string() : printable(object.optValue<std::string>(name, ""));
}

long long number_of(const Object& object, const std::string& name) {
  return object.isNull(name) ? 0 : object.optValue<Poco::Int64>(name, 0);
}

bool flag_of(const Object& object, const std::string& name) { return object.optValue<bool>(name, false); }

std::string joined(const Object& object, const std::string& name) {
  std::string text;
  const Array::Ptr array = object.getArray(name);
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    text += (i == 0 ? "" : ", ") + printable(array->getElement<std::string>(static_cast<unsigned>(i)));
  }
  return text;
}

std::string age(const std::string& time) {
  Poco::DateTime parsed;
  int zone = 0;
  if (time.empty() || !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FRAC_FORMAT, time, parsed, zone)) {
    return "never";
  }
  return duration_text((Poco::Timestamp() - parsed.timestamp()) / Poco::Timestamp::resolution()) + " ago";
}

void for_each_object(const Object& object, const std::string& name, const std::function<void(const Object&)>& visit) {
  const Array::Ptr array = object.getArray(name);
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    const Object::Ptr element = array->getObject(static_cast<unsigned>(i));
    if (element) visit(*element);
  }
}

std::string counted(long long count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

void for_each_problem(const Object& object, const std::function<void(const Object&)>& visit) {
  for (const bool is_warning : {true, false}) {
    for_each_object(object, "problems", [&](const Object& problem) {
      if ((text_of(problem, "severity") == "warning") == is_warning) visit(problem);
    });
  }
}

std::string problems_text(const Object& object) {
  long long faults = 0, warnings = 0;
  for_each_object(object, "problems",
                  [&](const Object& problem) { ++(text_of(problem, "severity") == "warning" ? warnings : faults); });
  std::string text = faults > 0 ? counted(faults, "fault") : std::string();
  if (warnings > 0) text += (text.empty() ? "" : ", ") + counted(warnings, "warning");
  return text;
}

// The daemon refuses what is none; this keeps what could be more than a value out of an address.
bool is_handle(const std::string& text) {
  constexpr std::size_t kSize = 43;
  return text.size() == kSize && base::is_made_of(text, "-_");
}

std::string path_segment(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    if (base::is_alphanumeric(c) || c == '-' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
  }
  return out;
}

}  // namespace bearerd::ctl
