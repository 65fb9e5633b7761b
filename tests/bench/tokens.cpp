// The tokens and keys of one benchmark run, made anew each time: RS256, 2048 bits, 1.2 KB, as large identity providers
// make them.
//   bench_tokens FOLDER COUNT ISSUER AUDIENCE
// writes key_set.json, public.pem, tokens (COUNT good ones, a line each, every one another user's), and one line each:
// good, expired, tampered, wrong_audience.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/signer/signer.hpp"

namespace {

using bearerd::test::TestKey;

struct Wanted {
  std::string issuer, audience;
  long expires_in = 6 * 3600;
  unsigned user = 0;
};

std::string claims(const Wanted& wanted) {
  using std::chrono::duration_cast, std::chrono::seconds, std::chrono::system_clock;
  const long now = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  char id[40];
  std::snprintf(id, sizeof id, "4f6c1e9a-2b7d-4c58-9d13-%012x", wanted.user);
  const std::string user = "user" + std::to_string(wanted.user);
  return R"({"exp":)" + std::to_string(now + wanted.expires_in) + R"(,"iat":)" + std::to_string(now - 60) +
         R"(,"auth_time":)" + std::to_string(now - 600) +
         R"(,"client_address":"192.0.2.10","jti":"b1c0de5e-7f35-4a0e-8f55-)" + std::string(id + 24) + R"(","iss":")" +
         wanted.issuer + R"(","aud":[")" + wanted.audience + R"(","account"],"sub":")" + id +
         R"(","typ":"Bearer","azp":"portal","sid":"0d9c8b7a-6f5e-4d3c-2b1a-)" + std::string(id + 24) +
         R"(","acr":"1","roles":["reader","writer","offline_access"],"scope":"openid profile email",)"
         R"("email_verified":true,"name":"A User","preferred_username":")" +
         user + R"(","given_name":"A","family_name":"User","email":")" + user + R"(@example.test"})";
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.flush();
  if (!file) throw std::runtime_error("cannot write " + path);
}

// A character in the middle of the signature: the last one may hold only padding bits.
std::string tampered(std::string token) {
  char& letter = token[token.size() - 100];
  letter = letter == 'A' ? 'B' : 'A';
  return token;
}

void make(const std::string& folder, unsigned count, const std::string& issuer, const std::string& audience) {
  const TestKey key =
      TestKey::generate(bearerd::base::Algorithm::kRs256, "b7Qx0pVJ3yR5cE1uKfWmZs8dNhT2aLgO6iBvYk4jXrM");
  const auto sign = [&key](const Wanted& wanted) { return key.sign(claims(wanted)); };
  write(folder + "/key_set.json", bearerd::test::key_set_json({key}));
  write(folder + "/public.pem", key.public_pem());
  const std::string good = sign({issuer, audience});
  write(folder + "/good", good + "\n");
  write(folder + "/tampered", tampered(good) + "\n");
  write(folder + "/expired", sign({issuer, audience, -3600}) + "\n");
  write(folder + "/wrong_audience", sign({issuer, "another-api"}) + "\n");
  std::string tokens;
  for (unsigned user = 1; user <= count; ++user) {
    Wanted wanted{issuer, audience};
    wanted.user = user;
    tokens += sign(wanted) + "\n";
  }
  write(folder + "/tokens", tokens);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: bench_tokens FOLDER COUNT ISSUER AUDIENCE\n");
    return 64;
  }
  try {
    make(argv[1], static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)), argv[3], argv[4]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 70;
  }
  return 0;
}
