// A server's certificate, made for one test run.
#pragma once

#include <string>

namespace bearerd::test {

struct CertificateFiles {
  std::string certificate, key;  // paths of PEM files
};

// Self-signed for this DNS name, so that it is its own authority; written into `folder`.
[[nodiscard]] CertificateFiles make_certificate(const std::string& folder, const std::string& dns_name);

}  // namespace bearerd::test
