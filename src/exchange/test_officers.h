// Officers for tests of exchange: keys by number, enrolments and signed acts. Header only.
#pragma once

#include <initializer_list>
#include <string>

#include "exchange/act.h"
#include "exchange/officer.h"
#include "exchange/release.h"
#include "exchange/test_federation.h"
#include "trust/test_keys.h"

namespace comity::exchange::test {

// An approval of this act at this node as it is now, signed by the keys of these numbers.
inline Approval approval_of(const Act& act, std::initializer_list<int> keys) {
  Approval out;
  out.act = to_json(act);
  for (const int key : keys) sign_act(out, trust::key_number(key));
  return out;
}
inline Approval approval_of(const Node& node, const char* name, const json::Object& arguments,
                            std::initializer_list<int> keys) {
  return approval_of(act_for(node, name, arguments), keys);
}

// An approval of what officers may let go together.
inline Approval approved(const Node& node, const OfficersOrder& order,
                         std::initializer_list<int> keys = {1, 2}) {
  const char* name = order.how == ByOfficers::FourEyes ? "release-four-eyes" : "release-discretion";
  return approval_of(node, name, must(officers_arguments(node, order)), keys);
}

// Releases with the signatures of officers 1 and 2.
inline Result<PartyRelease> let_go(Node& node, const OfficersOrder& order) {
  return release_by_officers(node, order, approved(node, order));
}

inline NewOfficer officer_with(int key, const std::string& name, const std::string& role) {
  return {name, role, trust::key_number(key).public_key()};
}

// Enrols officer `key`, approved by officers 1 and 2 once these are there.
inline Officer enrol(Node& node, int key, const std::string& name, const std::string& role) {
  const auto officer = officer_with(key, name, role);
  std::optional<Approval> approval;
  if (key > 2) approval = approval_of(node, "officer-add", act_arguments(officer), {1, 2});
  return must(add_officer(node, officer, approval));
}

// 1 and 2 are legal advisers, 3 releases, 4 is on duty, 5 keeps the machine.
inline void enrol_all(Node& node) {
  enrol(node, 1, "Adviser One", "legal-adviser");
  enrol(node, 2, "Adviser Two", "legal-adviser");
  enrol(node, 3, "Releaser", "releasing-officer");
  enrol(node, 4, "On Duty", "duty-officer");
  enrol(node, 5, "Keeper", "administrator");
}

// An operational node of XA with the small register and these five officers.
struct Operational {
  TemporaryDirectory directory;
  Party party{directory.file("XA"), "XA", 1, [](NewNode& options) {
                options.mode = treaty::Mode::Operational;
                options.exercise = "";
              }};
  explicit Operational(bool with_officers = true) {
    if (with_officers) enrol_all(node());
  }
  Node& node() { return party.node(); }
  std::vector<Officer> officers() {
    const auto snapshot = must(node().store().read());
    return must(exchange::officers(node(), *snapshot));
  }
};

}  // namespace comity::exchange::test
