#include "net/tls_contexts.hpp"

#include <Poco/Exception.h>
#include <openssl/x509.h>
#include <sys/stat.h>

namespace bearerd::net {
namespace {

using Poco::Net::Context;

// Changes when the file is replaced or rewritten; empty when it can't be seen.
std::string version_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) +
         ":" + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

Context::Ptr make_context(const std::string& ca_file) {
  Context::Params params;
  params.caLocation = ca_file;
  params.loadDefaultCAs = ca_file.empty();
  // Not VERIFY_RELAXED: with it POCO does not compare the host's name when the host is local.
  params.verificationMode = Context::VERIFY_STRICT;
  params.verificationDepth = 9;
  params.cipherList = "HIGH:!aNULL:!eNULL:!MD5:!RC4:!3DES:!PSK:!SRP";
  Context::Ptr context = new Context(Context::TLS_CLIENT_USE, params);
  context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
  context->enableExtendedCertificateVerification(true);
  return context;
}

}  // namespace

base::Result<Context::Ptr> TlsContexts::get(const std::string& ca_file) {
  const std::string version = version_of(ca_file.empty() ? ::X509_get_default_cert_file() : ca_file);
  if (!ca_file.empty() && version.empty())
    return base::fail(base::ErrorCode::kNotFound, "cannot read the authorities in " + ca_file);
  const std::lock_guard lock(mutex_);
  const auto found = by_file_.find(ca_file);
  if (found != by_file_.end() && found->second.version == version) return found->second.context;
  try {
    Context::Ptr context = make_context(ca_file);
    by_file_[ca_file] = {version, context};
    return context;
  } catch (const Poco::Exception& e) {
    return base::fail(base::ErrorCode::kInvalid, "cannot load the authorities in " +
                                                     (ca_file.empty() ? "the system's trust store" : ca_file) + ": " +
                                                     e.message());
  }
}

}  // namespace bearerd::net
