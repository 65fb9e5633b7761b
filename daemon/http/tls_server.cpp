#include "http/tls_server.hpp"

#include <openssl/err.h>

#include <array>

namespace bearerd::http {
namespace {

// A key with a passphrase would otherwise be asked for on a terminal that nobody looks at.
int no_passphrase(char*, int, int, void*) { return 0; }

tl::unexpected<base::Error> fail_on(const std::string& file, const std::string& what) {
  std::array<char, 256> text{};
  const unsigned long error = ERR_peek_last_error();
  if (error != 0) ERR_error_string_n(error, text.data(), text.size());
  ERR_clear_error();
  return base::fail(base::ErrorCode::kInvalid,
                    file + ": " + what + (error != 0 ? std::string(" (") + text.data() + ")" : ""));
}

}  // namespace

base::Result<std::unique_ptr<TlsServer>> TlsServer::open(settings::TlsFiles files) {
  std::unique_ptr<TlsServer> server(new TlsServer(std::move(files)));
  auto context = server->load();
  if (!context) return tl::make_unexpected(context.error());
  server->context_ = std::move(*context);
  return server;
}

// Certificate and key are two files, and a renewal replaces them one after the other: between the two they don't fit,
// which is an error like others, and the second change is looked at again.
base::Result<TlsServer::Context> TlsServer::load() {
  certificate_stamp_ = base::stamp_of_path(files_.certificate_file);
  key_stamp_ = base::stamp_of_path(files_.key_file);
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
    return fail_on(files_.certificate_file, "TLS can't be set up");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files_.certificate_file.c_str()) != 1)
    return fail_on(files_.certificate_file, "not a readable PEM certificate chain");
  if (SSL_CTX_use_PrivateKey_file(context.get(), files_.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail_on(files_.key_file, "not a readable PEM private key of that certificate, without a passphrase");
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return fail_on(files_.key_file, "not the key of the certificate in " + files_.certificate_file);
  return context;
}

base::Result<bool> TlsServer::renew() {
  const bool is_unchanged = base::stamp_of_path(files_.certificate_file) == certificate_stamp_ &&
                            base::stamp_of_path(files_.key_file) == key_stamp_;
  if (is_unchanged) return false;
  auto context = load();
  if (!context) return tl::make_unexpected(context.error());
  const std::lock_guard lock(mutex_);
  context_ = std::move(*context);
  return true;
}

TlsServer::Context TlsServer::current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

bool TlsServer::lend_certificate(SSL* ssl) const {
  const Context context = current();
  STACK_OF(X509)* chain = nullptr;
  // What SSL_CTX_get0_chain_certs() is, with its conversion said.
  return SSL_CTX_ctrl(context.get(), SSL_CTRL_GET_CHAIN_CERTS, 0, static_cast<void*>(&chain)) == 1 &&
         SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(context.get()), SSL_CTX_get0_privatekey(context.get()),
                              chain, 1) == 1;
}

SslPointer TlsServer::begin(int socket) const {
  const Context context = current();
  SslPointer ssl(SSL_new(context.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), socket) != 1) return nullptr;
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace bearerd::http
