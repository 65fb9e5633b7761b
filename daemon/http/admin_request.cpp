#include "http/admin_request.hpp"

#include "http/admin_json.hpp"

namespace bearerd::http {

AdminAnswer json_answer(std::string body, int status) {
  return {status, "application/json", std::move(body), {}, {}, {}};
}

AdminAnswer admin_refusal(int status, std::string_view code, std::string_view title, const std::string& detail,
                          const std::vector<settings::Problem>& problems) {
  Poco::JSON::Object root = new_object();
  // No "type": it is then about:blank, and `code` tells the cases apart.
  root.set("title", std::string(title));
  root.set("status", status);
  root.set("code", std::string(code));
  if (!detail.empty()) root.set("detail", detail);
  if (!problems.empty()) root.set("problems", problems_json(problems));
  return {status, "application/problem+json", to_text(root), {}, {}, {}};
}

AdminAnswer invalid_refusal(const base::Error& error) {
  return admin_refusal(422, "invalid", "this can't be read", error.text);
}

}  // namespace bearerd::http
