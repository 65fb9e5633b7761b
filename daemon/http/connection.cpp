#include "http/connection.hpp"

#include <sys/epoll.h>

#include <array>
#include <chrono>

namespace bearerd::http {
namespace {

// Enough for the client to see the answer; after that it gets a reset.
constexpr std::chrono::milliseconds kLingerTime{1000};
// While draining, for the first request of a connection to arrive.
constexpr std::chrono::milliseconds kFirstBytesTime{100};
// Answers of one turn above which they are sent before more requests are looked at.
constexpr std::size_t kMaxUnsentBytes = 64 * 1024;

}  // namespace

Connection::Connection(ConnectionHost& host, Stream stream, std::uint64_t id,
                       std::unique_ptr<ConnectionCount> count) noexcept
    : host_(host), stream_(std::move(stream)), id_(id), count_(std::move(count)) {}

Connection::~Connection() = default;

base::Result<void> Connection::open() {
  watched_ = EPOLLIN;
  host_.idle.arm(*this, host_.now + host_.limits.idle_timeout);
  return host_.loop.add(stream_.fd(), watched_, *this);
}

// A connection's top: no memory, or a bug, costs this connection, not the loop.
template <class Step>
void Connection::guarded(Step step) noexcept {
  try {
    step();
  } catch (...) {
    close();
  }
  host_.out.clear();
}

void Connection::on_ready(std::uint32_t events) {
  guarded([&] {
    handle(events);
    read_buffered();
  });
}

// The socket tells nothing of what TLS has read from it already.
void Connection::read_buffered() {
  while ((phase_ == Phase::kIdle || phase_ == Phase::kReading) && stream_.has_buffered()) read_input();
}

void Connection::handle(std::uint32_t events) {
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kReading:
      return read_input();
    case Phase::kParked:
      return abandon();
    case Phase::kWriting:
      return (events & (EPOLLERR | EPOLLHUP)) != 0 ? close() : write_pending();
    case Phase::kLingering:
      return discard_input();
    case Phase::kClosed:
      return;
  }
}

void Connection::read_input() {
  if (!buffer_.is_held()) buffer_ = host_.buffers.take();
  // One byte more than a head may have, to see that it has more.
  if (!buffer_.make_room(host_.limits.max_header_bytes + 1)) return refuse(Fault::kHeadTooLarge);
  const Transfer received = stream_.receive(buffer_.free_space());
  if (received.moved == Moved::kNone) return settle();
  if (received.moved != Moved::kSome) return close();
  has_asked_ = true;
  buffer_.add(received.size);
  consume();
}

// Everything that the buffer holds, as far as it goes.
void Connection::consume() {
  while (step()) {
  }
  if (phase_ != Phase::kClosed && phase_ != Phase::kLingering) flush();
}

// False: needs more bytes, waits for something, or is done.
bool Connection::step() {
  if (parser_.is_in_head() && buffer_.unread().empty()) return false;
  if (host_.out.size() > kMaxUnsentBytes) {
    flush();
    if (phase_ == Phase::kWriting || phase_ == Phase::kClosed) return false;
  }
  switch (parser_.advance(buffer_.unread())) {
    case RequestParser::Event::kMore:
      return on_more();
    case RequestParser::Event::kHead:
      return on_head();
    case RequestParser::Event::kEnd:
      return on_end();
    case RequestParser::Event::kFault:
      break;
  }
  refuse(parser_.fault());
  return false;
}

bool Connection::on_more() {
  if (parser_.is_in_head()) {
    if (buffer_.unread().size() > host_.limits.max_header_bytes) refuse(Fault::kHeadTooLarge);
    return false;
  }
  if (form_) form_->body.append(buffer_.unread().substr(0, parser_.parsed()));
  drop_head();
  return false;
}

bool Connection::on_head() {
  if (parser_.parsed() > host_.limits.max_header_bytes) {
    refuse(Fault::kHeadTooLarge);
    return false;
  }
  form_ = host_.service.begin_form(parser_.head());
  if (form_) {
    // The client waits for it before it sends the body (RFC 9110 §10.1.1).
    if (parser_.head().has(HeaderField::kExpect)) host_.out.append("HTTP/1.1 100 Continue\r\n\r\n");
    drop_head();
    return true;
  }
  exchange_ = host_.service.serve(parser_.head(), persistence(), host_.out);
  if (exchange_ != nullptr) return park();
  is_answered_ = true;
  is_closing_ = persistence() == Persistence::kClose;
  drop_head();
  // The body and the next request of a connection that is to be closed interest nobody.
  return !is_closing_;
}

bool Connection::park() {
  phase_ = Phase::kParked;
  host_.on_parked(*this, exchange_->ticket);
  host_.parked.arm(*this, exchange_->attempt.deadline);
  return false;
}

bool Connection::on_end() {
  if (form_) {
    form_->body.append(buffer_.unread().substr(0, parser_.parsed()));
    is_closing_ = persistence() == Persistence::kClose;
    exchange_ = host_.service.serve_form(*form_, persistence(), host_.out);
    if (exchange_ != nullptr) return park();
    is_answered_ = true;
  }
  if (is_closing_) {
    drop_head();
    return false;
  }
  end_request();
  return true;
}

void Connection::end_request() {
  form_.reset();
  drop_head();
  parser_.restart();
  is_answered_ = has_deadline_ = false;
}

void Connection::drop_head() {
  buffer_.drop(parser_.parsed());
  parser_.drop_parsed();
}

Persistence Connection::persistence() const noexcept {
  const RequestHead& head = parser_.head();
  if (host_.is_draining || !head.is_keep_alive()) return Persistence::kClose;
  // No proxy of ours asks with one, and where it ends is what parsers disagree about: its body is never parsed.
  if (head.is_chunked()) return Persistence::kClose;
  if (head.content_length() > host_.limits.max_body_bytes) return Persistence::kClose;
  // Whether the client sends its body after a final answer is up to it (RFC 9110 §10.1.1): what follows can't be told
  // apart.
  if (head.has_body() && head.has(HeaderField::kExpect)) return Persistence::kClose;
  return head.is_http_1_0() ? Persistence::kKeepAnnounced : Persistence::kKeep;
}

void Connection::refuse(Fault fault) {
  is_closing_ = true;
  // After the answer there is nothing left to say about the rest of the same request.
  if (!is_answered_) {
    // What the buffer holds of a form is its body: the head is gone, and only one endpoint takes forms.
    const std::string_view target = form_ ? std::string_view() : parser_.complete_target(buffer_.unread());
    host_.service.refuse(fault, target, host_.out);
  }
  flush();
}

void Connection::on_resumed() {
  guarded([&] {
    finish_parked(false);
    read_buffered();
  });
}

void Connection::finish_parked(bool is_expired) {
  const Persistence kept = persistence();
  if (!host_.service.resume(*exchange_, is_expired, kept, host_.out)) {
    host_.parked.arm(*this, exchange_->attempt.deadline);
    return;
  }
  host_.on_unparked(exchange_->ticket);
  exchange_.reset();
  // Answers to requests before this one that the socket had not taken yet.
  host_.out.insert(0, pending_);
  pending_.clear();
  if (!stream_.is_open()) return close();
  phase_ = Phase::kReading;
  is_answered_ = true;
  has_deadline_ = false;
  is_closing_ = kept == Persistence::kClose;
  form_ && !is_closing_ ? end_request() : drop_head();
  if (is_closing_) return flush();
  consume();
}

void Connection::flush() {
  if (phase_ == Phase::kClosed) return;
  std::string_view left = host_.out;
  while (!left.empty()) {
    const Transfer sent = stream_.send(left);
    if (sent.moved == Moved::kNone) break;
    if (sent.moved != Moved::kSome) return phase_ == Phase::kParked ? abandon() : close();
    left.remove_prefix(sent.size);
  }
  pending_.assign(left);
  host_.out.clear();
  settle();
}

void Connection::write_pending() {
  host_.out.swap(pending_);
  pending_.clear();
  phase_ = Phase::kReading;
  flush();
  if (phase_ == Phase::kReading || phase_ == Phase::kIdle) consume();
}

// Decides what to wait for, and how long.
void Connection::settle() {
  if (phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kParked) return watch(0);  // a level-triggered event would spin; a hang-up is told all the same
  if (!pending_.empty()) {
    phase_ = Phase::kWriting;
    host_.writing.arm(*this, host_.now + host_.limits.header_timeout);
    return watch(EPOLLOUT);
  }
  if (is_closing_) return linger();
  watch(stream_.awaited());
  const bool is_idle = parser_.is_in_head() && buffer_.unread().empty();
  if (buffer_.is_held() && buffer_.unread().empty()) host_.buffers.give_back(std::move(buffer_));
  if (!is_idle) {
    phase_ = Phase::kReading;
    if (!has_deadline_) host_.reading.arm(*this, host_.now + host_.limits.header_timeout);
    has_deadline_ = true;
    return;
  }
  if (host_.is_draining && has_asked_) return close();
  phase_ = Phase::kIdle;
  // Who has just connected has sent a request that is still on its way.
  host_.idle.arm(*this, host_.now + (host_.is_draining ? kFirstBytesTime : host_.limits.idle_timeout));
}

void Connection::linger() {
  const bool is_read_up =
      is_answered_ && buffer_.unread().empty() && !parser_.is_in_head() && !parser_.head().has_body();
  if (is_read_up) return close();
  stream_.end_sending();
  if (buffer_.is_held()) host_.buffers.give_back(std::move(buffer_));
  phase_ = Phase::kLingering;
  host_.lingering.arm(*this, host_.now + kLingerTime);
  watch(EPOLLIN);
}

void Connection::discard_input() {
  std::array<char, 16 * 1024> bytes;
  const Moved moved = stream_.receive(bytes).moved;
  if (moved == Moved::kEnd || moved == Moved::kBroken) close();
}

// The client is gone, but its question is still asked: whoever works on it gets to end it.
void Connection::abandon() noexcept {
  host_.loop.remove(stream_.fd());
  stream_.close();
}

void Connection::on_timer() {
  guarded([&] {
    if (phase_ == Phase::kParked) return finish_parked(true);
    if (phase_ == Phase::kReading) return is_answered_ ? close() : refuse(Fault::kTimedOut);
    close();
  });
}

void Connection::drain() {
  guarded([&] {
    if (phase_ == Phase::kIdle) read_input();
    read_buffered();
  });
}

void Connection::close() noexcept {
  if (phase_ == Phase::kClosed) return;
  if (exchange_ != nullptr) host_.on_unparked(exchange_->ticket);
  phase_ = Phase::kClosed;
  cancel();
  if (stream_.is_open()) host_.loop.remove(stream_.fd());
  stream_.close();
  if (buffer_.is_held()) host_.buffers.give_back(std::move(buffer_));
  host_.on_closed(*this);
}

void Connection::watch(std::uint32_t events) noexcept {
  if (events == watched_ || !stream_.is_open()) return;
  watched_ = events;
  host_.loop.modify(stream_.fd(), events, *this);
}

}  // namespace bearerd::http
