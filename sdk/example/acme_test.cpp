#include <iostream>
#include <string>

#include "bearerd/testing.hpp"

using bearerd::sdk::testing::Answer;
using bearerd::sdk::testing::Provider;

int failures = 0;

void expect_equal(const std::string& is, const std::string& wanted) {
  if (is == wanted) return;
  std::cerr << "it is " << is << ", and should be " << wanted << '\n';
  ++failures;
}

int main() {
  const Provider acme(BEARERD_PLUGIN_FILE,
                      R"({"issuer": "https://login.acme.example", "audience": "orders", "departments": ["sales"]})");
  const Answer buyer =
      acme.ask(R"({"kind": "access", "dept": "sales", "employee": {"number": "e-1042", "duties": ["buyer"]}})");
  expect_equal(buyer.reason, "ok");
  expect_equal(buyer.user_id, "e-1042");
  expect_equal(buyer.roles.at(0), "buyer");

  expect_equal(acme.ask(R"({"kind": "refresh", "dept": "sales"})").reason, "wrong_token_use");
  expect_equal(acme.ask(R"({"kind": "access", "dept": "audit"})").reason, "wrong_tenant");
  expect_equal(acme.ask(R"({"kind": "access", "dept": ["sales"]})").reason, "wrong_tenant");
  expect_equal(acme.ask(R"({"kind": "access", "dept": "sales"})").reason, "missing_claim");  // nobody
  expect_equal(acme.ask(R"({"kind": "access", "dept": "sales", "aud": "invoices"})").reason, "wrong_audience");

  const Provider nobody(BEARERD_PLUGIN_FILE, R"({"issuer": "https://login.acme.example", "departments": []})");
  expect_equal(nobody.refuses("departments") ? "refused" : "taken", "refused");
  return failures;
}
