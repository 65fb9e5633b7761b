#include "sdk/check/samples.hpp"

#include <utility>

#include "settings/parse.hpp"

namespace bearerd::check {
namespace {

using settings::Member;
using settings::Node;

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// A token has at most 16 KiB; what user info and introspection say may have a megabyte.
std::vector<Node> odd_values() {
  const std::vector<std::string> texts = {
      "null",
      "true",
      "false",
      "0",
      "-1",
      "1.5",
      "1e300",
      "9007199254740993",
      "18446744073709551615",
      R"("")",
      R"(" ")",
      R"("\u0000")",
      R"("a\u0000b")",
      R"("\ud83d\ude00")",
      R"("../../etc/passwd\r\nX: y")",
      '"' + std::string(4000, 'x') + '"',
      '"' + std::string(100'000, 'x') + '"',
      '"' + repeated("/", 4000) + '"',
      "[]",
      "[null]",
      R"(["a",1])",
      R"(["a","\u0000",""])",
      '[' + repeated(R"("a",)", 4000) + R"("a"])",
      repeated("[", 12) + repeated("]", 12),
      "{}",
      R"({"":""})",
      repeated(R"({"a":)", 12) + "1" + repeated("}", 12),
  };
  std::vector<Node> values;
  values.reserve(texts.size());
  for (const std::string& text : texts) values.push_back(settings::parse_json_quietly(text).value_or(Node{}));
  return values;
}

std::string text_of(const Node& node) {
  std::string text;
  settings::append_canonical(text, node);
  return text;
}

// The member at the path's end, made with everything above it.
Node& make_at(Node& root, const Path& path) {
  Node* at = &root;
  for (const std::string& name : path) {
    if (!at->is_object()) *at = settings::make_object({});
    Member* member = at->find(name);
    if (member == nullptr) member = &at->members.emplace_back(Member{name, {}, Node{}});
    at = &member->value;
  }
  return *at;
}

void remove_at(Node& root, const Path& path) {
  Node* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    Member* member = at->find(path[i]);
    if (member == nullptr) return;
    at = &member->value;
  }
  std::erase_if(at->members, [&](const Member& member) { return member.key == path.back(); });
}

}  // namespace

std::string usual_claims() {
  const std::string mark(kPrivateMark);
  return R"({"iss":"https://issuer.example","sub":")" + mark +
         R"(","aud":["orders"],"exp":4000000000,"iat":1700000000,)" + R"("nbf":1700000000,"jti":")" + mark +
         R"(","azp":"client-1","client_id":"client-1","scope":"openid orders",)" + R"("name":")" + mark +
         R"(","email":")" + mark + R"(@example.com","email_verified":true,"roles":["buyer"]})";
}

void for_each_spoilt(std::string_view base, const std::set<Path>& paths,
                     const std::function<void(const std::string& claims)>& visit) {
  const auto root = settings::parse_json_quietly(base);
  if (!root || !root->is_object()) return;
  const std::vector<Node> values = odd_values();
  for (const Path& path : paths) {
    Node without = *root;
    remove_at(without, path);
    visit(text_of(without));
    // Every value stands in for itself alone, so that the claims around it lead the plugin as far as ever.
    for (const Node& value : values) {
      Node changed = *root;
      make_at(changed, path) = value;
      visit(text_of(changed));
    }
  }
}

std::set<Path> member_paths(std::string_view json) {
  std::set<Path> paths;
  const auto root = settings::parse_json_quietly(json);
  if (!root) return paths;
  for (const Member& member : root->members) paths.insert({member.key});
  return paths;
}

const std::vector<Uniform>& uniform_objects() {
  static const std::vector<Uniform> objects = [] {
    std::vector<Uniform> made;
    for (const bearerd_kind kind : {BEARERD_KIND_MISSING, BEARERD_KIND_NULL, BEARERD_KIND_BOOLEAN, BEARERD_KIND_NUMBER})
      made.push_back({kind, {}, true});
    for (const bearerd_kind kind : {BEARERD_KIND_STRING, BEARERD_KIND_ARRAY, BEARERD_KIND_OBJECT}) {
      made.push_back({kind, {}, true});
      made.push_back({kind, std::string(kPrivateMark), true});
      made.push_back({kind, std::string("a\0b", 3), true});
      made.push_back({kind, std::string(1'000'000, 'x'), true});
      made.push_back({kind, "\xff\xfe\xc0\x80\xed\xa0\x80", false});
    }
    return made;
  }();
  return objects;
}

}  // namespace bearerd::check
