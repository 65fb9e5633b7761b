#include "plugin/lookups.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/claim_path.hpp"

namespace bearerd::plugin {
namespace {

constexpr std::size_t kMaxSegments = 16;

thread_local std::uint64_t failed_lookups = 0;

bearerd_status cannot_answer() noexcept {
  ++failed_lookups;
  return BEARERD_FAILED;
}

// jose wants strings; making new ones for each look-up would allocate for each request. A thread keeps a few paths with
// their buffers; look-ups nest when a visitor looks something up, so each depth has its own.
class LentPath {
 public:
  LentPath(const bearerd_text* path, std::size_t size) : is_valid_(size <= kMaxSegments && depth() < pool().size()) {
    if (!is_valid_) return;
    path_ = &pool()[depth()];
    path_->segments.resize(size);
    for (std::size_t i = 0; i < size; ++i) path_->segments[i].assign(view(path[i]));
    ++depth();
  }
  ~LentPath() {
    if (is_valid_) --depth();
  }
  LentPath(const LentPath&) = delete;
  LentPath& operator=(const LentPath&) = delete;

  [[nodiscard]] bool is_valid() const noexcept { return is_valid_; }
  [[nodiscard]] const base::ClaimPath& get() const noexcept { return *path_; }

 private:
  static std::array<base::ClaimPath, 4>& pool() {
    static thread_local std::array<base::ClaimPath, 4> paths;
    return paths;
  }
  static std::size_t& depth() noexcept {
    static thread_local std::size_t current = 0;
    return current;
  }
  bool is_valid_;
  base::ClaimPath* path_ = nullptr;
};

const jose::Claims& claims_of(const bearerd_object* object) noexcept {
  return *reinterpret_cast<const jose::Claims*>(object);
}

bearerd_kind as_abi(jose::ClaimKind kind) noexcept {
  switch (kind) {
    case jose::ClaimKind::kMissing:
      return BEARERD_KIND_MISSING;
    case jose::ClaimKind::kNull:
      return BEARERD_KIND_NULL;
    case jose::ClaimKind::kBoolean:
      return BEARERD_KIND_BOOLEAN;
    case jose::ClaimKind::kNumber:
      return BEARERD_KIND_NUMBER;
    case jose::ClaimKind::kString:
      return BEARERD_KIND_STRING;
    case jose::ClaimKind::kArray:
      return BEARERD_KIND_ARRAY;
    case jose::ClaimKind::kObject:
      return BEARERD_KIND_OBJECT;
  }
  return BEARERD_KIND_MISSING;
}

// Runs `look` with the claims and the path; it says whether it found something.
template <class Look>
bearerd_status look_up(const bearerd_object* object, const bearerd_text* path, std::size_t size, Look&& look) noexcept {
  try {
    if (object == nullptr || (path == nullptr && size > 0)) return BEARERD_FAILED;
    const LentPath lent(path, size);
    if (!lent.is_valid()) return cannot_answer();
    return look(claims_of(object), lent.get()) ? BEARERD_DONE : BEARERD_FAILED;
  } catch (...) {  // no memory, or out of a visitor
    return cannot_answer();
  }
}

bearerd_kind kind_at(const bearerd_object* object, const bearerd_text* path, std::size_t size) noexcept {
  if (object != nullptr && path != nullptr && size == 1) return as_abi(claims_of(object).kind_of(view(path[0])));
  bearerd_kind kind = BEARERD_KIND_MISSING;
  const bearerd_status status =
      look_up(object, path, size, [&](const jose::Claims& claims, const base::ClaimPath& lent) {
        kind = as_abi(claims.kind_at(lent));
        return true;
      });
  return status == BEARERD_DONE ? kind : bearerd_kind{BEARERD_KIND_MISSING};
}

bearerd_status string_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                         bearerd_text* value) noexcept {
  const auto give = [&](std::optional<std::string_view> found) {
    if (found) *value = lend(*found);
    return found.has_value();
  };
  if (object != nullptr && path != nullptr && size == 1) {
    return give(claims_of(object).string_of(view(path[0]))) ? BEARERD_DONE : BEARERD_FAILED;
  }
  return look_up(object, path, size, [&](const jose::Claims& claims, const base::ClaimPath& lent) {
    return size > 0 && give(claims.string_at(lent));
  });
}

bearerd_status integer_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                          std::int64_t* value) noexcept {
  return look_up(object, path, size, [&](const jose::Claims& claims, const base::ClaimPath& lent) {
    const auto found = size > 0 ? claims.integer_at(lent) : std::nullopt;
    if (found) *value = *found;
    return found.has_value();
  });
}

bearerd_status boolean_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                          std::uint32_t* value) noexcept {
  return look_up(object, path, size, [&](const jose::Claims& claims, const base::ClaimPath& lent) {
    const auto found = size > 0 ? claims.boolean_at(lent) : std::nullopt;
    if (found) *value = *found ? 1 : 0;
    return found.has_value();
  });
}

bearerd_status strings_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                          bearerd_status (*visit)(void*, bearerd_text), void* context) noexcept {
  return look_up(object, path, size, [&](const jose::Claims& claims, const base::ClaimPath& lent) {
    bool is_complete = true;
    const auto each = [&](std::string_view text) { return is_complete = visit(context, lend(text)) == BEARERD_DONE; };
    return size > 0 && claims.for_each_string(lent, std::ref(each)) && is_complete;
  });
}

bearerd_status for_each_member(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                               bearerd_status (*visit)(void*, bearerd_text, bearerd_kind), void* context) noexcept {
  return look_up(object, path, size, [&](const jose::Claims& claims, const base::ClaimPath& lent) {
    bool is_complete = true;
    const auto each = [&](std::string_view name, jose::ClaimKind kind) {
      return is_complete = visit(context, lend(name), as_abi(kind)) == BEARERD_DONE;
    };
    return claims.for_each_member(lent, std::ref(each)) && is_complete;
  });
}

bearerd_status for_each_object(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                               bearerd_status (*visit)(void*, const bearerd_object*), void* context) noexcept {
  return look_up(object, path, size, [&](const jose::Claims& claims, const base::ClaimPath& lent) {
    bool is_complete = true;
    const auto each = [&](const jose::Claims& element) {
      return is_complete = visit(context, as_object(element)) == BEARERD_DONE;
    };
    return size > 0 && claims.for_each_object(lent, std::ref(each)) && is_complete;
  });
}

constexpr bearerd_lookups kLookups{
    sizeof(bearerd_lookups), &kind_at,        &string_at, &integer_at, &boolean_at, &strings_at,
    &for_each_member,        &for_each_object};

}  // namespace

const bearerd_lookups& lookups() noexcept { return kLookups; }

LookupWatch::LookupWatch() noexcept : failures_before_(failed_lookups) {}

bool LookupWatch::is_sound() const noexcept { return failures_before_ == failed_lookups; }

}  // namespace bearerd::plugin
