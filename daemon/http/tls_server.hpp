// Our half of TLS where proxies or operators ask from another machine: a certificate and its key, renewed while
// running.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>

#include "base/file.hpp"
#include "base/result.hpp"
#include "settings/settings.hpp"

namespace bearerd::http {

struct SslDeleter {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, SslDeleter>;

// TLS 1.2 and 1.3, no renegotiation, no compression (RFC 9325 §3, §4).
class TlsServer {
 public:
  // The error names the file and what is wrong with it.
  [[nodiscard]] static base::Result<std::unique_ptr<TlsServer>> open(settings::TlsFiles files);

  // Control thread. Takes the files in anew when they have changed: true. On an error the old ones stay in use, and the
  // new ones are not tried again until they change.
  [[nodiscard]] base::Result<bool> renew();

  // Any thread. For a connection that was just accepted; the socket is lent. Null: no memory. Connections keep the
  // certificate that they began with.
  [[nodiscard]] SslPointer begin(int socket) const;
  // Any thread. The same certificate and key for a connection that somebody else began (POCO), during its handshake.
  [[nodiscard]] bool lend_certificate(SSL* ssl) const;

 private:
  using Context = std::shared_ptr<SSL_CTX>;
  explicit TlsServer(settings::TlsFiles files) : files_(std::move(files)) {}
  [[nodiscard]] base::Result<Context> load();
  [[nodiscard]] Context current() const;

  const settings::TlsFiles files_;
  base::FileStamp certificate_stamp_, key_stamp_;
  mutable std::mutex mutex_;
  Context context_;
};

}  // namespace bearerd::http
