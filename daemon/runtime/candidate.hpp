// Settings that are tried and not applied: everything that a reload would find wrong, and what is needed to compare
// what they would decide.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access/authorizer.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "plugin/instance.hpp"
#include "runtime/snapshot.hpp"
#include "settings/load.hpp"
#include "state/limit_table.hpp"

namespace bearerd::runtime {

struct CandidateQuestion {
  std::string config_file;
  const std::map<std::string, std::string>& environment;
  const settings::TrialFiles& trial;
  const Snapshot& running;
  plugin::Loader& plugins;
  const base::Clock& clock;
};

// Which tokens an entry of identityProviders takes, as far as that can be said without a token.
struct TokenTaker {
  std::string name, digest;
  std::vector<std::string> issuers;  // exact ones
  bool has_template = false, has_pattern = false, takes_opaque = false;
};

// What decides. Holds nothing of a plugin: it may outlive the call on any thread.
struct Rules {
  std::shared_ptr<const settings::Settings> settings;
  std::shared_ptr<const access::Authorizer> authorizer;
  std::shared_ptr<const state::LimitTable> limits;
  std::vector<TokenTaker> takers;  // in file order
};
[[nodiscard]] Rules rules_of(const Snapshot& snapshot);

struct Candidate {
  std::vector<settings::Problem> problems;
  std::vector<std::string> needs_restart, unread_files;
  bool is_partial = false;
  Rules rules;  // null after a fault
  Rules running;
};

// Control thread. Opens no other file than `trial` allows, asks no network; the running snapshot stays as it is.
[[nodiscard]] Candidate try_settings(const CandidateQuestion& question);

}  // namespace bearerd::runtime
