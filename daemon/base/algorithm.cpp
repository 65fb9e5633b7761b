#include "base/algorithm.hpp"

namespace bearerd::base {
namespace {

using enum Algorithm;

constexpr std::array<Algorithm, kAlgorithmCount> kAll{kRs256, kRs384, kRs512, kPs256, kPs384, kPs512, kEs256,
                                                      kEs384, kEs512, kEdDsa, kHs256, kHs384, kHs512};

constexpr std::array<std::string_view, kAlgorithmCount> kNames{"RS256", "RS384", "RS512", "PS256", "PS384",
                                                               "PS512", "ES256", "ES384", "ES512", "EdDSA",
                                                               "HS256", "HS384", "HS512"};

}  // namespace

const std::array<Algorithm, kAlgorithmCount>& all_algorithms() noexcept { return kAll; }

std::optional<Algorithm> find_algorithm(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kAlgorithmCount; ++i) {
    if (kNames[i] == name) return kAll[i];
  }
  if (name == "Ed25519") return kEdDsa;
  return std::nullopt;
}

std::string_view name(Algorithm algorithm) noexcept {
  const std::size_t place = static_cast<std::size_t>(algorithm) - 1;
  return place < kNames.size() ? kNames[place] : "unknown";
}

}  // namespace bearerd::base
