// The revocations on disk: one SQLite file, with a rollback journal and not a write-ahead log, so that what an operator
// copies, and puts back, is one file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "state/database.hpp"
#include "state/revocation_set.hpp"

namespace bearerd::state {

// One thread at a time. Errors are those of Database; kInvalid also of a file that was written under another state key.
class RevocationFile {
 public:
  // `may_be_made`: a file that is not there, or is empty, is no loss. `entries` gets what is kept.
  [[nodiscard]] static base::Result<std::unique_ptr<RevocationFile>> open(const std::string& path,
                                                                          const base::Secret& key, bool may_be_made,
                                                                          std::vector<RevocationEntry>& entries);

  // Durable when they return.
  [[nodiscard]] base::Result<void> put(const RevocationEntry& entry);
  [[nodiscard]] base::Result<void> remove(const RevocationMark& mark);
  // All of them or, with an error, none.
  [[nodiscard]] base::Result<void> replace_all(const std::map<RevocationMark, RevocationEntry>& entries);
  // Removes what ended before this second.
  [[nodiscard]] base::Result<void> remove_ended(std::int64_t second);

 private:
  RevocationFile(Database database, base::Secret key);
  [[nodiscard]] base::Result<void> check_key();
  [[nodiscard]] base::Result<void> check_pages();
  [[nodiscard]] base::Result<void> read(std::vector<RevocationEntry>& entries);
  [[nodiscard]] base::Result<void> prepare();

  base::Secret key_;
  Database database_;
  Statement put_, remove_, remove_ended_;  // after the database: a statement ends before it
};

}  // namespace bearerd::state
