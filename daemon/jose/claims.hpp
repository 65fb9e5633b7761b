// Typed, bounded look-ups into a JSON object that was parsed once and strictly (RFC 7519 §4): UTF-8, no duplicate names
// at any depth, bounded depth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/claim_path.hpp"
#include "base/result.hpp"

namespace simdjson::dom {
class element;
}

namespace bearerd::jose {

enum class ClaimKind : std::uint8_t { kMissing = 1, kNull, kBoolean, kNumber, kString, kArray, kObject };

// A NumericDate (RFC 7519 §2), exact: whole seconds and whether there was a fraction. `exp` of 10.5 is before 11 and
// after 10, so exp compares with `seconds` (earlier) and nbf with `seconds + has_fraction` (later).
struct NumericDate {
  std::int64_t seconds = 0;
  bool has_fraction = false;
};

// Does not own anything: valid as long as the document it was taken from. Look-ups never allocate unless said.
// A path is tried as one literal name first, then segment by segment through objects (see base::ClaimPath).
class Claims {
 public:
  explicit Claims(const simdjson::dom::element& root) noexcept : root_(&root) {}

  [[nodiscard]] ClaimKind kind_at(const base::ClaimPath& path) const noexcept;
  [[nodiscard]] std::optional<std::string_view> string_at(const base::ClaimPath& path) const noexcept;
  [[nodiscard]] std::optional<bool> boolean_at(const base::ClaimPath& path) const noexcept;
  // A JSON integer within ±2^53; 1.0 and 1e3 are not integers here.
  [[nodiscard]] std::optional<std::int64_t> integer_at(const base::ClaimPath& path) const noexcept;
  // Top-level claim by its literal name: the fast ways for registered claims.
  [[nodiscard]] ClaimKind kind_of(std::string_view name) const noexcept;
  [[nodiscard]] std::optional<std::string_view> string_of(std::string_view name) const noexcept;
  // Absent: nullopt. Present but not a finite, non-negative number up to 2^53: an error.
  [[nodiscard]] base::Result<std::optional<NumericDate>> date_of(std::string_view name) const;

  // Calls `visit` for the string at `path`, or for each string of the array there; returns false from `visit` to stop.
  // True only when the value was a string, or an array of strings alone (nothing is visited otherwise).
  bool for_each_string(const base::ClaimPath& path, const std::function<bool(std::string_view)>& visit) const;
  // Calls `visit` for each object of the list at `path`, lent for that visit; true only when it was a list of objects
  // alone (nothing is visited otherwise).
  bool for_each_object(const base::ClaimPath& path, const std::function<bool(const Claims&)>& visit) const;
  // Calls `visit` for each member name of the object at `path` (the empty path is the root). False: no object there.
  bool for_each_member(const base::ClaimPath& path,
                       const std::function<bool(std::string_view, ClaimKind)>& visit) const;

 private:
  const simdjson::dom::element* root_;
};

// Owns a parsed object, for claims that do not come from a token: user info, introspection, tests. Immutable; any
// thread.
class ClaimsDocument {
 public:
  // Same strictness as for tokens. The error names what was wrong, never a value.
  [[nodiscard]] static base::Result<ClaimsDocument> parse(std::string_view json, std::size_t max_bytes = 1U << 20U);
  ClaimsDocument(ClaimsDocument&&) noexcept;
  ClaimsDocument& operator=(ClaimsDocument&&) noexcept;
  ~ClaimsDocument();
  [[nodiscard]] Claims claims() const noexcept;

 private:
  struct Parsed;
  explicit ClaimsDocument(std::unique_ptr<Parsed> parsed) noexcept;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace bearerd::jose
