// Owners for the OpenSSL objects of this layer's sources.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <memory>

namespace bearerd::jose {

template <auto Free>
struct OpenSslDeleter {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Free(pointer);
  }
};

template <class T, auto Free>
using OpenSslPointer = std::unique_ptr<T, OpenSslDeleter<Free>>;

using PkeyPointer = OpenSslPointer<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = OpenSslPointer<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestPointer = OpenSslPointer<EVP_MD, EVP_MD_free>;
using DigestContext = OpenSslPointer<EVP_MD_CTX, EVP_MD_CTX_free>;
using MacPointer = OpenSslPointer<EVP_MAC, EVP_MAC_free>;
using MacContext = OpenSslPointer<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using BignumPointer = OpenSslPointer<BIGNUM, BN_free>;
using ParameterBuilder = OpenSslPointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParameterPointer = OpenSslPointer<OSSL_PARAM, OSSL_PARAM_free>;
using BioPointer = OpenSslPointer<BIO, BIO_free>;
using CertificatePointer = OpenSslPointer<X509, X509_free>;

}  // namespace bearerd::jose
