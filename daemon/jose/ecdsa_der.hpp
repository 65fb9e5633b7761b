// JWS carries an ECDSA signature as R‖S at full width (RFC 7518 §3.4); OpenSSL wants DER (SEC 1 §C.5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bearerd::jose {

class EcdsaDer {
 public:
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept { return {buffer_.data(), size_}; }
  void push(std::uint8_t byte) noexcept { buffer_[size_++] = byte; }

 private:
  // P-521: a header of 3 bytes and two integers of 2 + 67.
  std::array<std::uint8_t, 141> buffer_{};
  std::size_t size_ = 0;
};

// `order` is the group's order n at the width of one half. Nullopt unless both halves are in [1, n-1]: zero was taken
// as good by whoever left that out (CVE-2022-21449).
[[nodiscard]] std::optional<EcdsaDer> ecdsa_der(std::span<const std::uint8_t> raw,
                                                std::span<const std::uint8_t> order) noexcept;

}  // namespace bearerd::jose
