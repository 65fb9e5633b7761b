// Members of the daemon's answers as text for people. Absent members read as empty: an older or newer daemon must still
// be shown.
#pragma once

#include <Poco/JSON/Object.h>

#include <functional>
#include <string>

namespace bearerd::ctl {

[[nodiscard]] std::string text_of(const Poco::JSON::Object& object, const std::string& name);
[[nodiscard]] long long number_of(const Poco::JSON::Object& object, const std::string& name);
[[nodiscard]] bool flag_of(const Poco::JSON::Object& object, const std::string& name);
// Of a list of strings, with commas between.
[[nodiscard]] std::string joined(const Poco::JSON::Object& object, const std::string& name);
// "3 min ago" from the API's RFC 3339 time, "never" without one.
[[nodiscard]] std::string age(const std::string& time);
// Of a list of objects.
void for_each_object(const Poco::JSON::Object& object, const std::string& name,
                     const std::function<void(const Poco::JSON::Object&)>& visit);
// "1 decision", "2 decisions".
[[nodiscard]] std::string counted(long long count, const std::string& thing);
// What is said about settings, in "problems": warnings first, so that what stops them is read last.
void for_each_problem(const Poco::JSON::Object& object, const std::function<void(const Poco::JSON::Object&)>& visit);
// "1 fault, 2 warnings"; empty: there is nothing.
[[nodiscard]] std::string problems_text(const Poco::JSON::Object& object);
// 43 characters of base64url, as X-Bearerd-Caller and the ids of revocations have them.
[[nodiscard]] bool is_handle(const std::string& text);
// A name as one segment of an address (RFC 3986 §2.1).
[[nodiscard]] std::string path_segment(const std::string& name);

}  // namespace bearerd::ctl
