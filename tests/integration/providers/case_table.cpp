#include "integration/providers/case_table.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bearerd::test {
namespace {

using rapidjson::Document;
using rapidjson::Value;
using Allocator = Document::AllocatorType;

const std::string kFolder = std::string(BEARERD_TEST_DATA) + "/providers/";

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("can't read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Document read_json(const std::string& path) {
  Document document;
  document.Parse<rapidjson::kParseCommentsFlag>(read_file(path).c_str());
  if (document.HasParseError() || !document.IsObject()) {
    throw std::runtime_error(path + " at byte " + std::to_string(document.GetErrorOffset()) + ": " +
                             rapidjson::GetParseError_En(document.GetParseError()));
  }
  return document;
}

std::string text_of(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

const Value* find(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::optional<std::string> find_text(const Value& object, const char* name) {
  const Value* found = find(object, name);
  if (found == nullptr) return std::nullopt;
  if (!found->IsString()) throw std::runtime_error(std::string(name) + " must be a string in " + text_of(object));
  return std::string(found->GetString(), found->GetStringLength());
}

std::string need_text(const Value& object, const char* name) {
  auto text = find_text(object, name);
  if (!text) throw std::runtime_error(std::string(name) + " is missing in " + text_of(object));
  return *text;
}

// {"$append": "x"}: the old string with an end of its own; {"$list": true}: the old value as a list of one.
Value changed(const Value& old, const Value& change, Allocator& allocator) {
  const Value* end = change.IsObject() ? find(change, "$append") : nullptr;
  if (end != nullptr) return Value((std::string(old.GetString()) + end->GetString()).c_str(), allocator);
  if (change.IsObject() && find(change, "$list") != nullptr) {
    Value list(rapidjson::kArrayType);
    list.PushBack(Value(old, allocator), allocator);
    return list;
  }
  return Value(change, allocator);
}

// null takes a member out.
void lay_over(Value& object, const Value* changes, Allocator& allocator) {
  if (changes == nullptr) return;
  for (const auto& change : changes->GetObject()) {
    const Value old = object.HasMember(change.name) ? Value(object[change.name], allocator) : Value();
    object.RemoveMember(change.name);
    if (change.value.IsNull()) continue;
    object.AddMember(Value(change.name, allocator), changed(old, change.value, allocator), allocator);
  }
}

std::string laid_over(const Value& object, const Value* changes, Allocator& allocator) {
  Value copy(object, allocator);
  lay_over(copy, changes, allocator);
  return text_of(copy);
}

std::vector<std::string> texts_of(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& text : list.GetArray()) texts.emplace_back(text.GetString());
  return texts;
}

class Reader {
 public:
  explicit Reader(std::string vendor) : vendor_(std::move(vendor)), document_(read_json(path("cases.json"))) {}

  Vendor run() {
    Vendor vendor;
    vendor.name = vendor_;
    vendor.key_set = read_file(path("jwks.json"));
    vendor.discovery = read_file(path("discovery.json"));
    vendor.key_set_urls = texts_of(document_["keySetUrls"]);
    if (const Value* served = find(document_, "served")) {
      for (const auto& document : served->GetObject())
        vendor.served[document.name.GetString()] = read_file(path(document.value.GetString()));
    }
    add_all(document_["accepted"], "ok", vendor);
    add_all(document_["refused"], "", vendor);
    if (const Value* unloadable = find(document_, "unloadable")) {
      for (const Value& wanted : unloadable->GetArray())
        vendor.unloadable.push_back(read_case(wanted, need_text(wanted, "says")));
    }
    // What no provider may take, whatever its habits: the same list for all.
    Document common = read_json(kFolder + "refused_everywhere.json");
    add_all(common["refused"], "", vendor);
    return vendor;
  }

 private:
  [[nodiscard]] std::string path(const std::string& file) const { return kFolder + vendor_ + "/" + file; }

  void add_all(const Value& list, const std::string& reason, Vendor& vendor) {
    for (const Value& wanted : list.GetArray()) vendor.cases.push_back(read_case(wanted, reason));
  }

  VendorCase read_case(const Value& wanted, const std::string& reason) {
    Allocator& allocator = document_.GetAllocator();
    const std::string token_name = find_text(wanted, "token").value_or("user");
    const Value* token = find(document_["tokens"], token_name.c_str());
    if (token == nullptr) throw std::runtime_error(vendor_ + " has no token " + token_name);
    VendorCase read;
    read.vendor = vendor_;
    read.name = need_text(wanted, "case");
    read.entry = laid_over(document_["entry"], find(wanted, "entry"), allocator);
    read.header = laid_over((*token)["header"], find(wanted, "header"), allocator);
    read.claims = laid_over((*token)["claims"], find(wanted, "claims"), allocator);
    // Text that no JSON library writes, such as a member that comes twice.
    if (const auto end = find_text(wanted, "claimsEnd")) read.claims.insert(read.claims.size() - 1, *end);
    read.signer = find_text(wanted, "signer").value_or((*token)["header"]["kid"].GetString());
    if (const Value* at = find(wanted, "at")) read.at_seconds = at->GetInt();
    read.reason = reason.empty() ? need_text(wanted, "reason") : reason;
    if (const Value* rotates = find(wanted, "rotates")) read.rotation = read_rotation(*rotates);
    read.user_id = find_text(wanted, "user");
    read.display_name = find_text(wanted, "name");
    read.email = find_text(wanted, "email");
    read.session = find_text(wanted, "session");
    if (const Value* roles = find(wanted, "roles")) read.roles = texts_of(*roles);
    return read;
  }

  static Rotation read_rotation(const Value& value) {
    Rotation rotation{texts_of(value["before"]), texts_of(value["after"]), value["seconds"].GetInt()};
    if (const Value* max_age = find(value, "maxAge")) rotation.max_age = max_age->GetInt();
    return rotation;
  }

  std::string vendor_;
  Document document_;
};

}  // namespace

const std::vector<std::string>& vendor_names() {
  static const std::vector<std::string> names{"auth0", "cognito", "entra", "google", "keycloak", "oidc", "okta"};
  return names;
}

Vendor read_vendor(const std::string& name) { return Reader(name).run(); }

}  // namespace bearerd::test
