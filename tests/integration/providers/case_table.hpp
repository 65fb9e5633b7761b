// The tokens that a vendor's provider entry must take or refuse, as tests/data/providers has them: README.md there
// explains the files.
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace bearerd::test {

// The keys that the vendor publishes when the entry is opened, by their names, and those that it publishes later.
struct Rotation {
  std::vector<std::string> before, after;
  int seconds = 0;   // between the two
  int max_age = -1;  // of the vendor's Cache-Control; -1: none
};

// One token, asked about under one entry of the settings.
struct VendorCase {
  std::string vendor, name;
  std::string entry;           // JSON: what stands behind the name in identityProviders
  std::string header, claims;  // JSON, as signed
  std::string signer;          // see SigningKeys::sign
  int at_seconds = 0;          // after ManualClock::kStart
  std::string reason;          // of docs/reasons.md; of an entry that does not load: what the operator is told
  std::optional<Rotation> rotation;
  // What a good token says about its bearer; absent: not looked at.
  std::optional<std::string> user_id, display_name, email, session;
  std::optional<std::vector<std::string>> roles;
};

// How a failing case is named.
inline void PrintTo(const VendorCase& wanted, std::ostream* out) { *out << wanted.vendor << " " << wanted.name; }

struct Vendor {
  std::string name;
  std::string key_set;                        // the vendor's shape, without usable key material
  std::string discovery;                      // the vendor's discovery document
  std::map<std::string, std::string> served;  // URL → body of the public documents beside the key set
  std::vector<std::string> key_set_urls;
  std::vector<VendorCase> cases;
  std::vector<VendorCase> unloadable;  // entries that the daemon must refuse
};

[[nodiscard]] const std::vector<std::string>& vendor_names();

// Throws std::runtime_error that names the file and what is wrong with it.
[[nodiscard]] Vendor read_vendor(const std::string& name);

}  // namespace bearerd::test
