#include "state/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/file.hpp"

namespace bearerd::state {
namespace {

using base::ErrorCode;

constexpr int kBusyMilliseconds = 1000;

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

ErrorCode code_of_open(int error) {
  if (error == ENOENT) return ErrorCode::kNotFound;
  return error == EACCES || error == EROFS || error == ELOOP ? ErrorCode::kDenied : ErrorCode::kUnavailable;
}

}  // namespace

void Database::Close::operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
void EndStatement::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

base::Result<Database> Database::open(const Options& options) {
  // Made here, for its mode; SQLite gives its log the same. Closed before SQLite opens it: who closes a file loses all
  // locks that his process has on it (POSIX, fcntl).
  const int how = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (options.may_be_made ? O_CREAT : 0);
  base::FileDescriptor made(::open(options.path.c_str(), how, 0600));
  if (!made.is_open()) {
    return base::fail(code_of_open(errno), "cannot open " + options.path + ": " + base::system_error_text(errno));
  }
  made.reset();
  Database file(options.path);
  sqlite3* database = nullptr;
  const int opened =
      sqlite3_open_v2(options.path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  file.database_.reset(database);
  if (opened != SQLITE_OK) return file.failure("open");
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  if (auto ready = file.prepare(options); !ready) return tl::make_unexpected(ready.error());
  return file;
}

base::Result<void> Database::prepare(const Options& options) {
  if (auto done = run(options.set_up); !done) return done;
  auto version = statement("PRAGMA user_version");
  if (!version) return tl::make_unexpected(version.error());
  if (sqlite3_step(version->get()) != SQLITE_ROW) return failure("read");
  const int found = sqlite3_column_int(version->get(), 0);
  version->reset();
  if (found == options.version) return {};
  if (found != 0) return base::fail(ErrorCode::kInvalid, path_ + " was written by another version of bearerd");
  // An empty file is a good database to SQLite, and has lost everything to us.
  if (!options.may_be_made) return base::fail(ErrorCode::kInvalid, path_ + " is empty");
  return run(options.make_tables);
}

base::Result<void> Database::run(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure("use");
  return {};
}

base::Result<Statement> Database::statement(const char* sql) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &made, nullptr) != SQLITE_OK) return failure("use");
  return Statement(made);
}

base::Result<void> Database::finish(sqlite3_stmt* statement, const char* what) {
  const int result = sqlite3_step(statement);
  const auto failed = result == SQLITE_DONE ? base::Result<void>() : failure(what);
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  return failed;
}

tl::unexpected<base::Error> Database::failure(const std::string& what) const {
  const int result = database_ != nullptr ? sqlite3_extended_errcode(database_.get()) : SQLITE_NOMEM;
  const char* const text = database_ != nullptr ? sqlite3_errmsg(database_.get()) : "out of memory";
  const bool is_locked = (result & 0xFF) == SQLITE_BUSY || (result & 0xFF) == SQLITE_LOCKED;
  return base::fail(code_of(result), "cannot " + what + " " + path_ + ": " + text +
                                         (is_locked ? "; another process has it, give each daemon a state.directory "
                                                      "of its own or share a Redis"
                                                    : ""));
}

std::string_view blob(sqlite3_stmt* row, int column) {
  const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
  const int size = sqlite3_column_bytes(row, column);
  return bytes != nullptr ? std::string_view(bytes, static_cast<std::size_t>(size)) : std::string_view();
}

base::Result<std::string> set_aside(const std::string& path, std::int64_t now) {
  std::string aside = path + ".damaged-" + std::to_string(now);
  for (const char* const part : {"", "-wal", "-shm", "-journal"}) {
    if (std::rename((path + part).c_str(), (aside + part).c_str()) == 0 || errno == ENOENT) continue;
    return base::fail(ErrorCode::kDenied, "cannot rename " + path + part + ": " + base::system_error_text(errno));
  }
  return aside;
}

}  // namespace bearerd::state
