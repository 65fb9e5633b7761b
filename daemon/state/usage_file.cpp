#include "state/usage_file.hpp"

#include <sqlite3.h>

namespace bearerd::state {
namespace {

// WAL and NORMAL: a killed process loses nothing that was committed, and a power cut damages nothing. EXCLUSIVE: two
// daemons on one file would each overwrite what the other counts.
constexpr const char* kSetUp =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA "
    "journal_size_limit=67108864; PRAGMA cache_size=-2048;";
constexpr const char* kMakeTables =
    "CREATE TABLE IF NOT EXISTS usage(caller BLOB NOT NULL, deployment INTEGER NOT NULL, newest INTEGER NOT NULL, "
    "entries BLOB NOT NULL, PRIMARY KEY(caller, deployment)) WITHOUT ROWID; PRAGMA user_version=1;";

std::optional<UsageRow> row_of(sqlite3_stmt* statement) {
  UsageRow row;
  const auto caller = caller_of_bytes(blob(statement, 0));
  if (!caller) return std::nullopt;
  row.key.caller = *caller;
  row.key.deployment = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 1));
  auto entries = parse_entries(blob(statement, 2));
  if (!entries) return std::nullopt;
  row.entries = std::move(*entries);
  return row;
}

}  // namespace

UsageFile::UsageFile(Database database) : database_(std::move(database)) {}

base::Result<std::unique_ptr<UsageFile>> UsageFile::open(const std::string& path,
                                                         const std::function<void(UsageRow)>& take) {
  auto database = Database::open({.path = path, .set_up = kSetUp, .make_tables = kMakeTables});
  if (!database) return tl::make_unexpected(database.error());
  std::unique_ptr<UsageFile> file(new UsageFile(std::move(*database)));
  if (auto ready = file->prepare(); !ready) return tl::make_unexpected(ready.error());
  if (auto all = file->read(take); !all) return tl::make_unexpected(all.error());
  return file;
}

base::Result<void> UsageFile::prepare() {
  auto replace =
      database_.statement("INSERT OR REPLACE INTO usage(caller, deployment, newest, entries) VALUES(?1, ?2, ?3, ?4)");
  if (!replace) return tl::make_unexpected(replace.error());
  auto remove = database_.statement("DELETE FROM usage WHERE newest < ?1");
  if (!remove) return tl::make_unexpected(remove.error());
  replace_ = std::move(*replace);
  remove_ = std::move(*remove);
  return {};
}

base::Result<void> UsageFile::read(const std::function<void(UsageRow)>& take) {
  auto all = database_.statement("SELECT caller, deployment, entries FROM usage");
  if (!all) return tl::make_unexpected(all.error());
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(all->get())) == SQLITE_ROW) {
    auto row = row_of(all->get());
    if (!row) return base::fail(base::ErrorCode::kInvalid, database_.path() + " holds a row that is no counter");
    take(std::move(*row));
  }
  if (result != SQLITE_DONE) return database_.failure("read");
  return {};
}

base::Result<void> UsageFile::write(std::span<const UsageRow> rows) {
  if (auto begun = database_.run("BEGIN IMMEDIATE"); !begun) return begun;
  base::Result<void> written;
  for (std::size_t i = 0; i < rows.size() && written; ++i) written = write_row(rows[i]);
  if (written) written = database_.run("COMMIT");
  if (!written) static_cast<void>(database_.run("ROLLBACK"));
  return written;
}

base::Result<void> UsageFile::write_row(const UsageRow& row) {
  const std::string entries = to_bytes(row.entries);
  const std::int64_t newest = row.entries.empty() ? 0 : row.entries.back().second;
  sqlite3_stmt* const replace = replace_.get();
  sqlite3_bind_blob(replace, 1, row.key.caller.bytes.data(), static_cast<int>(row.key.caller.bytes.size()),
                    SQLITE_STATIC);
  sqlite3_bind_int64(replace, 2, static_cast<sqlite3_int64>(row.key.deployment));
  sqlite3_bind_int64(replace, 3, newest);
  sqlite3_bind_blob(replace, 4, entries.data(), static_cast<int>(entries.size()), SQLITE_STATIC);
  return database_.finish(replace, "write");
}

base::Result<void> UsageFile::remove_before(std::int64_t second) {
  sqlite3_bind_int64(remove_.get(), 1, second);
  return database_.finish(remove_.get(), "tidy");
}

}  // namespace bearerd::state
