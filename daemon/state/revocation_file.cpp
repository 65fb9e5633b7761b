#include "state/revocation_file.hpp"

#include <sqlite3.h>

#include <array>
#include <utility>

#include "state/state_key.hpp"

namespace bearerd::state {
namespace {

using base::ErrorCode;

// EXTRA: the journal's end is on disk too when a commit returns. EXCLUSIVE: a second daemon would not see what this one
// adds.
constexpr const char* kSetUp =
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA; PRAGMA cache_size=-1024;";
constexpr const char* kMakeTables =
    "BEGIN; CREATE TABLE revocations(kind INTEGER NOT NULL, handle BLOB NOT NULL, issued_before INTEGER, until "
    "INTEGER, added_at INTEGER NOT NULL, seal BLOB NOT NULL, PRIMARY KEY(kind, handle)) WITHOUT ROWID; CREATE TABLE "
    "state_key(mark BLOB NOT NULL); PRAGMA user_version=1; COMMIT;";

constexpr std::string_view kPurpose = "row";  // of the seals

CallerId key_mark(const base::Secret& key) {
  return keyed_handle(key, std::array<std::string_view, 1>{"revocations.db"});
}

void bind(sqlite3_stmt* statement, int column, const CallerId& handle) {
  sqlite3_bind_blob(statement, column, handle.bytes.data(), static_cast<int>(handle.bytes.size()), SQLITE_STATIC);
}

// Null when absent, as bindings are after they were cleared.
void bind(sqlite3_stmt* statement, int column, std::optional<std::int64_t> value) {
  if (value) sqlite3_bind_int64(statement, column, *value);
}

std::optional<std::int64_t> optional_column(sqlite3_stmt* row, int column) {
  if (sqlite3_column_type(row, column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_int64(row, column);
}

// Without its seal.
std::optional<RevocationEntry> entry_of(sqlite3_stmt* row) {
  const int kind = sqlite3_column_int(row, 0);
  const auto handle = caller_of_bytes(blob(row, 1));
  if (!handle || kind < 1 || kind > static_cast<int>(settings::kRevocationKinds.size())) return std::nullopt;
  RevocationEntry entry;
  entry.mark = {static_cast<RevocationKind>(kind), *handle};
  entry.issued_before = optional_column(row, 2);
  entry.until = optional_column(row, 3);
  entry.added_at = sqlite3_column_int64(row, 4);
  return entry;
}

}  // namespace

RevocationFile::RevocationFile(Database database, base::Secret key)
    : key_(std::move(key)), database_(std::move(database)) {}

base::Result<std::unique_ptr<RevocationFile>> RevocationFile::open(const std::string& path, const base::Secret& key,
                                                                   bool may_be_made,
                                                                   std::vector<RevocationEntry>& entries) {
  auto database =
      Database::open({.path = path, .set_up = kSetUp, .make_tables = kMakeTables, .may_be_made = may_be_made});
  if (!database) return tl::make_unexpected(database.error());
  std::unique_ptr<RevocationFile> file(new RevocationFile(std::move(*database), key));
  for (const auto step : {&RevocationFile::check_pages, &RevocationFile::check_key, &RevocationFile::prepare}) {
    if (auto done = (file.get()->*step)(); !done) return tl::make_unexpected(done.error());
  }
  if (auto done = file->read(entries); !done) return tl::make_unexpected(done.error());
  return file;
}

// A page that is damaged may look like one with fewer rows.
base::Result<void> RevocationFile::check_pages() {
  auto check = database_.statement("PRAGMA quick_check(1)");
  if (!check) return tl::make_unexpected(check.error());
  if (sqlite3_step(check->get()) != SQLITE_ROW) return database_.failure("read");
  if (blob(check->get(), 0) == "ok") return {};
  return base::fail(ErrorCode::kInvalid, database_.path() + " is damaged inside");
}

// Handles of another key match no token: a list that looks whole and revokes nothing.
base::Result<void> RevocationFile::check_key() {
  auto kept = database_.statement("SELECT mark FROM state_key");
  if (!kept) return tl::make_unexpected(kept.error());
  const int result = sqlite3_step(kept->get());
  const CallerId mark = key_mark(key_);
  if (result == SQLITE_ROW) {
    if (caller_of_bytes(blob(kept->get(), 0)) == mark) return {};
    return base::fail(ErrorCode::kInvalid, database_.path() + " was written under another state.keyFile");
  }
  if (result != SQLITE_DONE) return database_.failure("read");
  kept->reset();
  auto insert = database_.statement("INSERT INTO state_key(mark) VALUES(?1)");
  if (!insert) return tl::make_unexpected(insert.error());
  bind(insert->get(), 1, mark);
  return database_.finish(insert->get(), "write");
}

base::Result<void> RevocationFile::prepare() {
  for (const auto& [statement, sql] :
       {std::pair{&put_,
                  "INSERT OR REPLACE INTO revocations(kind, handle, issued_before, until, added_at, seal) VALUES(?1, "
                  "?2, ?3, ?4, ?5, ?6)"},
        std::pair{&remove_, "DELETE FROM revocations WHERE kind = ?1 AND handle = ?2"},
        std::pair{&remove_ended_, "DELETE FROM revocations WHERE until < ?1"}}) {
    auto made = database_.statement(sql);
    if (!made) return tl::make_unexpected(made.error());
    *statement = std::move(*made);
  }
  return {};
}

base::Result<void> RevocationFile::read(std::vector<RevocationEntry>& entries) {
  entries.clear();
  auto all = database_.statement("SELECT kind, handle, issued_before, until, added_at, seal FROM revocations");
  if (!all) return tl::make_unexpected(all.error());
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(all->get())) == SQLITE_ROW) {
    const auto entry = entry_of(all->get());
    if (!entry || caller_of_bytes(blob(all->get(), 5)) != seal(key_, kPurpose, *entry)) {
      return base::fail(ErrorCode::kInvalid, database_.path() + " holds a row that is no revocation");
    }
    entries.push_back(*entry);
  }
  if (result != SQLITE_DONE) return database_.failure("read");
  return {};
}

base::Result<void> RevocationFile::put(const RevocationEntry& entry) {
  const CallerId sealed = seal(key_, kPurpose, entry);
  sqlite3_stmt* const put = put_.get();
  sqlite3_bind_int(put, 1, static_cast<int>(entry.mark.kind));
  bind(put, 2, entry.mark.handle);
  bind(put, 3, entry.issued_before);
  bind(put, 4, entry.until);
  sqlite3_bind_int64(put, 5, entry.added_at);
  bind(put, 6, sealed);
  return database_.finish(put, "write");
}

base::Result<void> RevocationFile::remove(const RevocationMark& mark) {
  sqlite3_bind_int(remove_.get(), 1, static_cast<int>(mark.kind));
  bind(remove_.get(), 2, mark.handle);
  return database_.finish(remove_.get(), "write");
}

base::Result<void> RevocationFile::replace_all(const std::map<RevocationMark, RevocationEntry>& entries) {
  if (auto begun = database_.run("BEGIN"); !begun) return begun;
  base::Result<void> done = database_.run("DELETE FROM revocations");
  for (auto each = entries.begin(); done && each != entries.end(); ++each) done = put(each->second);
  if (done) done = database_.run("COMMIT");
  if (!done) static_cast<void>(database_.run("ROLLBACK"));
  return done;
}

base::Result<void> RevocationFile::remove_ended(std::int64_t second) {
  sqlite3_bind_int64(remove_ended_.get(), 1, second);
  return database_.finish(remove_ended_.get(), "tidy");
}

}  // namespace bearerd::state
