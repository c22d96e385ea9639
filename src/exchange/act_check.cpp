#include "exchange/act_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "exchange/act.h"
#include "exchange/kept_rows.h"
#include "exchange/officer.h"
#include "exchange/outpost.h"
#include "exchange/protocol.h"
#include "exchange/release.h"
#include "exchange/rule.h"
#include "exchange/verification.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

// Whether an act is about what a ledger entry says of a rule.
bool approves_rule(const Act& act, const json::Value& entry) {
  const auto* terms = entry.find("rule");
  if (terms == nullptr) {
    return act.name == rule_end_act &&
           act.arguments == rule_end_arguments(std::string(entry.text("name")));
  }
  if (act.name != rule_add_act || terms->object() == nullptr) return false;
  auto arguments = *terms->object();
  arguments.erase("created");
  return act.arguments == arguments;
}

class Checker {
 public:
  Checker(const Node& node, store::Snapshot& snapshot) : node_(node), snapshot_(snapshot) {}

  Result<std::vector<std::string>> run() {
    const auto all = officers(node_, snapshot_);
    if (all) {
      TRY_STATUS(read_turns(*all));
    } else {
      findings_.push_back(all.error().text());
    }
    TRY_STATUS(snapshot_.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
      entry(row);
      return {};
    }));
    TRY_STATUS(statements());
    TRY_STATUS(verifications());
    TRY_STATUS(by_officers());
    return std::move(findings_);
  }

 private:
  // An enrolment or its end, by the digest of the statement that says it.
  struct Turn {
    Officer officer;
    bool ends = false;
  };

  Status read_turns(const std::vector<Officer>& all);
  void take_turn(const std::string& digest);
  void entry(const store::LedgerEntry& row);
  void check_approval(const store::LedgerEntry& row, const json::Value& entry,
                      const json::Value& given);
  Status statements();
  Status verifications();
  Status by_officers();

  const Node& node_;
  store::Snapshot& snapshot_;
  std::map<std::string, Turn> turns_;
  std::vector<Officer> officers_;      // as the ledger has them up to the leaf that is looked at
  std::set<std::string> entered_;      // digests of statements about officers
  std::map<std::string, Act> let_go_;  // digest of a disclosure → what was approved
  std::set<std::string> used_;         // acts by which something was let go
  std::vector<std::string> findings_;
};

Status Checker::read_turns(const std::vector<Officer>& all) {
  TRY(const auto rows, snapshot_.protocols(officer_kind, store::Direction::Sent, ""));
  for (const auto& row : rows) {
    // The end of an enrolment is about it, the enrolment about nothing.
    const auto& enrolment = row.about.empty() ? row.id : row.about;
    const auto officer = std::find_if(all.begin(), all.end(),
                                      [&](const Officer& one) { return one.id == enrolment; });
    if (officer != all.end()) turns_[digest_text(row.digest)] = {*officer, !row.about.empty()};
  }
  return {};
}

void Checker::take_turn(const std::string& digest) {
  const auto turn = turns_.find(digest);
  if (turn == turns_.end()) return;  // found by statements()
  const auto& [officer, ends] = turn->second;
  if (!ends) {
    officers_.push_back(officer);
    officers_.back().until.reset();
    return;
  }
  const auto& id = officer.id;
  const auto known = std::find_if(officers_.begin(), officers_.end(),
                                  [&](const Officer& one) { return one.id == id; });
  if (known != officers_.end()) known->until = officer.until;
}

// Who was an officer is asked of the ledger up to this leaf, as it was asked when the act was
// taken: an end that was entered later takes no signature away, whatever instant the writer of the
// act gave it.
void Checker::check_approval(const store::LedgerEntry& row, const json::Value& entry,
                             const json::Value& given) {
  const auto approval = read_approval(given);
  const auto act = approval ? read_act(approval->act) : tl::unexpected<Error>(approval.error());
  const auto by = act ? signers(*approval, *act, officers_) : tl::unexpected<Error>(act.error());
  if (!by) {
    findings_.push_back(fmt::format("ledger leaf {}: its approval does not hold: {}", row.index,
                                    by.error().text()));
  } else if (const auto young = check_act_age(*act, row.at); !young) {
    findings_.push_back(fmt::format("ledger leaf {}: its approval does not hold: {}", row.index,
                                    young.error().text()));
  } else if (const auto gone = std::find_if(
                 by->begin(), by->end(),
                 [&](const Officer& officer) { return !enrolled_at(officer, row.at); });
             gone != by->end()) {
    findings_.push_back(
        fmt::format("ledger leaf {}: its approval does not hold: {} was no officer any more",
                    row.index, gone->name));
  } else if (act->party != node_.party() || act->mode != treaty::name(node_.mode()) ||
             act->exercise != node_.exercise()) {
    findings_.push_back(fmt::format(
        "ledger leaf {}: the officers approved an act of another node or mode", row.index));
  } else if (row.kind == "rule" && !approves_rule(*act, entry)) {
    findings_.push_back(
        fmt::format("ledger leaf {}: the officers approved another rule", row.index));
  } else if (row.kind == "outpost" && !approves_outpost(*act, entry)) {
    findings_.push_back(
        fmt::format("ledger leaf {}: the officers approved another outpost", row.index));
  } else if (row.kind == "disclosure" &&
             (act->name == discretion_act || act->name == four_eyes_act)) {
    if (!used_.insert(json::canonical(approval->act)).second) {
      findings_.push_back(fmt::format("ledger leaf {}: its approval was used before", row.index));
    }
    let_go_[std::string(entry.text("digest"))] = *act;
  }
}

void Checker::entry(const store::LedgerEntry& row) {
  const bool of_officer = row.kind == "officer";
  const bool of_law = row.kind == "register" || row.kind == "verification";
  const bool of_keys = row.kind == "key";
  const bool of_rule = row.kind == "rule";
  const bool of_outpost = row.kind == "outpost";
  const bool of_disclosure = row.kind == "disclosure";  // one at national discretion has approval
  if (!of_officer && !of_law && !of_keys && !of_rule && !of_outpost && !of_disclosure) return;
  const auto value = json::parse(row.entry);
  if (!value) return;  // found by the check of the ledger itself
  if (const auto* given = value->find("approval"); given != nullptr) {
    check_approval(row, *value, *given);
  } else {
    const auto type = value->text("type");
    // A notice that was taken is a peer's change, and needs no officer here.
    const bool own_keys = type == "key-change" || type == "root-renewed";
    if ((of_law || of_rule || of_outpost || own_keys) &&
        node_.mode() == treaty::Mode::Operational) {
      findings_.push_back(fmt::format("ledger leaf {}: {} changed and no officer approved",
                                      row.index,
                                      of_law       ? "the register was"
                                      : of_rule    ? "a standing rule was"
                                      : of_outpost ? "an outpost was"
                                                   : "the keys were"));
    }
  }
  if (!of_officer) return;
  const std::string digest(value->text("digest"));
  entered_.insert(digest);
  take_turn(digest);
}

Status Checker::statements() {
  TRY(const auto rows, snapshot_.protocols(officer_kind, store::Direction::Sent, ""));
  for (const auto& row : rows) {
    const auto value = json::parse(row.bytes);
    if (!value || sha256(json::canonical(*value)) != row.digest) {
      findings_.push_back(fmt::format("{}: its bytes are not those that were entered", row.id));
    } else if (entered_.erase(digest_text(row.digest)) == 0) {
      findings_.push_back(fmt::format("{}: stands in no ledger leaf", row.id));
    }
  }
  for (const auto& digest : entered_) {
    findings_.push_back(
        fmt::format("a statement about an officer ({}) was entered and is gone", digest));
  }
  return {};
}

Status Checker::verifications() {
  TRY(const auto files, node_.register_files());
  std::set<std::string> holding;
  for (const auto& one : clause_verifications(node_, snapshot_, files)) {
    holding.insert(verification_file(one.instrument, one.clause));
  }
  for (const auto& [path, text] : files) {
    if (path.starts_with(verification_folder) && !holding.contains(path)) {
      findings_.push_back(
          fmt::format("{}: is no verification by two legal advisers of this node", path));
    }
  }
  return {};
}

// What says that two officers let it go was let go by them: exactly these records, to this party.
Status Checker::by_officers() {
  TRY(const auto rows, snapshot_.protocols(disclosure_kind, store::Direction::Sent, ""));
  for (const auto& row : rows) {
    if (!may_be_by_officers(row.bytes)) continue;
    auto disclosure = read_disclosure(row.bytes);
    if (!disclosure || !disclosure->by_officers()) continue;        // found elsewhere
    if (!name_kept_records(snapshot_, row, *disclosure)) continue;  // this, too
    const auto approved = let_go_.find(digest_text(row.digest));
    std::vector<std::string> records;
    for (const auto& record : disclosure->records) {
      records.push_back(
          approved_row({record.digest, record.originator, write_chain(record.chain), record.classes,
                        record.tlp, record.published, disclosure->area, disclosure->purpose}));
    }
    const auto act = approved == let_go_.end() ? Act() : approved->second;
    const json::Value arguments(act.arguments);
    if (act.name == (disclosure->at_discretion ? discretion_act : four_eyes_act) &&
        act.register_digest == disclosure->register_digest &&
        arguments.text("to") == disclosure->to &&
        arguments.text("records") == records_digest(std::move(records))) {
      continue;
    }
    findings_.push_back(fmt::format(
        "{}: says that two officers let it go, and no two officers approved it", row.id));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> check_acts(const Node& node, store::Snapshot& snapshot) {
  return Checker(node, snapshot).run();
}

}  // namespace comity::exchange
