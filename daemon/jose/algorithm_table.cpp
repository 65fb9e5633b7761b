#include "jose/algorithm_table.hpp"

#include <array>

namespace bearerd::jose {
namespace {

using enum base::Algorithm;

constexpr std::array<AlgorithmRow, base::kAlgorithmCount> kTable{{
    {kRs256, KeyType::kRsa, Scheme::kRsaPkcs1, Digest::kSha256, 32},
    {kRs384, KeyType::kRsa, Scheme::kRsaPkcs1, Digest::kSha384, 48},
    {kRs512, KeyType::kRsa, Scheme::kRsaPkcs1, Digest::kSha512, 64},
    {kPs256, KeyType::kRsa, Scheme::kRsaPss, Digest::kSha256, 32},
    {kPs384, KeyType::kRsa, Scheme::kRsaPss, Digest::kSha384, 48},
    {kPs512, KeyType::kRsa, Scheme::kRsaPss, Digest::kSha512, 64},
    {kEs256, KeyType::kEcP256, Scheme::kEcdsa, Digest::kSha256, 32},
    {kEs384, KeyType::kEcP384, Scheme::kEcdsa, Digest::kSha384, 48},
    {kEs512, KeyType::kEcP521, Scheme::kEcdsa, Digest::kSha512, 64},
    {kEdDsa, KeyType::kEd25519, Scheme::kEd25519, Digest::kNone, 0},
    {kHs256, KeyType::kSecret, Scheme::kHmac, Digest::kSha256, 32},
    {kHs384, KeyType::kSecret, Scheme::kHmac, Digest::kSha384, 48},
    {kHs512, KeyType::kSecret, Scheme::kHmac, Digest::kSha512, 64},
}};

}  // namespace

std::span<const AlgorithmRow> algorithm_table() noexcept { return kTable; }

const AlgorithmRow* find_row(base::Algorithm algorithm, KeyType type) noexcept {
  for (const AlgorithmRow& row : kTable) {
    if (row.algorithm == algorithm && row.type == type) return &row;
  }
  return nullptr;
}

}  // namespace bearerd::jose
