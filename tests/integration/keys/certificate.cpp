#include "integration/keys/certificate.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace bearerd::test {
namespace {

template <class T, auto Free>
struct Freed {
  void operator()(T* thing) const { Free(thing); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Freed<X509, X509_free>>;
using ExtensionPointer = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION, X509_EXTENSION_free>>;
using FilePointer = std::unique_ptr<std::FILE, Freed<std::FILE, std::fclose>>;

void require(bool is_good) {
  if (!is_good) throw std::runtime_error("cannot make a certificate");
}

CertificatePointer sign_certificate(EVP_PKEY* key, const std::string& dns_name) {
  CertificatePointer certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>("bearerd test");
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1);
  X509_set_issuer_name(certificate.get(), name);
  const ExtensionPointer names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + dns_name).c_str()));
  require(names && X509_add_ext(certificate.get(), names.get(), -1) == 1);
  require(X509_sign(certificate.get(), key, EVP_sha256()) != 0);
  return certificate;
}

}  // namespace

CertificateFiles make_certificate(const std::string& folder, const std::string& dns_name) {
  const KeyPointer key(EVP_EC_gen("P-256"));
  const CertificatePointer certificate = sign_certificate(key.get(), dns_name);
  CertificateFiles files{folder + "/" + dns_name + ".crt", folder + "/" + dns_name + ".key"};
  const FilePointer certificate_file(std::fopen(files.certificate.c_str(), "w"));
  const FilePointer key_file(std::fopen(files.key.c_str(), "w"));
  require(certificate_file && PEM_write_X509(certificate_file.get(), certificate.get()) == 1);
  require(key_file && PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return files;
}

}  // namespace bearerd::test
