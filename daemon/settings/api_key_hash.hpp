// How API keys are kept: as HMAC-SHA-256 of their SHA-256 under a random key of this process. What lies in memory or in
// a core file can't be compared with a list of leaked or guessed keys.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bearerd::settings {

class ApiKeyHash {
 public:
  ApiKeyHash() = default;

  // Of the key itself. Any thread.
  [[nodiscard]] static ApiKeyHash of_key(std::string_view key);
  // Of what a file holds: the key itself, or "sha256:" and 64 hex digits. Absent when such digits are no hash.
  [[nodiscard]] static std::optional<ApiKeyHash> of_entry(std::string_view entry);

  // Takes the same time wherever the first difference is.
  [[nodiscard]] friend bool operator==(const ApiKeyHash& a, const ApiKeyHash& b) noexcept { return a.equals(b); }
  // For tables: nobody without the process's key can choose it.
  [[nodiscard]] std::uint64_t bucket() const noexcept;
  [[nodiscard]] const std::array<std::uint8_t, 32>& bytes() const noexcept { return bytes_; }

 private:
  [[nodiscard]] bool equals(const ApiKeyHash& other) const noexcept;
  std::array<std::uint8_t, 32> bytes_{};
};

}  // namespace bearerd::settings
