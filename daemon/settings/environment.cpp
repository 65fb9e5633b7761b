#include "settings/environment.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "settings/merge.hpp"
#include "settings/parse.hpp"
#include "settings/sorting.hpp"
#include "settings/table.hpp"

namespace bearerd::settings {
namespace {

constexpr std::string_view kDial = "aidial.";
constexpr std::string_view kOurs = "BEARERD_";

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

struct Override {
  std::vector<std::string> path;
  bool ignores_case = false;
  const std::string* value = nullptr;
  Place where;
};

// The keys that the tables have below a path; "<name>" in a family's path stands for any.
std::vector<std::string> known_below(const std::vector<Family>& families, const std::vector<std::string>& path) {
  std::vector<std::string> known;
  for (const Family& family : families) {
    const std::vector<std::string> parts = split(family.path, ".");
    const std::size_t common = std::min(parts.size(), path.size());
    const bool is_on_path =
        std::equal(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(common), path.begin(),
                   [](const std::string& a, const std::string& b) { return a.front() == '<' || a == b; });
    if (!is_on_path) continue;
    if (parts.size() > path.size()) known.push_back(parts[path.size()]);
    if (parts.size() != path.size()) continue;
    for (const Row& row : family.rows) known.emplace_back(row.name);
  }
  return known;
}

Place place_of(const std::string& variable) {
  return {std::make_shared<const std::string>("environment variable " + variable), 0, 0};
}

class Overlay {
 public:
  Overlay(Node& root, Problems& problems) : root_(root), problems_(problems), families_(static_families()) {}

  void take(const std::string& name, const std::string& value) {
    const bool is_dial = name.compare(0, kDial.size(), kDial) == 0;
    const bool is_ours = !is_dial && base::equals_ignoring_case(std::string_view(name).substr(0, kOurs.size()), kOurs);
    const bool names_file = base::equals_ignoring_case(name, "BEARERD_SETTINGS");
    if ((!is_dial && !is_ours) || names_file) return;
    Override each{is_dial ? split(std::string_view(name).substr(kDial.size()), ".")
                          : split(std::string_view(name).substr(kOurs.size()), "__"),
                  is_ours, &value, place_of(name)};
    const bool has_gap =
        std::any_of(each.path.begin(), each.path.end(), [](const std::string& part) { return part.empty(); });
    if (has_gap || each.path.size() >= kMaxDepth)
      return problems_.warn(each.where, {}, "this names no setting; ignored");
    if (!base::is_utf8(value)) return problems_.fault(each.where, {}, "the value is not UTF-8 text");
    overrides_.push_back(std::move(each));
  }

  void apply() {
    sort_stably_by(overrides_, [](const Override& each) { return std::pair(each.path.size(), each.ignores_case); });
    for (Override& each : overrides_) apply(each);
  }

 private:
  void apply(Override& each) {
    if (each.ignores_case && !is_known_section(each.path.front())) {
      return problems_.warn(each.where, {}, "this names no setting; ignored");
    }
    Node* node = &root_;
    std::vector<std::string> path;
    for (std::size_t i = 0; i < each.path.size(); ++i) {
      if (!node->is_object()) {
        return problems_.fault(each.where, {}, "what stands above this in the settings is no object");
      }
      const std::string key = each.ignores_case ? spelled(*node, path, each.path[i]) : each.path[i];
      path.push_back(key);
      Member* member = node->find(key);
      if (member == nullptr) {
        node->members.push_back({key, each.where, make_object(each.where)});
        member = &node->members.back();
      }
      if (i + 1 == each.path.size()) return set(*member, each);
      node = &member->value;
    }
  }

  [[nodiscard]] bool is_known_section(const std::string& name) const {
    const std::vector<std::string> known = known_below(families_, {});
    return std::any_of(known.begin(), known.end(),
                       [&](const std::string& each) { return base::equals_ignoring_case(each, name); });
  }

  // As the file or the tables spell it; else in lower case.
  [[nodiscard]] std::string spelled(const Node& node, const std::vector<std::string>& path,
                                    const std::string& name) const {
    for (const Member& member : node.members) {
      if (base::equals_ignoring_case(member.key, name)) return member.key;
    }
    for (const std::string& known : known_below(families_, path)) {
      if (base::equals_ignoring_case(known, name)) return known;
    }
    return base::to_lower(name);
  }

  static void move_to(Node& node, const Place& where) {
    node.where = where;
    for (Node& element : node.elements) move_to(element, where);
    for (Member& member : node.members) {
      member.where = where;
      move_to(member.value, where);
    }
  }

  static void set(Member& member, const Override& each) {
    auto json = parse_json_quietly(*each.value);
    const bool is_text = !json || json->kind == NodeKind::kString || json->kind == NodeKind::kNull;
    Node node = is_text ? Node{} : std::move(*json);
    if (is_text) {
      node.kind = NodeKind::kString;
      node.text = *each.value;
    }
    move_to(node, each.where);
    // As DIAL Core does: what the value doesn't name stays as the file has it. Lists are replaced.
    merge_into(member, {member.key, each.where, std::move(node)}, true);
    member.value.environment_text = *each.value;
  }

  Node& root_;
  Problems& problems_;
  std::vector<Family> families_;
  std::vector<Override> overrides_;
};

}  // namespace

void apply_environment(Node& root, const std::map<std::string, std::string>& environment, Problems& problems) {
  Overlay overlay(root, problems);
  for (const auto& [name, value] : environment) overlay.take(name, value);
  overlay.apply();
}

}  // namespace bearerd::settings
