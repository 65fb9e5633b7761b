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
  return {status, "application/problem+json", to_text(root), {}, {}, {}, {{"code", std::string(code)}}};
}

AdminAnswer no_answer_refusal(NoAnswer why) {
  switch (why) {
    case NoAnswer::kNotBegun: {
      AdminAnswer answer = admin_refusal(503, "busy", "the daemon did not get to it in time",
                                         "nothing was done, and nothing will be; a reload takes long; try again");
      answer.retry_after = std::chrono::seconds(1);
      return answer;
    }
    case NoAnswer::kStopping:
      return admin_refusal(503, "stopping", "the daemon is stopping", "nothing was done, and nothing will be");
    case NoAnswer::kUnderWay:
      break;
  }
  return admin_refusal(503, "under_way", "it was begun, and was not over in time",
                       "it goes on, and what comes of it is not known yet; see the daemon's log before trying again");
}

AdminAnswer invalid_refusal(const base::Error& error) {
  if (error.code == base::ErrorCode::kDenied)
    return admin_refusal(400, "bad_request", "the body can't be read", error.text);
  return admin_refusal(422, "invalid", "this can't be read", error.text);
}

}  // namespace bearerd::http
