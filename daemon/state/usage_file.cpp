#include "state/usage_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/file.hpp"

namespace bearerd::state {
namespace {

using base::ErrorCode;

constexpr int kVersion = 1;
constexpr int kBusyMilliseconds = 1000;

// WAL and NORMAL: a killed process loses nothing that was committed, and a power cut damages nothing. EXCLUSIVE: two
// daemons on one file would each overwrite what the other counts.
constexpr const char* kSetUp =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA "
    "journal_size_limit=67108864; PRAGMA cache_size=-2048;";
constexpr const char* kMakeTables =
    "CREATE TABLE IF NOT EXISTS usage(caller BLOB NOT NULL, deployment INTEGER NOT NULL, newest INTEGER NOT NULL, "
    "entries BLOB NOT NULL, PRIMARY KEY(caller, deployment)) WITHOUT ROWID; PRAGMA user_version=1;";

ErrorCode code_of(int result) {
  switch (result & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kInvalid;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ErrorCode::kDenied;
    default:
      return ErrorCode::kUnavailable;
  }
}

std::string_view blob(sqlite3_stmt* row, int column) {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
  const int size = sqlite3_column_bytes(row, column);
  return bytes != nullptr ? std::string_view(bytes, static_cast<std::size_t>(size)) : std::string_view();
}

std::optional<UsageRow> row_of(sqlite3_stmt* statement) {
  UsageRow row;
  const std::string_view caller = blob(statement, 0);
  if (caller.size() != row.key.caller.bytes.size()) return std::nullopt;
  std::ranges::transform(caller, row.key.caller.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  row.key.deployment = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 1));
  auto entries = parse_entries(blob(statement, 2));
  if (!entries) return std::nullopt;
  row.entries = std::move(*entries);
  return row;
}

}  // namespace

void UsageFile::CloseDatabase::operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
void UsageFile::EndStatement::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

UsageFile::~UsageFile() = default;

base::Result<std::unique_ptr<UsageFile>> UsageFile::open(const std::string& path,
                                                         const std::function<void(UsageRow)>& take) {
  // Made here, for its mode; SQLite gives its log the same.
  const base::FileDescriptor made(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.is_open()) {
    return base::fail(errno == EACCES || errno == EROFS ? ErrorCode::kDenied : ErrorCode::kUnavailable,
                      "cannot open " + path + ": " + base::system_error_text(errno));
  }
  std::unique_ptr<UsageFile> file(new UsageFile());
  file->path_ = path;
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  file->database_.reset(database);
  if (opened != SQLITE_OK) return file->failure("open");
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  if (auto ready = file->prepare(); !ready) return tl::make_unexpected(ready.error());
  if (auto all = file->read(take); !all) return tl::make_unexpected(all.error());
  return file;
}

base::Result<void> UsageFile::prepare() {
  if (auto done = run(kSetUp); !done) return done;
  auto version = statement("PRAGMA user_version");
  if (!version) return tl::make_unexpected(version.error());
  if (sqlite3_step(version->get()) != SQLITE_ROW) return failure("read");
  const int found = sqlite3_column_int(version->get(), 0);
  if (found != 0 && found != kVersion) {
    return base::fail(ErrorCode::kInvalid, path_ + " was written by another version of bearerd");
  }
  version->reset();
  if (auto done = run(kMakeTables); !done) return done;
  auto replace = statement("INSERT OR REPLACE INTO usage(caller, deployment, newest, entries) VALUES(?1, ?2, ?3, ?4)");
  if (!replace) return tl::make_unexpected(replace.error());
  auto remove = statement("DELETE FROM usage WHERE newest < ?1");
  if (!remove) return tl::make_unexpected(remove.error());
  replace_ = std::move(*replace);
  remove_ = std::move(*remove);
  return {};
}

base::Result<void> UsageFile::read(const std::function<void(UsageRow)>& take) {
  auto all = statement("SELECT caller, deployment, entries FROM usage");
  if (!all) return tl::make_unexpected(all.error());
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(all->get())) == SQLITE_ROW) {
    auto row = row_of(all->get());
    if (!row) return base::fail(ErrorCode::kInvalid, path_ + " holds a row that is no counter");
    take(std::move(*row));
  }
  if (result != SQLITE_DONE) return failure("read");
  return {};
}

base::Result<void> UsageFile::write(std::span<const UsageRow> rows) {
  if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
  base::Result<void> written;
  for (std::size_t i = 0; i < rows.size() && written; ++i) written = write_row(rows[i]);
  if (written) written = run("COMMIT");
  if (!written) static_cast<void>(run("ROLLBACK"));
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
  const int result = sqlite3_step(replace);
  const auto failed = result == SQLITE_DONE ? base::Result<void>() : failure("write");
  sqlite3_reset(replace);
  sqlite3_clear_bindings(replace);
  return failed;
}

base::Result<void> UsageFile::remove_before(std::int64_t second) {
  sqlite3_bind_int64(remove_.get(), 1, second);
  const int result = sqlite3_step(remove_.get());
  const auto failed = result == SQLITE_DONE ? base::Result<void>() : failure("tidy");
  sqlite3_reset(remove_.get());
  return failed;
}

base::Result<void> UsageFile::run(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure("use");
  return {};
}

base::Result<UsageFile::Statement> UsageFile::statement(const char* sql) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &made, nullptr) != SQLITE_OK) return failure("use");
  return Statement(made);
}

tl::unexpected<base::Error> UsageFile::failure(const std::string& what) const {
  const int result = database_ != nullptr ? sqlite3_extended_errcode(database_.get()) : SQLITE_NOMEM;
  const char* const text = database_ != nullptr ? sqlite3_errmsg(database_.get()) : "out of memory";
  const bool is_locked = (result & 0xFF) == SQLITE_BUSY || (result & 0xFF) == SQLITE_LOCKED;
  return base::fail(code_of(result), "cannot " + what + " " + path_ + ": " + text +
                                         (is_locked ? "; another process has it, give each daemon a state.directory "
                                                      "of its own or share a Redis"
                                                    : ""));
}

base::Result<std::string> set_aside(const std::string& path, std::int64_t now) {
  const std::string aside = path + ".damaged-" + std::to_string(now);
  for (const char* const part : {"", "-wal", "-shm"}) {
    if (std::rename((path + part).c_str(), (aside + part).c_str()) == 0 || errno == ENOENT) continue;
    return base::fail(ErrorCode::kDenied, "cannot rename " + path + part + ": " + base::system_error_text(errno));
  }
  return aside;
}

}  // namespace bearerd::state
