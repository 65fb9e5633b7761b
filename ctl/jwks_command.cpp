#include <ostream>

#include "base/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/json_text.hpp"
#include "ctl/key_file.hpp"
#include "jose/thumbprint.hpp"

namespace bearerd::ctl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

// RFC 7518 §6.2.1.1, RFC 8037: these keys serve one algorithm only. An RSA key serves six, and its owner says which.
std::string only_algorithm_of(const jose::Key& key) {
  constexpr std::array kSingle{base::Algorithm::kEs256, base::Algorithm::kEs384, base::Algorithm::kEs512,
                               base::Algorithm::kEdDsa};
  for (const base::Algorithm algorithm : kSingle) {
    if (key.can_verify(algorithm)) return std::string(base::name(algorithm));
  }
  return {};
}

Result<std::string> jwk_of(const CommandLine& line, const jose::Key& key) {
  const auto canonical = jose::canonical_jwk(key);
  if (!canonical) return fail(ErrorCode::kInternal, "cannot write a key as a JWK");
  const auto given = line.option("alg");
  if (given && !base::find_algorithm(*given)) return fail(ErrorCode::kInvalid, "--alg: there is no such algorithm");
  if (given && !key.can_verify(*base::find_algorithm(*given)))
    return fail(ErrorCode::kInvalid, "--alg " + *given + " does not go with the type of a key");
  std::string jwk = canonical->substr(0, canonical->size() - 1);
  jwk += R"(,"kid":)" + base::json_string(line.option("kid").value_or(jose::key_thumbprint(key).value_or("")));
  jwk += R"(,"use":"sig")";
  const std::string algorithm = given.value_or(only_algorithm_of(key));
  if (!algorithm.empty()) jwk += R"(,"alg":)" + base::json_string(algorithm);
  if (!key.x5t().empty())
    jwk += R"(,"x5t":)" + base::json_string(key.x5t()) + R"(,"x5t#S256":)" + base::json_string(key.x5t_s256());
  return jwk + '}';
}

Result<std::string> key_set_of(const CommandLine& line) {
  std::string text;
  std::size_t count = 0;
  for (const std::string& path : line.arguments) {
    const auto keys = open_pem_keys(path);
    if (!keys) return tl::make_unexpected(keys.error());
    for (const auto& key : keys->keys()) {
      const auto jwk = jwk_of(line, *key);
      if (!jwk) return fail(jwk.error().code, path + ": " + jwk.error().text);
      text += (count++ == 0 ? "" : ",") + *jwk;
    }
  }
  if (count > 1 && line.has("kid")) return fail(ErrorCode::kInvalid, "--kid names one key, and there are several");
  return R"({"keys":[)" + text + "]}";
}

}  // namespace

int run_jwks_from_pem(const CommandLine& line, Output& output) {
  if (line.arguments.empty())
    return report_trouble("jwks from-pem needs a file with public keys or certificates; - is standard input", output);
  const auto set = key_set_of(line);
  if (!set) return report_trouble(set.error().text, output);
  output.out << (line.wants_json ? *set : indented(*set)) << '\n';
  return kYes;
}

}  // namespace bearerd::ctl
