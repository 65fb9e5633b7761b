// Bytes on their way in. Connections borrow buffers while a request is under way and give them back, so that idle ones
// hold none.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace bearerd::http {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t capacity) : bytes_(new char[capacity]), capacity_(capacity) {}

  [[nodiscard]] bool is_held() const noexcept { return bytes_ != nullptr; }
  [[nodiscard]] std::string_view unread() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] std::span<char> free_space() noexcept { return {bytes_.get() + end_, capacity_ - end_}; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  void add(std::size_t size) noexcept { end_ += size; }
  void drop(std::size_t size) noexcept {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() noexcept { begin_ = end_ = 0; }

  // Makes room by moving what is unread to the front, or into a buffer of twice the size up to `max_capacity`. False:
  // no room. Views into it end here.
  [[nodiscard]] bool make_room(std::size_t max_capacity) {
    if (end_ < capacity_) return true;
    if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    } else {
      if (capacity_ >= max_capacity) return false;
      const std::size_t capacity = capacity_ * 2 < max_capacity ? capacity_ * 2 : max_capacity;
      std::unique_ptr<char[]> bytes(new char[capacity]);
      std::memcpy(bytes.get(), bytes_.get(), end_);
      bytes_ = std::move(bytes);
      capacity_ = capacity;
    }
    end_ -= begin_;
    begin_ = 0;
    return true;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

// One per loop.
class BufferPool {
 public:
  static constexpr std::size_t kFirstCapacity = 4096;  // holds a request with a usual token

  BufferPool() { spare_.reserve(kMaxSpare); }

  [[nodiscard]] Buffer take() {
    if (spare_.empty()) return Buffer(kFirstCapacity);
    Buffer buffer = std::move(spare_.back());
    spare_.pop_back();
    return buffer;
  }

  // Grown ones are freed: what a burst of large requests took is not kept.
  void give_back(Buffer&& buffer) noexcept {
    if (buffer.capacity() != kFirstCapacity || spare_.size() >= kMaxSpare) {
      const Buffer freed = std::move(buffer);
      return;
    }
    buffer.clear();
    spare_.push_back(std::move(buffer));  // there is room: connections are closed where memory is short
  }

 private:
  static constexpr std::size_t kMaxSpare = 64;
  std::vector<Buffer> spare_;
};

}  // namespace bearerd::http
