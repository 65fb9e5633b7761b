#include "runtime/candidate.hpp"

#include <exception>

#include "runtime/builder.hpp"

namespace bearerd::runtime {
namespace {

settings::LoadOutcome load(const CandidateQuestion& question) {
  settings::LoadRequest request;
  request.config_file = question.config_file;
  request.environment = question.environment;
  request.plugin_schemas = &question.plugins;
  request.running = question.running.settings.get();
  request.trial = &question.trial;
  return settings::load(request);
}

void build(const CandidateQuestion& question, const settings::LoadOutcome& loaded, Candidate& candidate) {
  observe::Metrics nobodys;
  BuildTools tools = trial_tools(question.plugins, nobodys, question.clock);
  tools.caller_secret = question.running.caller_secret;
  const BuildOutcome built = build_snapshot(loaded.settings, &question.running, tools);
  candidate.problems.insert(candidate.problems.end(), built.problems.begin(), built.problems.end());
  if (built.snapshot == nullptr) return;
  candidate.rules = rules_of(*built.snapshot);
}

std::vector<TokenTaker> takers_of(const Snapshot& snapshot) {
  std::vector<TokenTaker> takers;
  for (const auto& provider : snapshot.providers) {
    TokenTaker& taker = takers.emplace_back();
    taker.name = provider->settings.name;
    taker.digest = provider->settings.digest;
    taker.has_template = !provider->plugin->trust().templates.empty();
    taker.has_pattern = provider->settings.issuer_pattern != nullptr;
    taker.takes_opaque = takes_opaque(*provider);
  }
  for (const auto& [issuer, place] : snapshot.exact_issuers) takers[place].issuers.push_back(issuer);
  return takers;
}

}  // namespace

Rules rules_of(const Snapshot& snapshot) {
  return {snapshot.settings, snapshot.authorizer, snapshot.limits, takers_of(snapshot)};
}

Candidate try_settings(const CandidateQuestion& question) {
  Candidate candidate;
  candidate.running = rules_of(question.running);
  try {
    settings::LoadOutcome loaded = load(question);
    candidate.problems = std::move(loaded.problems);
    candidate.needs_restart = std::move(loaded.needs_restart);
    candidate.unread_files = std::move(loaded.unread_files);
    candidate.is_partial = loaded.is_partial;
    if (loaded.settings != nullptr) {
      build(question, loaded, candidate);
    } else {
      judge_refused(*loaded.refused, question.plugins, question.clock, candidate.problems);
    }
  } catch (const std::exception& error) {
    settings::Problem problem;
    problem.path = "check";
    problem.text = std::string("internal error while the settings were tried: ") + error.what();
    candidate.problems.push_back(std::move(problem));
  }
  return candidate;
}

}  // namespace bearerd::runtime
