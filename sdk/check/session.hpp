// One plugin, open, with one instance: every call is made straight through the border, as the daemon makes it, but
// nothing that comes back is mended or forgiven.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/plugin_abi.h"
#include "plugin/library.hpp"
#include "sdk/check/finding.hpp"
#include "sdk/check/probe.hpp"

namespace bearerd::check {

// What identify() said, in an order of its own so that two answers can be compared.
struct Said {
  std::vector<std::pair<bearerd_identity_field, std::string>> texts;
  std::vector<std::string> roles;
  bool has_roles = false;
  friend bool operator==(const Said&, const Said&) = default;
};

// What the plugin made of one token.
struct Judgement {
  bearerd_verdict verdict = BEARERD_FAILED;
  std::optional<Said> said;  // set when it accepted
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

// Texts that the plugin names must be UTF-8; claims that are not themselves need not come back as text.
enum class Claimed : unsigned char { kText = 1, kBytes };

// Gathers an identity and says what is wrong with it.
class IdentityListener {
 public:
  IdentityListener(Said& said, Faults& faults, Claimed claimed) noexcept;
  IdentityListener(const IdentityListener&) = delete;
  IdentityListener& operator=(const IdentityListener&) = delete;
  [[nodiscard]] const bearerd_identity_sink* sink() const noexcept { return &sink_; }

 private:
  static void text(void* context, bearerd_identity_field field, bearerd_text value);
  static void roles(void* context, const bearerd_text* roles, std::size_t count);
  void look_at(bearerd_text value, const char* what);

  Said& said_;
  Faults& faults_;
  Claimed claimed_;
  bearerd_identity_sink sink_;
};

class Session {
 public:
  // create() and trust() with these settings (the object that the daemon hands over). A refusal is no fault of the
  // plugin; `refusal` says what it was.
  Session(std::shared_ptr<const plugin::Library> library, std::string_view settings_json, Record& record,
          Faults& faults);
  ~Session();  // destroy()
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] bool is_open() const noexcept { return instance_ != nullptr; }
  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }
  [[nodiscard]] const bearerd_instance* instance() const noexcept { return instance_; }
  [[nodiscard]] const bearerd_plugin& entry() const noexcept { return library_->entry(); }

  // check(), and identify() when it accepts. Any thread, each with faults of its own.
  [[nodiscard]] Judgement judge(Probe& claims, std::string_view type, Claimed claimed, Faults& faults) const;

 private:
  void create(Faults& faults);
  void trust(Faults& faults);

  std::shared_ptr<const plugin::Library> library_;
  Record& record_;
  std::unique_ptr<Probe> settings_;  // taken back once the plugin is made; kept, so that a late look is noticed
  Faults& faults_;
  bearerd_instance* instance_ = nullptr;
  std::string refusal_;
};

// Calls into the plugin; an exception that comes out is a fault, and nothing is returned.
template <class Call>
[[nodiscard]] auto call_guarded(std::string_view function, Faults& faults, Call&& call)
    -> std::optional<decltype(call())> {
  try {
    return call();
  } catch (...) {
    faults.add("an exception came out of " + std::string(function) + "()");
    return std::nullopt;
  }
}

[[nodiscard]] bool is_verdict(bearerd_verdict verdict) noexcept;

}  // namespace bearerd::check
