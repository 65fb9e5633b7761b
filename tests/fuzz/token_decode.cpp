// What bearerctl token decode prints of a stranger's token: nothing may crash it, and no byte of it may steer the
// terminal. A text that begins with "{" is taken as the claims, so that the fuzzer need not write base64url.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>

#include "base/base64url.hpp"
#include "ctl/commands.hpp"

namespace {

using namespace bearerd;

std::string token_of(std::string_view text) {
  if (!text.starts_with('{')) return std::string(text);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  return "eyJhbGciOiJSUzI1NiJ9." + base::encode_base64url({bytes, text.size()}) + ".c2ln";
}

bool is_harmless(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0xFFU;
    if ((byte < 0x20U && byte != '\n') || byte == 0x7FU || (byte == 0xC2U && next < 0xA0U)) return false;
  }
  return true;
}

void decode(const std::string& token, bool wants_json) {
  std::ostringstream out, err;
  ctl::Output output{out, err, {}};
  ctl::CommandLine line;
  line.wants_json = wants_json;
  (void)ctl::decode_token(token, line, base::Timestamp{1'767'225'600}, output);
  // As JSON the white space of the token's own text stays, and a tab or a return moves nothing but the cursor.
  std::string shown = out.str() + err.str();
  if (wants_json) std::erase_if(shown, [](char c) { return c == '\t' || c == '\r'; });
  if (!is_harmless(shown)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string token = token_of({reinterpret_cast<const char*>(data), size});
  decode(token, false);
  decode(token, true);
  return 0;
}
