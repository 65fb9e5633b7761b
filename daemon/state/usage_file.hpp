// The counters on disk: one SQLite file with a write-ahead log. The only place that speaks SQLite.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "state/usage_memory.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace bearerd::state {

// One thread at a time. Errors: kInvalid (the file is no counters file, or is damaged), kDenied, kUnavailable (in use
// by another process, disk full, no such directory).
class UsageFile {
 public:
  // Opens or makes it (0600), and hands each row to `take`.
  [[nodiscard]] static base::Result<std::unique_ptr<UsageFile>> open(const std::string& path,
                                                                     const std::function<void(UsageRow)>& take);
  ~UsageFile();
  UsageFile(const UsageFile&) = delete;
  UsageFile& operator=(const UsageFile&) = delete;

  // All of them or none; on disk when it returns, as far as a killed process is concerned.
  [[nodiscard]] base::Result<void> write(std::span<const UsageRow> rows);
  // Removes rows in which nothing is as new as this.
  [[nodiscard]] base::Result<void> remove_before(std::int64_t second);

 private:
  UsageFile() = default;
  [[nodiscard]] base::Result<void> run(const char* sql);
  [[nodiscard]] base::Result<void> prepare();
  [[nodiscard]] base::Result<void> read(const std::function<void(UsageRow)>& take);
  [[nodiscard]] base::Result<void> write_row(const UsageRow& row);
  [[nodiscard]] tl::unexpected<base::Error> failure(const std::string& what) const;

  struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept;
  };
  struct EndStatement {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;
  [[nodiscard]] base::Result<Statement> statement(const char* sql);

  std::string path_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Statement replace_, remove_;
};

// Renames a damaged file, with its log, to <path>.damaged-<now>; hands back the new name.
[[nodiscard]] base::Result<std::string> set_aside(const std::string& path, std::int64_t now);

}  // namespace bearerd::state
