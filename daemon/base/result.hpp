// Expected trouble is a value. Exceptions are left to bugs and to running out of memory.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace bearerd::base {

// The kinds of trouble a caller may have to tell apart. Stable: they appear in the admin API.
enum class ErrorCode : unsigned char {
  kInvalid = 1,  // the input breaks a rule
  kTooLarge,     // a limit was exceeded
  kNotFound,     // the thing named is not there
  kDenied,       // we refuse it, or the system refused us
  kUnavailable,  // the other side did not answer, or not usefully
  kTimeout,      // the deadline passed
  kInternal,     // a bug or an exhausted resource
};

// `text` is for people: lower case, what was tried, on what, what was wrong. It never holds a secret, a token or a
// claim.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string text;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string text) {
  return tl::make_unexpected(Error{code, std::move(text)});
}

}  // namespace bearerd::base
