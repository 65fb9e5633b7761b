// How a fetch that brought no answer is counted.
#pragma once

#include "base/result.hpp"
#include "observe/metrics.hpp"

namespace bearerd::observe {

[[nodiscard]] constexpr FetchResult fetch_result(base::ErrorCode code) noexcept {
  switch (code) {
    case base::ErrorCode::kDenied:
      return FetchResult::kRefused;
    case base::ErrorCode::kTimeout:
      return FetchResult::kTimeout;
    case base::ErrorCode::kInvalid:
    case base::ErrorCode::kTooLarge:
      return FetchResult::kInvalid;
    default:
      return FetchResult::kNetwork;
  }
}

}  // namespace bearerd::observe
