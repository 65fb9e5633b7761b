#include <chrono>
#include <ostream>

#include "base/base64url.hpp"
#include "base/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/key_file.hpp"
#include "ctl/token_claims.hpp"
#include "jose/thumbprint.hpp"

namespace bearerd::ctl {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

std::string encoded(std::string_view text) {
  return base::encode_base64url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

struct ChosenAlgorithm {
  base::Algorithm algorithm;
  std::string name;  // as it was given: "EdDSA" and "Ed25519" are one algorithm with two names (RFC 9864 §2.2)
};

Result<ChosenAlgorithm> choose_algorithm(const CommandLine& line, const jose::SigningKey& key) {
  const auto given = line.option("alg");
  if (!given) {
    const base::Algorithm usual = key.default_algorithm();
    return ChosenAlgorithm{usual, std::string(base::name(usual))};
  }
  const auto algorithm = base::find_algorithm(*given);
  if (!algorithm) return fail(ErrorCode::kInvalid, "--alg: there is no such algorithm; names are upper case: RS256");
  return ChosenAlgorithm{*algorithm, *given};
}

// The key of the certificate file that is the signing key's own.
Result<std::shared_ptr<const jose::Key>> find_certificate(const std::string& path, const jose::Key& own) {
  const auto keys = open_pem_keys(path);
  if (!keys) return tl::make_unexpected(keys.error());
  bool has_certificate = false;
  for (const auto& key : keys->keys()) {
    if (key->x5t_s256().empty()) continue;  // a bare public key
    has_certificate = true;
    if (jose::canonical_jwk(*key) == jose::canonical_jwk(own)) return key;
  }
  return fail(ErrorCode::kInvalid,
              path + (has_certificate ? ": the certificate is for another key than the one that signs"
                                      : ": it holds no certificate"));
}

Result<std::string> thumbprint_members(const CommandLine& line, const jose::Key& own) {
  const auto path = line.option("certificate");
  const std::string which = line.option("thumbprint").value_or("both");
  if (!path && line.has("thumbprint")) return fail(ErrorCode::kInvalid, "--thumbprint needs --certificate FILE");
  if (!path) return std::string();
  const bool wants_sha1 = which == "x5t" || which == "both", wants_sha256 = which == "x5t#S256" || which == "both";
  if (!wants_sha1 && !wants_sha256) return fail(ErrorCode::kInvalid, "--thumbprint is x5t, x5t#S256 or both");
  const auto certificate = find_certificate(*path, own);
  if (!certificate) return tl::make_unexpected(certificate.error());
  std::string members;
  if (wants_sha1) members += R"(,"x5t":)" + base::json_string((*certificate)->x5t());
  if (wants_sha256) members += R"(,"x5t#S256":)" + base::json_string((*certificate)->x5t_s256());
  return members;
}

std::string default_key_id(const CommandLine& line, const jose::Key& own) {
  // With a certificate the key is found by its thumbprint; a name that the other side never heard would only confuse
  // it.
  if (!own.key_id().empty() || line.has("certificate")) return own.key_id();
  return jose::key_thumbprint(own).value_or("");
}

Result<std::string> build_header(const CommandLine& line, const jose::Key& own, const std::string& algorithm) {
  std::string header = R"({"alg":)" + base::json_string(algorithm);
  const std::string key_id = line.option("kid").value_or(default_key_id(line, own));
  if (!key_id.empty()) header += R"(,"kid":)" + base::json_string(key_id);
  const std::string type = line.option("type").value_or("JWT");
  if (!type.empty()) header += R"(,"typ":)" + base::json_string(type);
  const auto thumbprints = thumbprint_members(line, own);
  if (!thumbprints) return tl::make_unexpected(thumbprints.error());
  return header + *thumbprints + '}';
}

Result<std::string> sign_token(const CommandLine& line, base::Timestamp now, Output& output) {
  const auto key = open_signing_key(line, output);
  if (!key) return tl::make_unexpected(key.error());
  const auto algorithm = choose_algorithm(line, *key);
  if (!algorithm) return tl::make_unexpected(algorithm.error());
  const auto header = build_header(line, key->verifier(), algorithm->name);
  if (!header) return tl::make_unexpected(header.error());
  const auto claims = build_claims(line, now);
  if (!claims) return tl::make_unexpected(claims.error());
  const std::string input = encoded(*header) + '.' + encoded(*claims);
  const auto signature = key->sign(algorithm->algorithm, input);
  if (!signature) return tl::make_unexpected(signature.error());
  return input + '.' + base::encode_base64url(*signature);
}

}  // namespace

int run_token_sign(const CommandLine& line, Output& output) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  const auto token = sign_token(line, base::Timestamp{now.count()}, output);
  if (!token) return report_trouble(token.error().text, output);
  if (line.wants_json) {
    output.out << R"({"token":)" << base::json_string(*token) << "}\n";
  } else {
    output.out << *token << '\n';
  }
  return kYes;
}

}  // namespace bearerd::ctl
