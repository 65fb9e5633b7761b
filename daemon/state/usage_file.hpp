// The counters on disk: one SQLite file with a write-ahead log.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "state/database.hpp"
#include "state/usage_memory.hpp"

namespace bearerd::state {

// One thread at a time. Errors are those of Database.
class UsageFile {
 public:
  // Opens or makes it (0600), and hands each row to `take`.
  [[nodiscard]] static base::Result<std::unique_ptr<UsageFile>> open(const std::string& path,
                                                                     const std::function<void(UsageRow)>& take);

  // All of them or none; on disk when it returns, as far as a killed process is concerned.
  [[nodiscard]] base::Result<void> write(std::span<const UsageRow> rows);
  // Removes rows in which nothing is as new as this.
  [[nodiscard]] base::Result<void> remove_before(std::int64_t second);

 private:
  explicit UsageFile(Database database);
  [[nodiscard]] base::Result<void> prepare();
  [[nodiscard]] base::Result<void> read(const std::function<void(UsageRow)>& take);
  [[nodiscard]] base::Result<void> write_row(const UsageRow& row);

  Database database_;
  Statement replace_, remove_;  // after the database: a statement ends before it
};

}  // namespace bearerd::state
