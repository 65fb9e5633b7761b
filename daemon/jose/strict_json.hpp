// JSON as RFC 7515 §4 and RFC 7519 §4 allow it at their strictest: one object, valid UTF-8, no byte order mark, no
// member name twice at any depth, bounded depth. For the sources of this layer only.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace bearerd::jose {

enum class JsonFault : std::uint8_t { kTooLarge = 1, kNotJson, kNotObject, kTooDeep, kDuplicateName };

[[nodiscard]] std::string_view describe(JsonFault fault) noexcept;

// Bytes with the room behind them that simdjson may read.
class PaddedBuffer {
 public:
  explicit PaddedBuffer(std::size_t capacity = 0) : bytes_(capacity + simdjson::SIMDJSON_PADDING) {}
  // Room for `size` bytes to be written; allocates only when it was never that large.
  [[nodiscard]] std::uint8_t* prepare(std::size_t size);
  [[nodiscard]] const std::uint8_t* data() const noexcept { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t size_ = 0;
};

// Reuses its buffers. Not thread-safe. The work is O(n log n) in the size of the text, whatever its shape.
class StrictJsonParser {
 public:
  // Memory for texts up to `warm_bytes` is taken now, for larger ones when they come.
  StrictJsonParser(std::size_t max_bytes, std::size_t max_depth, std::size_t warm_bytes);

  // The element lives in `document`; `text` is not needed afterwards.
  [[nodiscard]] tl::expected<simdjson::dom::element, JsonFault> parse(const PaddedBuffer& text,
                                                                      simdjson::dom::document& document);

 private:
  [[nodiscard]] bool check(simdjson::dom::element value, std::size_t depth, JsonFault& fault);
  [[nodiscard]] bool check_object(simdjson::dom::object object, std::size_t depth, JsonFault& fault);
  [[nodiscard]] bool has_equal_names(std::size_t first);

  simdjson::dom::parser parser_;
  std::size_t max_bytes_;
  std::size_t max_depth_;
  std::vector<std::string_view> names_;  // a stack: the names of each object on the way down
};

}  // namespace bearerd::jose
