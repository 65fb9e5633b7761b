#include "sdk/check/probe.hpp"

#include <array>

#include "plugin/lookups.hpp"

namespace bearerd::check {
namespace {

using plugin::lend;
using plugin::view;

constexpr std::size_t kMaxPaths = 64;
constexpr std::size_t kMaxLogged = 1U << 20U;
constexpr std::int64_t kAnyNumber = 4'000'000'000;

}  // namespace

void Record::note_path(const bearerd_text* path, std::size_t size) {
  constexpr std::size_t kMaxDepth = 8;
  if (!notes_paths_ || path == nullptr || size == 0 || size > kMaxDepth) return;
  Path names;
  for (std::size_t i = 0; i < size; ++i) names.emplace_back(view(path[i]));
  const std::lock_guard lock(mutex_);
  if (paths_.size() < kMaxPaths) paths_.insert(std::move(names));
}

void Record::note_log(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (logged_.size() < kMaxLogged) logged_.append(text).append("\n");
}

std::set<Path> Record::paths() const {
  const std::lock_guard lock(mutex_);
  return paths_;
}

std::string Record::logged() const {
  const std::lock_guard lock(mutex_);
  return logged_;
}

// The table of look-ups. Real objects are answered by the daemon's own functions.
struct ProbeLookups {
  static const Probe* probe(const bearerd_object* object, const bearerd_text* path, std::size_t size) noexcept {
    const auto* found = reinterpret_cast<const Probe*>(object);
    if (!found->is_lent_.load(std::memory_order_relaxed)) {
      found->record_->note_late_look();
      return nullptr;
    }
    try {
      found->record_->note_path(path, size);
    } catch (...) {  // not noted
    }
    return found;
  }

  static bearerd_kind kind_at(const bearerd_object* object, const bearerd_text* path, std::size_t size) noexcept {
    const Probe* at = probe(object, path, size);
    if (at == nullptr) return BEARERD_KIND_MISSING;
    if (at->claims_ != nullptr) return plugin::lookups().kind_at(plugin::as_object(*at->claims_), path, size);
    return size == 0 ? bearerd_kind{BEARERD_KIND_OBJECT} : at->kind_;
  }

  static bearerd_status string_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                                  bearerd_text* value) noexcept {
    const Probe* at = probe(object, path, size);
    if (at == nullptr) return BEARERD_FAILED;
    if (at->claims_ != nullptr) return plugin::lookups().string_at(plugin::as_object(*at->claims_), path, size, value);
    if (at->kind_ != BEARERD_KIND_STRING || size == 0) return BEARERD_FAILED;
    *value = lend(at->text_);
    return BEARERD_DONE;
  }

  static bearerd_status integer_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                                   std::int64_t* value) noexcept {
    const Probe* at = probe(object, path, size);
    if (at == nullptr) return BEARERD_FAILED;
    if (at->claims_ != nullptr) return plugin::lookups().integer_at(plugin::as_object(*at->claims_), path, size, value);
    if (at->kind_ != BEARERD_KIND_NUMBER || size == 0) return BEARERD_FAILED;
    *value = kAnyNumber;
    return BEARERD_DONE;
  }

  static bearerd_status boolean_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                                   std::uint32_t* value) noexcept {
    const Probe* at = probe(object, path, size);
    if (at == nullptr) return BEARERD_FAILED;
    if (at->claims_ != nullptr) return plugin::lookups().boolean_at(plugin::as_object(*at->claims_), path, size, value);
    if (at->kind_ != BEARERD_KIND_BOOLEAN || size == 0) return BEARERD_FAILED;
    *value = 1;
    return BEARERD_DONE;
  }

  static bearerd_status strings_at(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                                   bearerd_status (*visit)(void*, bearerd_text), void* context) noexcept {
    const Probe* at = probe(object, path, size);
    if (at == nullptr) return BEARERD_FAILED;
    if (at->claims_ != nullptr)
      return plugin::lookups().strings_at(plugin::as_object(*at->claims_), path, size, visit, context);
    const bool is_list = at->kind_ == BEARERD_KIND_ARRAY;
    if ((at->kind_ != BEARERD_KIND_STRING && !is_list) || size == 0) return BEARERD_FAILED;
    for (int left = is_list ? 3 : 1; left > 0; --left) {
      if (visit(context, lend(at->text_)) != BEARERD_DONE) return BEARERD_FAILED;
    }
    return BEARERD_DONE;
  }

  static bearerd_status for_each_member(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                                        bearerd_status (*visit)(void*, bearerd_text, bearerd_kind),
                                        void* context) noexcept {
    const Probe* at = probe(object, path, size);
    if (at == nullptr) return BEARERD_FAILED;
    if (at->claims_ != nullptr)
      return plugin::lookups().for_each_member(plugin::as_object(*at->claims_), path, size, visit, context);
    if (at->kind_ != BEARERD_KIND_OBJECT && size != 0) return BEARERD_FAILED;
    return visit(context, lend(at->text_), at->kind_);
  }

  static bearerd_status for_each_object(const bearerd_object* object, const bearerd_text* path, std::size_t size,
                                        bearerd_status (*visit)(void*, const bearerd_object*), void* context) noexcept {
    const Probe* at = probe(object, path, size);
    if (at == nullptr) return BEARERD_FAILED;
    if (at->claims_ != nullptr)  // its elements are no probes
      return BEARERD_FAILED;
    return at->kind_ == BEARERD_KIND_ARRAY && size > 0 ? visit(context, object) : bearerd_status{BEARERD_FAILED};
  }

  static constexpr bearerd_lookups kTable{
      sizeof(bearerd_lookups), &kind_at,        &string_at, &integer_at, &boolean_at, &strings_at,
      &for_each_member,        &for_each_object};
};

Record::Record(bool notes_paths) noexcept
    : table_{{sizeof(bearerd_host), "bearerd-plugin-check", &ProbeLookups::kTable, &log}, this},
      notes_paths_(notes_paths) {}

void Record::log(const bearerd_host* host, bearerd_log_level, bearerd_text text) noexcept {
  try {
    reinterpret_cast<const Table*>(host)->record->note_log(view(text));
  } catch (...) {  // a line lost
  }
}

}  // namespace bearerd::check
