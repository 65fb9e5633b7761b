#include "ctl/paged_list.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <ostream>

#include "ctl/show.hpp"

namespace bearerd::ctl {

using Poco::JSON::Array;
using Poco::JSON::Object;

int print_pages(const CommandLine& line, const PagedList& list, std::vector<std::vector<Cell>> rows, Output& output) {
  for (std::string query = list.first_query; !query.empty();) {
    const auto answer = ask(line, {"GET", std::string(list.path) + "?" + query}, output);
    if (!answer) return answer.error();
    // A page a line: a reader takes them as they come.
    if (line.wants_json) output.out << answer->text << '\n';
    const Array::Ptr entries = answer->object->getArray(list.member);
    for (std::size_t i = 0; entries && i < entries->size(); ++i) {
      if (const Object::Ptr entry = entries->getObject(static_cast<unsigned>(i))) list.append_rows(*entry, rows);
    }
    const std::string next =
        answer->object->isNull("next") ? std::string() : answer->object->optValue<std::string>("next", "");
    query = list.is_cursor(next) ? "limit=200&after=" + next : std::string();
  }
  if (line.wants_json) return kYes;
  output.out << (rows.size() == 1 ? std::string(list.if_empty) + '\n' : table(output.look, rows));
  return kYes;
}

}  // namespace bearerd::ctl
