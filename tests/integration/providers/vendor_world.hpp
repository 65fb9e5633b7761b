// One provider entry as the daemon runs it: settings loader, plugin library, key store with discovery, verifier. Only
// the network is not there: the vendor's public documents come from a table.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "integration/providers/case_table.hpp"
#include "keys/key_store.hpp"
#include "observe/metrics.hpp"
#include "plugin/instance.hpp"
#include "runtime/builder.hpp"
#include "support/manual_clock.hpp"
#include "support/signer/signer.hpp"
#include "support/temporary_folder.hpp"
#include "verify/authenticator.hpp"

namespace bearerd::test {

// The private halves of a vendor's key set. The set keeps the vendor's shape; its material is ours.
class SigningKeys {
 public:
  explicit SigningKeys(const std::string& key_set_shape);
  [[nodiscard]] const std::string& key_set() const noexcept { return key_set_; }

  // `signer` is a kid of the set, or:
  //   "stranger"        another key, under whatever name the header says
  //   "tampered"        signed well, then the time of issue changed
  //   "public key"      HS256 with the published key as the secret (RFC 8725 §2.1)
  //   "nobody"          an empty signature
  //   "encrypted"       five parts
  [[nodiscard]] std::string sign(const VendorCase& wanted) const;

 private:
  [[nodiscard]] const TestKey& key_of(const std::string& key_id) const;

  std::string key_set_;
  std::map<std::string, TestKey> keys_;
};

// Any thread may fetch.
class DocumentTable final : public net::Fetcher {
 public:
  explicit DocumentTable(std::map<std::string, std::string> bodies) : bodies_(std::move(bodies)) {}
  base::Result<net::FetchResponse> fetch(const net::FetchRequest& request) override;
  // URLs that were asked for and are none of the vendor's.
  [[nodiscard]] std::vector<std::string> strays() const;

 private:
  const std::map<std::string, std::string> bodies_;
  mutable std::mutex mutex_;
  std::vector<std::string> strays_;
};

class VendorWorld {
 public:
  explicit VendorWorld(const std::string& vendor);
  [[nodiscard]] const Vendor& vendor() const noexcept { return vendor_; }
  [[nodiscard]] const SigningKeys& keys() const noexcept { return keys_; }

  struct Answer {
    std::string reason;
    std::shared_ptr<const verify::Identity> identity;  // with "ok"
    std::vector<std::string> strays;
  };
  // Throws std::runtime_error with the faults when the entry is refused.
  [[nodiscard]] Answer ask(const VendorCase& wanted);

 private:
  [[nodiscard]] std::shared_ptr<const settings::Settings> load(const std::string& entry);

  const TemporaryFolder folder_;
  const Vendor vendor_;
  const SigningKeys keys_;
  plugin::Loader loader_{{folder_.path() + "/cache", nullptr}};
};

}  // namespace bearerd::test
