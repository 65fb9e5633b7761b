// Bytes that must not be printed, compared early-out or left behind in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bearerd::base {

// Overwrites what `text` holds, in a way that is not optimised away, and empties it.
void wipe(std::string& text) noexcept;

// Owns its bytes; wiped when destroyed or moved from. Never convertible to text by accident.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view bytes);
  explicit Secret(std::vector<std::uint8_t> bytes) noexcept : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view as_text() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  // Takes the same time wherever the first difference is; only the lengths show.
  [[nodiscard]] friend bool operator==(const Secret& a, const Secret& b) noexcept {
    return equal_bytes(a.bytes_, b.bytes_);
  }

 private:
  static bool equal_bytes(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;
  void wipe() noexcept;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace bearerd::base
