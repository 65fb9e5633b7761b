// The journal of systemd in its own protocol, so that what a line says can be asked for by field
// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).
#pragma once

#include <string>
#include <string_view>

namespace bearerd::observe {

// `NAME`, the value's length and the value: any bytes are a value. Names are ours: A–Z, 0–9 and `_`.
void append_journal_field(std::string& record, std::string_view name, std::string_view value);

// A socket towards the journal. One thread at a time.
class Journal {
 public:
  // Where the journal listens on every machine with systemd.
  static constexpr const char* kSocket = "/run/systemd/journal/socket";

  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // False: there is no journal at the path.
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  // To wait for until it is writable.
  [[nodiscard]] int fd() const noexcept { return fd_; }
  // One record, without waiting; errno as send(2) leaves it. A socket that was made anew is connected to again.
  [[nodiscard]] bool send(std::string_view record) noexcept;

 private:
  [[nodiscard]] bool connect() const noexcept;

  const std::string path_;
  int fd_ = -1;
};

}  // namespace bearerd::observe
