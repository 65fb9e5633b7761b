#include "settings/introspection_clients.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "settings/secret_file.hpp"

namespace bearerd::settings {
namespace {

constexpr std::size_t kLeastSecretBytes = 16;

constexpr Field<IntrospectionClient> kIntrospectionClient[] = {
    field<IntrospectionClient, &IntrospectionClient::id>("id", "The user name of HTTP Basic. Required."),
    field<IntrospectionClient, &IntrospectionClient::secret_file>(
        "secretFile", "The password, in a file that only the daemon can read; one line end is dropped. Required.",
        {.format = Format::kFile}),
};

// RFC 7617 §2: a user name ends at the first colon.
bool is_basic_user(std::string_view id) {
  return !id.empty() && id.find(':') == std::string_view::npos &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

template <>
std::span<const Field<IntrospectionClient>> fields_of<IntrospectionClient>() {
  return kIntrospectionClient;
}

void Codec<std::vector<IntrospectionClient>>::read(const Reader& reader, const Traits&,
                                                   std::vector<IntrospectionClient>& out) {
  out.clear();
  if (!reader.node.is_array()) return reader.fault_kind("a list of clients");
  for (const Node& element : reader.node.elements) {
    const Reader at_client = reader.at(element);
    IntrospectionClient client;
    read_strictly(at_client, client);
    const bool is_known = std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.id == client.id; });
    if (!is_basic_user(client.id)) at_client.fault(R"(a client needs an "id" of printable ASCII without ':')");
    if (is_known) at_client.fault("the client " + base::json_string(client.id) + " is listed twice");
    if (client.secret_file.empty()) {
      at_client.fault(R"(a client needs a "secretFile")");
    } else if (const auto secret = read_secret_file(at_client, client.secret_file, LineEnd::kDropped)) {
      client.secret = base::Secret(*secret);
      if (secret->size() < kLeastSecretBytes)
        at_client.warn("the secret has less than 16 bytes, so it can be guessed; make one with: openssl rand -hex 32");
      if (secret->empty()) at_client.fault("the secret is empty");
    }
    out.push_back(std::move(client));
  }
}

std::string Codec<std::vector<IntrospectionClient>>::show(const Traits&, const std::vector<IntrospectionClient>&) {
  return {};
}
std::string Codec<std::vector<IntrospectionClient>>::type(const Traits&) { return "list of clients, see below"; }
std::string Codec<std::vector<IntrospectionClient>>::json(const Traits&,
                                                          const std::vector<IntrospectionClient>& value) {
  std::vector<std::string> clients;
  clients.reserve(value.size());
  for (const IntrospectionClient& client : value) clients.push_back(family_json(client));
  return json_list(clients);
}

}  // namespace bearerd::settings
