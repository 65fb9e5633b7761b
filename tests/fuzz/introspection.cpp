// Up to the first line end an Authorization header, behind it the form of a question to /introspect: whatever they are,
// nobody is let in who does not say the secret, and a token is found only where the form says `token` once.
#include "http/introspection.hpp"

#include <cstdint>
#include <cstdlib>

namespace http = bearerd::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = text.find('\n');
  const std::string_view form = line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  // A secret of bytes that no seed holds.
  static const std::vector<bearerd::settings::IntrospectionClient> clients{
      {"shop", "", bearerd::base::Secret(std::string_view("\x01\x02 8f1c7a52-0d6e-4a39-9f2b\x03"))}};
  if (http::is_known_client(text.substr(0, line), clients)) std::abort();
  const auto token = http::find_token(form);
  if (!token) return 0;
  if (token->empty() || token->size() > form.size()) std::abort();
  // The same form twice says it twice.
  if (http::find_token(std::string(form) + "&" + std::string(form))) std::abort();
  return 0;
}
