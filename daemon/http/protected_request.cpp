#include "http/protected_request.hpp"

#include <random>

#include "access/protected_path.hpp"
#include "base/ascii.hpp"
#include "http/credential.hpp"

namespace bearerd::http {
namespace {

using base::Reason;

constexpr std::size_t kMaxIdLength = 64;
constexpr std::size_t kMaxMethodLength = 32;  // the longest registered one has 17

bool is_request_id(std::string_view text) noexcept {
  return text.size() <= kMaxIdLength && base::is_made_of(text, "._-");
}

bool is_method(std::string_view text) noexcept {
  return text.size() <= kMaxMethodLength && base::is_made_of(text, "-_");
}

constexpr HeaderFields kReadByAll =
    bit(HeaderField::kAuthorization) | bit(HeaderField::kRequestId) | bit(HeaderField::kForwardedFor);

// What an endpoint reads must be there once and be spelled properly; what it does not read may look as it likes.
constexpr HeaderFields read_by(Endpoint endpoint) noexcept {
  switch (endpoint) {
    case Endpoint::kVerify:
      return kReadByAll | bit(HeaderField::kResource);
    case Endpoint::kNginx:
      return kReadByAll | bit(HeaderField::kOriginalMethod) | bit(HeaderField::kOriginalUri) |
             bit(HeaderField::kOriginalHost) | bit(HeaderField::kOriginalProto);
    case Endpoint::kForward:
      return kReadByAll | bit(HeaderField::kForwardedMethod) | bit(HeaderField::kForwardedUri) |
             bit(HeaderField::kForwardedHost) | bit(HeaderField::kForwardedProto);
    default:
      return kReadByAll;
  }
}

}  // namespace

RequestIds::RequestIds() {
  std::random_device device;
  state_ = (std::uint64_t{device()} << 32U) | device();
}

std::string_view RequestIds::choose(std::string_view sent, std::array<char, 16>& storage) noexcept {
  if (is_request_id(sent)) return sent;
  // SplitMix64: ids need to differ, not to be secret.
  std::uint64_t bits = state_ += 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31U;
  for (char& digit : storage) {
    digit = "0123456789abcdef"[bits & 15U];
    bits >>= 4U;
  }
  return {storage.data(), storage.size()};
}

Reason ProtectedRequest::assign(const RequestHead& head, const Selection& selection, bool has_api_keys) {
  const HeaderFields read = read_by(selection.endpoint) | (has_api_keys ? bit(HeaderField::kApiKey) : 0);
  if ((head.ambiguous() & read) != 0) return refuse("a header that is read came twice, or with _ for -");
  const Credential credential = find_credential(head, has_api_keys);
  if (credential.fault == Reason::kBadRequest) return refuse("an API key and a token came, and they differ");
  if (const Reason fault = assign_source(head, selection); fault != Reason::kOk) return fault;
  if (credential.fault != Reason::kOk && request.trace != nullptr)
    request.trace->fail(base::Check::kCredential, "it holds bytes that no token has");
  request.credential_kind = credential.kind;
  request.credential = credential.value;
  request.forwarded_for = head.value(HeaderField::kForwardedFor);
  return credential.fault;
}

Reason ProtectedRequest::refuse(std::string_view why) const {
  if (request.trace != nullptr) request.trace->fail(base::Check::kRequest, why);
  return Reason::kBadRequest;
}

Reason ProtectedRequest::assign_source(const RequestHead& head, const Selection& selection) {
  switch (selection.endpoint) {
    case Endpoint::kVerify:
      request.resource = head.value(HeaderField::kResource);
      // A template that filled nothing in means a resource, and must not become the question whether the token is good.
      if (request.resource.empty() && head.has(HeaderField::kResource)) return refuse("the resource is empty");
      return Reason::kOk;
    case Endpoint::kNginx:
      request.host = head.value(HeaderField::kOriginalHost);
      request.protocol = head.value(HeaderField::kOriginalProto);
      return assign_method_and_path(head.value(HeaderField::kOriginalMethod), head.value(HeaderField::kOriginalUri));
    case Endpoint::kForward:
      request.host = head.value(HeaderField::kForwardedHost);
      request.protocol = head.value(HeaderField::kForwardedProto);
      return assign_method_and_path(head.value(HeaderField::kForwardedMethod), head.value(HeaderField::kForwardedUri));
    case Endpoint::kEnvoy:
      request.host = head.value(HeaderField::kHost);
      return assign_method_and_path(head.method(), selection.rest);
    default:
      return refuse("the path leads to no endpoint; it begins with a slash");
  }
}

Reason ProtectedRequest::assign_method_and_path(std::string_view method, std::string_view target) {
  if (!is_method(method)) return refuse("the method is no token: at most 32 letters, digits, - and _");
  const auto path = access::normalise_path(target, path_storage);
  if (!path) return refuse(path.error().text);
  request.method = method;
  request.path = *path;
  return Reason::kOk;
}

}  // namespace bearerd::http
