// The verify listener behind TLS: what records, handshakes and hang-ups do to its connections.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>

#include "http/client.hpp"
#include "http/fake_worker.hpp"
#include "http/verify_listener.hpp"
#include "jose/openssl.hpp"
#include "support/temporary_folder.hpp"

namespace bearerd::http {
namespace {

using testing::Desk;
using ::testing::HasSubstr;

const std::string kRequest = "GET /verify HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\n\r\n";

// A key and a certificate that it signed for itself.
class OwnCertificate {
 public:
  explicit OwnCertificate(const std::string& folder)
      : files_{folder + "/server.pem", folder + "/server.key"}, key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    const jose::BioPointer certificate_file(BIO_new_file(files_.certificate_file.c_str(), "w"));
    PEM_write_bio_X509(certificate_file.get(), certificate_.get());
    const jose::BioPointer key_file(BIO_new_file(files_.key_file.c_str(), "w"));
    PEM_write_bio_PrivateKey(key_file.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  [[nodiscard]] const settings::TlsFiles& files() const { return files_; }

 private:
  settings::TlsFiles files_;
  jose::PkeyPointer key_;
  jose::CertificatePointer certificate_;
};

// Waits, and takes any certificate: it is the other side that is looked at.
class TlsClient {
 public:
  explicit TlsClient(const settings::Address& address) : plain_(address), context_(SSL_CTX_new(TLS_client_method())) {
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), plain_.fd());
    is_connected_ = SSL_connect(ssl_.get()) == 1;
  }
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  void send(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  // All that comes until `count` answers have; less when the connection ends first.
  std::string read_answers(int count) {
    std::string text;
    std::array<char, 4096> buffer{};
    while (answers_in(text) < count) {
      const int size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (size <= 0) break;
      text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
  }
  // Whether the other side said that it ends, rather than vanish.
  bool is_ended() {
    char byte = 0;
    return SSL_get_error(ssl_.get(), SSL_read(ssl_.get(), &byte, 1)) == SSL_ERROR_ZERO_RETURN;
  }
  static int answers_in(std::string_view text) {
    int count = 0;
    for (std::size_t at = text.find("\r\n\r\n"); at != std::string_view::npos; at = text.find("\r\n\r\n", at + 4))
      ++count;
    return count;
  }

 private:
  testing::Client plain_;
  jose::OpenSslPointer<SSL_CTX, SSL_CTX_free> context_;
  SslPointer ssl_;
  bool is_connected_ = false;
};

class TlsListener : public ::testing::Test {
 protected:
  TlsListener() : certificate_(folder_.path()) {
    desk_.snapshot->settings = std::make_shared<settings::Settings>();
    VerifyListenerOptions options;
    options.listen.verify = {{false, "127.0.0.1", 0, {}}};
    options.listen.threads = 1;
    options.listen.tls = certificate_.files();
    options.make_worker = [this](unsigned) { return std::make_unique<testing::FakeWorker>(desk_); };
    auto listener = VerifyListener::open(std::move(options));
    if (!listener) throw std::runtime_error(listener.error().text);
    listener_ = std::move(*listener);
    listener_->start();
  }
  [[nodiscard]] settings::Address address() const { return listener_->addresses().front(); }

  const test::TemporaryFolder folder_;
  OwnCertificate certificate_;
  Desk desk_;
  std::unique_ptr<VerifyListener> listener_;
};

TEST_F(TlsListener, requests_are_answered_one_after_the_other_on_one_connection) {
  TlsClient client(address());
  ASSERT_TRUE(client.is_connected());
  for (int i = 0; i < 3; ++i) {
    client.send(kRequest);
    EXPECT_THAT(client.read_answers(1), HasSubstr("HTTP/1.1 200"));
  }
}

// A record holds more than a buffer of ours, and once it is read the socket never becomes readable again for the rest.
TEST_F(TlsListener, what_one_record_holds_beyond_a_buffer_is_not_forgotten) {
  TlsClient client(address());
  ASSERT_TRUE(client.is_connected());
  std::string many;
  constexpr int kCount = 200;
  for (int i = 0; i < kCount; ++i) many += kRequest;
  ASSERT_LT(many.size(), 16384U);
  ASSERT_GT(many.size(), 2 * BufferPool::kFirstCapacity);
  client.send(many);
  EXPECT_EQ(TlsClient::answers_in(client.read_answers(kCount)), kCount);
}

TEST_F(TlsListener, what_waits_behind_a_parked_request_in_one_record_is_answered) {
  TlsClient client(address());
  ASSERT_TRUE(client.is_connected());
  std::string many = "GET /verify HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer park\r\n\r\n";
  constexpr int kCount = 150;
  for (int i = 0; i < kCount; ++i) many += kRequest;
  client.send(many);
  desk_.wait_for_parked(1);
  desk_.resume_all();
  EXPECT_EQ(TlsClient::answers_in(client.read_answers(kCount + 1)), kCount + 1);
}

TEST_F(TlsListener, a_client_that_speaks_no_tls_is_closed_without_an_answer) {
  testing::Client client(address());
  client.send(kRequest);
  EXPECT_FALSE(client.read());
}

TEST_F(TlsListener, a_client_that_hangs_up_before_its_answer_costs_nothing) {
  for (int i = 0; i < 20; ++i) {
    TlsClient client(address());
    ASSERT_TRUE(client.is_connected());
    client.send(kRequest);
  }
  TlsClient client(address());
  client.send(kRequest);
  EXPECT_THAT(client.read_answers(1), HasSubstr("HTTP/1.1 200"));
}

TEST_F(TlsListener, a_connection_ends_with_a_close_notify) {
  TlsClient client(address());
  client.send("GET /verify HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_answers(1), HasSubstr("HTTP/1.1 200"));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(TlsListener, a_renewed_certificate_is_taken_in_once) {
  EXPECT_FALSE(listener_->renew_certificate().value());
  const OwnCertificate renewed(folder_.path());
  EXPECT_TRUE(listener_->renew_certificate().value());
  EXPECT_FALSE(listener_->renew_certificate().value());
  EXPECT_TRUE(TlsClient(address()).is_connected());
}

TEST_F(TlsListener, files_that_can_not_be_used_leave_the_old_certificate_in_use) {
  std::filesystem::resize_file(certificate_.files().key_file, 20);
  const auto renewed = listener_->renew_certificate();
  ASSERT_FALSE(renewed);
  EXPECT_THAT(renewed.error().text, HasSubstr(certificate_.files().key_file));
  EXPECT_FALSE(listener_->renew_certificate().value());  // told once
  EXPECT_TRUE(TlsClient(address()).is_connected());
}

}  // namespace
}  // namespace bearerd::http
