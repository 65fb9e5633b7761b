// The exported side of libbearerd-testing: every exception ends here.
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "bearerd/testing_abi.h"
#include "plugin/lookups.hpp"
#include "sdk/testing/workbench.hpp"

namespace {

using bearerd::plugin::lend;
using bearerd::plugin::view;
using bearerd::testing::Answer;
using bearerd::testing::Fault;
using bearerd::testing::Question;
using bearerd::testing::Workbench;

void tell(const bearerd_bench_faults* faults, const Fault& fault) {
  if (faults != nullptr)
    faults->fault(faults->context, lend(fault.setting), lend(fault.text), fault.is_warning ? 1U : 0U);
}

void give(const Answer& found, void (*answer)(void*, const bearerd_bench_answer*), void* context) {
  std::vector<bearerd_text> roles;
  bearerd_bench_answer given{};
  given.size = sizeof given;
  given.reason = lend(bearerd::base::name(found.reason));
  if (found.identity != nullptr) {
    for (const std::string& role : found.identity->roles) roles.push_back(lend(role));
    given.user_id = lend(found.identity->user_id);
    given.name = lend(found.identity->name);
    given.email = lend(found.identity->email);
    given.project = lend(found.identity->project);
    given.session = lend(found.identity->session);
    given.roles = roles.data();
    given.role_count = roles.size();
  }
  answer(context, &given);
}

}  // namespace

struct bearerd_bench {
  bearerd_bench(const std::string& plugin_file, std::string_view settings) : workbench(plugin_file, settings) {}
  Workbench workbench;
};

bearerd_bench* bearerd_bench_open(const bearerd_bench_entry* entry, const bearerd_bench_faults* faults) {
  try {
    auto bench = std::make_unique<bearerd_bench>(std::string(view(entry->plugin_file)), view(entry->settings));
    for (const Fault& fault : bench->workbench.faults()) tell(faults, fault);
    return bench->workbench.is_open() ? bench.release() : nullptr;
  } catch (const std::exception& error) {
    tell(faults, {"", std::string("the testing host failed: ") + error.what()});
    return nullptr;
  }
}

void bearerd_bench_ask(const bearerd_bench* bench, const bearerd_bench_token* token,
                       void (*answer)(void*, const bearerd_bench_answer*), void* context) {
  Answer found;
  try {
    Question question;
    question.claims = view(token->claims);
    question.type = view(token->type);
    if (token->algorithm.data != nullptr) question.algorithm = view(token->algorithm);
    if (token->now >= 0) question.now = token->now;
    question.is_exact = token->is_exact != 0;
    found = bench->workbench.ask(question);
  } catch (const std::exception&) {  // "internal", as the daemon would answer
  }
  give(found, answer, context);
}

void bearerd_bench_look_up(bearerd_bench* bench, bearerd_text url, std::int32_t status, bearerd_text body) {
  try {
    bench->workbench.look_up(std::string(view(url)), status, std::string(view(body)));
  } catch (const std::exception&) {  // no memory: that endpoint is down
  }
}

void bearerd_bench_ask_opaque(const bearerd_bench* bench, bearerd_text credential,
                              void (*answer)(void*, const bearerd_bench_answer*), void* context) {
  Answer found;
  try {
    found = bench->workbench.ask_opaque(view(credential));
  } catch (const std::exception&) {  // "internal", as the daemon would answer
  }
  give(found, answer, context);
}

void bearerd_bench_close(bearerd_bench* bench) { delete bench; }
