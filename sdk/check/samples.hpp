// Claims that a plugin must survive: good ones, and what strangers and careless issuers make of them.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bearerd/plugin_abi.h"
#include "sdk/check/probe.hpp"

namespace bearerd::check {

// Stands in the claims of every token that is shown to the plugin. Nobody may write it down.
inline constexpr std::string_view kPrivateMark = "nobody-may-log-this";

// A token like those of most providers, with the mark in what is private.
[[nodiscard]] std::string usual_claims();

// Calls `visit` with `base` in which the value at one of the paths is left out, or replaced by one of another kind or
// size; in the order of the paths. A base that is no JSON object gives none.
void for_each_spoilt(std::string_view base, const std::set<Path>& paths,
                     const std::function<void(const std::string& claims)>& visit);

// The names of the object's members.
[[nodiscard]] std::set<Path> member_paths(std::string_view json);

// An object that no JSON text can be: every path leads to one kind of value.
struct Uniform {
  bearerd_kind kind;
  std::string text;
  bool is_text;  // UTF-8
};
[[nodiscard]] const std::vector<Uniform>& uniform_objects();

}  // namespace bearerd::check
