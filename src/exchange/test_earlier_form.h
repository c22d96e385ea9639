// Signed statements as earlier programs wrote them, made of what this one writes: for tests that
// what was kept is still read. It knows the earlier forms by itself, not by the tables of the code.
#pragma once

#include <string>
#include <vector>

#include "base/test_support.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/validate.h"
#include "trust/jws.h"

namespace comity::exchange::test {

// Members with names of less than three letters, but those of STIX, and lists without items.
inline void names_and_lists(const json::Value& value, const std::string& path,
                            std::vector<std::string>& out) {
  if (const auto* items = value.array()) {
    if (items->empty()) out.push_back(path + ": no items");
    for (const auto& item : *items) names_and_lists(item, path + "[]", out);
  }
  if (const auto* members = value.object()) {
    for (const auto& [name, member] : *members) {
      if (name.size() < 3 && name != "id") out.push_back(path + "." + name + ": too short");
      names_and_lists(member, path + "." + name, out);
    }
  }
}

inline void rename(json::Object& object, const char* name, const char* earlier) {
  const auto* member = object.find(name);
  if (member == nullptr) return;
  auto value = *member;
  object.erase(name);
  object.set(earlier, std::move(value));
}

inline void empty_when_absent(json::Object& object, const std::vector<const char*>& names) {
  for (const auto* name : names) {
    if (object.find(name) == nullptr) object.set(name, json::Array());
  }
}

inline void rename_in_list(json::Object& object, const char* list, const char* name,
                           const char* earlier) {
  for (auto& item : *object.find(list)->array()) rename(*item.object(), name, earlier);
}

inline void body_in_earlier_form(json::Object& body, std::string_view type) {
  if (type == "comity-recall") empty_when_absent(body, {"disclosures"});
  if (type == "comity-key-notice") empty_when_absent(body, {"records", "revocations", "vouched"});
  if (body.find("old_checkpoint") != nullptr) empty_when_absent(body, {"path"});
}

// A signed statement of any kind, with the same content, in the form `format`, signed by `key`.
inline std::string in_earlier_form(const std::string& bytes, std::int64_t format,
                                   const trust::SigningKey& key) {
  auto tree = comity::test::must(json::parse(bytes));
  const std::string type(tree.text("type"));
  auto& object = *tree.object();
  object.set("format", format);
  rename(object, "to_party", "to");
  if (type == "comity-disclosure") {
    rename(object, "treaty_action", "action");
    empty_when_absent(object, {"basis", "duties", "asserts", "assumed", "consents"});
    rename_in_list(object, "assumed", "assumption", "id");
    rename_in_list(object, "consents", "consent", "id");
    for (auto& record : *object.find("records")->array()) {
      empty_when_absent(*record.object(), {"chain"});
    }
  }
  if (type == "comity-receipt") empty_when_absent(object, {"results"});
  if (auto* body = object.find("body")) body_in_earlier_form(*body->object(), type);
  object.erase("signature");
  trust::sign_object(object, key);
  return json::canonical(tree);
}

// What STIX 2.1 does not let stand in a text, one line each: every MUST, at the top and below.
inline std::vector<std::string> musts_broken(const std::string& bytes) {
  std::vector<std::string> out;
  const auto selection = comity::test::must(stix::Selection::of({}));
  for (const auto& found : stix::validate(bytes, selection).findings) {
    if (found.decides) out.push_back(found.path + ": " + found.rule);
  }
  names_and_lists(comity::test::must(json::parse(bytes)), "$", out);
  return out;
}

}  // namespace comity::exchange::test
