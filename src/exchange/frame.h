// What all signed statements between nodes have in common: a STIX 2.1 object of a type of our own
// (sections 3.1 and 7.3), written in its RFC 8785 form and signed by the node key. Pure functions.
//
// Each kind of statement has a table of its forms, in the order of their numbers. What is written
// is the newest; the older ones are read, for what was signed stays as it was signed. Those wrote
// what STIX 2.1 does not let stand: names of two letters, a reserved name (sections 3.1 and 3.8)
// and lists without items (section 2.12).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "exchange/member_reader.h"
#include "json/value.h"
#include "trust/keys.h"

namespace comity::exchange {

// A signed object: its text as it travels and is kept, and the digest by which others name it.
struct SignedObject {
  std::string bytes;
  Digest digest{};
};

// The member that says whom a statement is addressed to: in the newest forms, and in the first.
constexpr const char* to_name = "to_party";
constexpr const char* earlier_to_name = "to";

// How the members of one form are named. Of the names a kind uses those that it has.
struct Form {
  std::int64_t number = 0;
  const char* to = nullptr;          // whom it is addressed to
  bool empty_lists = false;          // a list without items is written; else it is left out
  bool sums = false;                 // what is long may be said in sum
  const char* action = nullptr;      // what it is about, in the words of the vocabulary
  const char* assumption = nullptr;  // the id of what is assumed
  const char* consent = nullptr;     // the id of a consent
};

// An object with the members that STIX asks for, and its format; `extension` is the id of the
// extension definition that introduces its type.
json::Object new_frame(const char* type, const std::string& id, Instant time, const char* extension,
                       const Form& form);

struct Frame {
  std::string id;
  Instant time;                // of `created`
  const Form* form = nullptr;  // one of `forms`; the newest when the reader has found another
};
// Reads these members, the format and the presence of a signature.
Frame read_frame(MemberReader& reader, const char* type, const char* extension,
                 std::span<const Form> forms);

// Whom a statement is addressed to, whatever its kind and form; empty: it does not say.
std::string_view addressee_of(const json::Value& statement);

// A list as the form writes it.
void set_list(json::Object& out, const Form& form, const char* name, json::Array items);
// The items of a list that may be empty. Where the form leaves out empty ones, one is an error.
const json::Array& list_of(MemberReader& reader, const Form& form, const char* name);

SignedObject signed_object(json::Object object, const trust::SigningKey& key);

// The object whose signature by `public_key` holds. NotVerified, or InvalidInput when it is none.
Result<json::Value> verified_object(std::string_view bytes, std::string_view public_key);

}  // namespace comity::exchange
