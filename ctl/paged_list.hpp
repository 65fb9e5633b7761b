// GET of a list that the daemon hands out in pages, as one table.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "ctl/commands.hpp"

namespace bearerd::ctl {

struct PagedList {
  const char* path = nullptr;
  const char* member = nullptr;  // where the entries stand in an answer
  std::string first_query;
  // Whether `next` may go into the address of the next page: the daemon's word is not taken for more than a value.
  std::function<bool(const std::string& next)> is_cursor;
  std::function<void(const Poco::JSON::Object& entry, std::vector<std::vector<Cell>>& rows)> append_rows;
  const char* if_empty = nullptr;  // what to say in the place of a table without rows
};

// `rows` holds the heads of the columns. With --json each page is printed as it came, a line each.
[[nodiscard]] int print_pages(const CommandLine& line, const PagedList& list, std::vector<std::vector<Cell>> rows,
                              Output& output);

}  // namespace bearerd::ctl
