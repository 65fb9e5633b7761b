// The host's side of bearerd_call: what one resolve() or enrich() may use, and what it has been answered.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "bearerd/plugin_abi.h"
#include "jose/claims.hpp"
#include "plugin/instance.hpp"

namespace bearerd::plugin {

// One worker, one call. Answers are parsed once, strictly, and lent to the plugin until this goes.
class Call {
 public:
  explicit Call(const Inquiry& inquiry) noexcept;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  [[nodiscard]] const bearerd_call* abi() const noexcept { return &abi_; }
  // The answer behind `object`; nothing when it is none of this call's.
  [[nodiscard]] std::optional<jose::ClaimsDocument> take(const bearerd_object* object);
  // Once the plugin has said that it can't decide: the operator reads by which answer.
  void tell_undecided() const;
  [[nodiscard]] std::optional<std::int64_t> valid_until() const noexcept { return valid_until_; }

 private:
  struct Held {
    explicit Held(jose::ClaimsDocument parsed) : document(std::move(parsed)), claims(document.claims()) {}
    jose::ClaimsDocument document;
    jose::Claims claims;  // what the plugin's pointer points to
  };
  static bearerd_status fetch(void* context, const bearerd_fetch_request* request,
                              bearerd_fetch_response* response) noexcept;
  static void end(void* context, std::int64_t second) noexcept;
  [[nodiscard]] bool answer(const bearerd_fetch_request& request, bearerd_fetch_response& response);

  const Inquiry& inquiry_;
  bearerd_call abi_;
  std::list<Held> answers_;
  unsigned fetches_ = 0;
  std::string last_url_;
  int last_status_ = 0;  // of the last fetch; 0: nobody answered
  std::optional<std::int64_t> valid_until_;
};

}  // namespace bearerd::plugin
