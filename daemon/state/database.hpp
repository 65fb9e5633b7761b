// SQLite as the files of the state directory use it. The only place that speaks it, beside those files' statements.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace bearerd::state {

struct EndStatement {
  void operator()(sqlite3_stmt* statement) const noexcept;
};
using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;

// One thread at a time. Errors: kInvalid (no database, damaged, or another version's), kDenied, kNotFound, kUnavailable
// (in use by another process, disk full, no such directory).
class Database {
 public:
  struct Options {
    std::string path;
    const char* set_up = "";       // pragmas of this file, before anything is read
    const char* make_tables = "";  // run when they are not there
    int version = 1;               // PRAGMA user_version
    bool may_be_made = true;       // false: it has to be there, with its tables
  };
  // Opens or makes it (0600).
  [[nodiscard]] static base::Result<Database> open(const Options& options);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] base::Result<void> run(const char* sql);
  [[nodiscard]] base::Result<Statement> statement(const char* sql);
  // Runs a statement that gives no rows, and makes it ready for the next time.
  [[nodiscard]] base::Result<void> finish(sqlite3_stmt* statement, const char* what);
  [[nodiscard]] tl::unexpected<base::Error> failure(const std::string& what) const;

 private:
  explicit Database(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] base::Result<void> prepare(const Options& options);
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
};

// Lent until the next step.
[[nodiscard]] std::string_view blob(sqlite3_stmt* row, int column);

// Renames a damaged file, with what SQLite keeps beside it, to <path>.damaged-<now>; hands back the new name.
[[nodiscard]] base::Result<std::string> set_aside(const std::string& path, std::int64_t now);

}  // namespace bearerd::state
