// What the authenticator tells a trace about algorithm, keys and signature, in words. Decides nothing.
#pragma once

#include "base/reason.hpp"
#include "base/trace.hpp"
#include "jose/key.hpp"
#include "jose/token.hpp"
#include "keys/key_store.hpp"
#include "runtime/snapshot.hpp"

namespace bearerd::verify {

void tell_algorithm(base::Trace& trace, const runtime::Provider& provider, const jose::Header& header, bool is_allowed);
void tell_source(base::Trace& trace, const runtime::BoundKeys& keys, bool is_of_issuer);
void tell_key_set(base::Trace& trace, const jose::KeySet& set, const jose::Header& header, base::Algorithm algorithm,
                  const jose::Candidates& candidates);
void tell_foreign_key(base::Trace& trace, const jose::Key& key);
void tell_no_key(base::Trace& trace, bool is_named_key_unfit);
void tell_wanted(base::Trace& trace, const runtime::BoundKeys& keys, const jose::Header& header,
                 const keys::WantedAnswer& answer);
// `key`: that the signature fits.
void tell_signature(base::Trace& trace, base::Reason reason, const jose::Key* key);

}  // namespace bearerd::verify
