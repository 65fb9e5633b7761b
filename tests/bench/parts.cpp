// What the parts of a verification cost: each in a loop of its own, in microseconds of CPU.
//   bench_parts FOLDER MILLISECONDS
// FOLDER is what bench_tokens made. "verify" is the yardstick: OpenSSL's EVP_PKEY_verify on a digest that is ready,
// with a context that is set up, and nothing of ours.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64url.hpp"
#include "jose/key.hpp"
#include "jose/signature.hpp"
#include "jose/token.hpp"
#include "verify/verdict_cache.hpp"

namespace {

using namespace bearerd;

// Enough that no part lives on one token's branch history, few enough to stay in the cache, as a token just received
// is.
constexpr std::size_t kTokens = 64;

struct Token {
  std::string text, signing_input;
  std::vector<std::uint8_t> signature;
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Token take_apart(std::string text) {
  Token token;
  const std::size_t dot = text.rfind('.');
  token.signing_input = text.substr(0, dot);
  const auto signature = base::decode_base64url(std::string_view(text).substr(dot + 1));
  if (!signature) throw std::runtime_error("a token without a signature");
  token.signature = *signature;
  SHA256(reinterpret_cast<const unsigned char*>(token.signing_input.data()), token.signing_input.size(),
         token.digest.data());
  token.text = std::move(text);
  return token;
}

std::vector<Token> read_tokens(const std::string& path) {
  std::ifstream file(path);
  std::vector<Token> tokens;
  for (std::string line; tokens.size() < kTokens && std::getline(file, line);) tokens.push_back(take_apart(line));
  if (tokens.empty()) throw std::runtime_error("no tokens in " + path);
  return tokens;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// `step` answers whether it did what it should.
template <class Step>
void measure(const char* name, const std::vector<Token>& tokens, std::chrono::milliseconds time, Step step) {
  const double begin = cpu_seconds();
  const double end = begin + std::chrono::duration<double>(time).count();
  double now = begin;
  std::size_t count = 0;
  while (now < end) {
    for (const Token& token : tokens) {
      if (!step(token)) throw std::runtime_error(std::string(name) + " failed");
    }
    count += tokens.size();
    now = cpu_seconds();
  }
  std::printf("%s %.3f\n", name, (now - begin) * 1e6 / static_cast<double>(count));
}

struct Yardstick {
  explicit Yardstick(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                        &BIO_free);
    key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    context.reset(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
    const bool is_ready = context && EVP_PKEY_verify_init(context.get()) == 1 &&
                          EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                          EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1;
    if (!is_ready) throw std::runtime_error("cannot set the key up");
  }
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, &EVP_PKEY_free};
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context{nullptr, &EVP_PKEY_CTX_free};
};

void measure_all(const std::string& folder, std::chrono::milliseconds time) {
  const std::vector<Token> tokens = read_tokens(folder + "/tokens");

  const Yardstick yardstick(read_file(folder + "/public.pem"));
  measure("verify", tokens, time, [&](const Token& token) {
    return EVP_PKEY_verify(yardstick.context.get(), token.signature.data(), token.signature.size(), token.digest.data(),
                           token.digest.size()) == 1;
  });

  const auto set = jose::parse_key_set(read_file(folder + "/key_set.json"), jose::KeySetOrigin::kFile);
  if (!set || set->keys.empty()) throw std::runtime_error("no key");
  const jose::Key& key = *set->keys.keys().front();
  measure("signature", tokens, time, [&](const Token& token) {
    return jose::verify_signature(base::Algorithm::kRs256, key, token.signing_input, token.signature);
  });

  measure("digest", tokens, time, [](const Token& token) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    unsigned size = 0;
    return EVP_Digest(token.signing_input.data(), token.signing_input.size(), digest.data(), &size, EVP_sha256(),
                      nullptr) == 1;
  });

  jose::TokenParser parser;
  measure("parse", tokens, time, [&](const Token& token) {
    return jose::shape_of(token.text) == jose::Shape::kCompactJws && parser.parse(token.text).has_value();
  });

  verify::TokenHasher hasher;
  measure("tag", tokens, time, [&](const Token& token) { return hasher.tag(token.text).low != 0; });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_parts FOLDER MILLISECONDS\n");
    return 64;
  }
  try {
    measure_all(argv[1], std::chrono::milliseconds(std::strtol(argv[2], nullptr, 10)));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 70;
  }
  return 0;
}
