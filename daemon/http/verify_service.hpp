// What a request on the verify listener gets for an answer. One per loop, used by its thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/answers.hpp"
#include "http/endpoint.hpp"
#include "http/introspection.hpp"
#include "http/protected_request.hpp"
#include "http/request_head.hpp"
#include "verify/worker.hpp"

namespace bearerd::http {

// A question under way. Stays where it is until the answer: the decision path holds views into it.
struct Exchange {
  ProtectedRequest question;
  verify::Attempt attempt;
  Endpoint endpoint = Endpoint::kVerify;
  std::string token;                       // of /introspect, whose body is not the connection's
  std::shared_ptr<const Answers> answers;  // of the settings that were running when it was asked
  std::uint64_t ticket = 0;                // never used twice by a loop
};

class VerifyService {
 public:
  // `wake` makes, for a ticket, what Attempt::resume is to be: callable once from any thread.
  using WakeFactory = std::function<std::function<void()>(std::uint64_t ticket)>;
  VerifyService(verify::Worker& worker, WakeFactory wake);

  // Never throws: a turn without a world of its own answers 503.
  void begin_turn(base::SteadyTime now) noexcept;

  // Appends the answer, a 503 where something threw, and hands back null; or parks: then the head's bytes must stay
  // where they are until resume() answered.
  [[nodiscard]] std::unique_ptr<Exchange> serve(const RequestHead& head, Persistence persistence, std::string& out);
  // What the head asks comes in a body, which the connection is to collect.
  [[nodiscard]] std::optional<IntrospectionForm> begin_form(const RequestHead& head) noexcept;
  // As serve(), once the body is there.
  [[nodiscard]] std::unique_ptr<Exchange> serve_form(const IntrospectionForm& form, Persistence persistence,
                                                     std::string& out);
  // True when it answered. With `is_expired` it always does.
  [[nodiscard]] bool resume(Exchange& exchange, bool is_expired, Persistence persistence, std::string& out);

  // A request that is not one. `target` as far as known.
  void refuse(Fault fault, std::string_view target, std::string& out);
  // A connection above the limit.
  void refuse_overload() noexcept;

 private:
  [[nodiscard]] std::unique_ptr<Exchange> ask(const RequestHead& head, const Selection& selection,
                                              Persistence persistence, std::string& out);
  [[nodiscard]] std::unique_ptr<Exchange> answer(const RequestHead& head, Persistence persistence, std::string& out);
  [[nodiscard]] std::unique_ptr<Exchange> introspect(const IntrospectionForm& form, Persistence persistence,
                                                     std::string& out);
  void append_answer(const Exchange& exchange, const verify::Decision& decision, const Framing& framing,
                     std::string& out) const;
  void answer_introspection(const RequestHead& head, const Framing& framing, std::string& out);
  void answer_failed(const RequestHead& head, Persistence persistence, std::string& out);
  void tell_bad_request() noexcept;
  void tell_refused(base::Reason reason, std::string_view request_id, base::SteadyTime arrived_at) noexcept;
  void answer_other(const RequestHead& head, const Selection& selection, const Framing& framing, std::string& out);
  void answer_readiness(bool is_head_method, bool all, const Framing& framing, std::string& out);
  void answer_metadata(const RequestHead& head, std::string_view rest, const Framing& framing, std::string& out);
  [[nodiscard]] std::unique_ptr<Exchange> make_exchange();
  [[nodiscard]] Framing framing(Persistence persistence);

  verify::Worker& worker_;
  WakeFactory wake_;
  RequestIds ids_;
  DateLine date_;
  std::string_view date_text_;
  base::SteadyTime now_{};
  std::shared_ptr<const Answers> answers_;
  std::unique_ptr<Exchange> spare_;  // used again and again while nothing parks
  std::uint64_t last_ticket_ = 0;
  bool has_world_ = false;  // this turn's snapshot and its answers
};

}  // namespace bearerd::http
