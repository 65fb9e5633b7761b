// What the control thread's callers get when they do not get their answer.
#pragma once

#include <cstdint>
#include <tl/expected.hpp>

namespace bearerd::http {

enum class NoAnswer : std::uint8_t {
  kNotBegun = 1,  // it was not got to in time, and now it never will be
  kUnderWay,      // begun and not over in time: what becomes of it is not known
  kStopping,      // not begun either
};

template <class T>
using Controlled = tl::expected<T, NoAnswer>;

}  // namespace bearerd::http
