#include "exchange/act_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "exchange/act.h"
#include "exchange/officer.h"
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
      officers_ = *all;
    } else {
      findings_.push_back(all.error().text());
    }
    TRY_STATUS(snapshot_.ledger(0, INT64_MAX, [&](const store::LedgerEntry& row) -> Status {
      entry(row);
      return {};
    }));
    TRY_STATUS(statements());
    TRY_STATUS(verifications());
    return std::move(findings_);
  }

 private:
  void entry(const store::LedgerEntry& row);
  Status statements();
  Status verifications();

  const Node& node_;
  store::Snapshot& snapshot_;
  std::vector<Officer> officers_;
  std::set<std::string> entered_;  // digests of statements about officers
  std::vector<std::string> findings_;
};

void Checker::entry(const store::LedgerEntry& row) {
  const bool of_officer = row.kind == "officer";
  const bool of_law = row.kind == "register" || row.kind == "verification";
  const bool of_keys = row.kind == "key";
  const bool of_rule = row.kind == "rule";
  if (!of_officer && !of_law && !of_keys && !of_rule) return;
  const auto value = json::parse(row.entry);
  if (!value) return;  // found by the check of the ledger itself
  if (of_officer) entered_.insert(std::string(value->text("digest")));
  const auto* given = value->find("approval");
  if (given == nullptr) {
    const auto type = value->text("type");
    // A notice that was taken is a peer's change, and needs no officer here.
    const bool own_keys = type == "key-change" || type == "root-renewed";
    if ((of_law || of_rule || own_keys) && node_.mode() == treaty::Mode::Operational) {
      findings_.push_back(fmt::format("ledger leaf {}: {} changed and no officer approved",
                                      row.index,
                                      of_law    ? "the register was"
                                      : of_rule ? "a standing rule was"
                                                : "the keys were"));
    }
    return;
  }
  const auto approval = read_approval(*given);
  const auto act = approval ? read_act(approval->act) : tl::unexpected<Error>(approval.error());
  const auto by = act ? signers(*approval, *act, officers_) : tl::unexpected<Error>(act.error());
  if (!by) {
    findings_.push_back(fmt::format("ledger leaf {}: its approval does not hold: {}", row.index,
                                    by.error().text()));
  } else if (of_rule && !approves_rule(*act, *value)) {
    findings_.push_back(
        fmt::format("ledger leaf {}: the officers approved another rule", row.index));
  }
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

}  // namespace

Result<std::vector<std::string>> check_acts(const Node& node, store::Snapshot& snapshot) {
  return Checker(node, snapshot).run();
}

}  // namespace comity::exchange
