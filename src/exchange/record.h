// Building records: what import and receipt have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stix/classification.h"
#include "stix/object.h"
#include "store/store.h"

namespace comity::exchange {

constexpr std::size_t label_bytes_max = 512;
// Stands among the doubts of a record that says who is behind something: such a record leaves by
// two officers only, under every register. Written into stores: never changed.
constexpr std::string_view attribution_mark = "$.relationship_type: says who is behind something";

// By which a person finds an object, cut at `label_bytes_max`: a line that names it (its name, else
// its value, pattern or what it has of the kind), then a line each for pattern, value and aliases.
// Control characters become blanks.
std::string label_of(const stix::Object& object);
// The line that names it; empty when the object has nothing of the kind.
std::string title_of(const store::Record& record);

// The values by which an object is found, as the store keeps them.
std::vector<store::ValueKey> value_keys(const stix::Object& object);

// The fields of a record that the object itself gives: bytes, digest, version, names, label,
// doubts, values.
store::Record record_from(const stix::Object& object, std::string_view bytes);

// SHA-256 over digest, originator, received_from and source: the identity of an assertion, so that
// the same object from two sources is two assertions.
Digest assertion_id(const store::Record& record);

// The leaf by which the ledger entry of an import or arrival binds a record: its bytes as they are
// its number, and all that was recorded with them, so that no change of these goes unseen.
Digest record_leaf(const store::Record& record);

// The classes of a held object: of its newest live assertion; nothing when none is held.
std::optional<stix::Classes> stored_classes(store::Snapshot& snapshot, const std::string& stix_id);

}  // namespace comity::exchange
