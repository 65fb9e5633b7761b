// The settings as tables: what each key is called, takes, defaults to and means. The parser reads by these rows, the
// messages suggest from them, and docs/settings.md is compared with them by a test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearerd::settings {

// When a change takes effect.
enum class Phase : std::uint8_t { kRunning = 1, kStart };

struct Row {
  std::string_view name;
  std::string type;           // with range or choices: "number, 0–300"
  std::string default_value;  // empty: none
  Phase phase = Phase::kRunning;
  bool is_secret = false;
  std::string_view description;
};

struct Family {
  std::string_view path;  // "listen", "identityProviders.<name>.introspection"
  std::vector<Row> rows;
};

// Every family of the static and of the dynamic settings, in the order of the docs.
[[nodiscard]] std::vector<Family> static_families();
[[nodiscard]] std::vector<Family> dynamic_families();

// A family as the Markdown table that docs/settings.md holds.
[[nodiscard]] std::string markdown_table(const Family& family);

}  // namespace bearerd::settings
