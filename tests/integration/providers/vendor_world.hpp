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
  // Of these keys alone.
  [[nodiscard]] std::string key_set(const std::vector<std::string>& key_ids) const;

  // `signer` is a kid of the set, or:
  //   "stranger"        another key, under whatever name the header says
  //   "tampered"        signed well, then the time of issue changed
  //   "public key"      HS256 with the published key as the secret (RFC 8725 §2.1)
  //   "nobody"          an empty signature
  //   "encrypted"       five parts
  //   "graph"           signed with another nonce in the header than the one that is sent, as Microsoft does for Graph
  // Of several keys of one name, the one that the header's algorithm needs.
  [[nodiscard]] std::string sign(const VendorCase& wanted) const;

 private:
  [[nodiscard]] TestKey key_of(const std::string& key_id, const std::string& header) const;

  std::string key_set_;
  std::multimap<std::string, TestKey> keys_;
};

// Any thread may fetch.
class DocumentTable final : public net::Fetcher {
 public:
  explicit DocumentTable(std::map<std::string, std::string> bodies, int max_age = -1)
      : max_age_(max_age), bodies_(std::move(bodies)) {}
  base::Result<net::FetchResponse> fetch(const net::FetchRequest& request) override;
  void replace(const std::vector<std::string>& urls, const std::string& body);
  // URLs that were asked for and are none of the vendor's.
  [[nodiscard]] std::vector<std::string> strays() const;

 private:
  const int max_age_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> bodies_;
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
  // What the operator is told about the entry; empty when it loads.
  [[nodiscard]] std::string faults(const VendorCase& wanted);

 private:
  struct Running;
  [[nodiscard]] std::shared_ptr<const settings::Settings> load(std::string entry);

  const TemporaryFolder folder_;
  const Vendor vendor_;
  const SigningKeys keys_;
  plugin::Loader loader_{{folder_.path() + "/cache", nullptr}};
};

}  // namespace bearerd::test
