// Standing rules of release: within them a node discloses by itself what the law permits.
//
// Importing and receiving grant nothing. A rule is the release that an officer says once for what
// comes later: to these parties, of these classes, for this purpose, in this area. It permits
// nothing that the law does not; each record is decided as by `release`. Form:
// docs/formats/rule.md. The store keeps the list, the ledger binds every change of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/act.h"
#include "exchange/node.h"

namespace comity::exchange {

constexpr std::string_view rule_add_act = "rule-add", rule_end_act = "rule-end";
constexpr std::size_t rules_max = 64;  // of one node, ended ones included
constexpr std::size_t rule_parties_max = 64;
constexpr std::size_t rule_name_bytes_max = 64;
// Looked at for one rule and party in one transaction of decisions; the rest comes with the next.
constexpr std::int64_t rule_records_max = 1000;

struct Rule {
  std::string name;  // never used twice in a node
  std::vector<std::string> to;
  std::vector<std::string> classes;
  std::string purpose, area;
  Instant created;
  std::optional<Instant> ended;
};

// What two officers sign for such a rule, and for the end of the one with this name.
json::Object act_arguments(const Rule& wanted);
json::Object rule_end_arguments(const std::string& name);

// In operational mode two officers must approve. NotPermitted without them and for what no rule may
// release: content, classes of national discretion. InvalidInput for words, parties or names that
// do not fit; Conflict for a name that was used; TooLarge beyond the bounds.
Result<Rule> add_rule(Node& node, const Rule& wanted,
                      const std::optional<Approval>& approval = std::nullopt);
// NotFound for an unknown name, Conflict for a rule that was ended before.
Status end_rule(Node& node, const std::string& name,
                const std::optional<Approval>& approval = std::nullopt);
// All rules, in the order in which they were made.
Result<std::vector<Rule>> rules(store::Snapshot& snapshot);

// Whether a record is of those that this rule speaks of: live, own words of the rule, no class
// unknown, not doubtful, with handling below TLP:RED.
bool covers(const Rule& rule, const store::Record& record);

// Discloses what live rules let go and has not gone: records that came since the last time, and all
// of them after a change of the register. What was disclosed waits for delivery. True when there
// may be more to do at once. Unavailable while the time cannot be trusted (clock_guard.h).
Result<bool> apply_rules(Node& node);

// What does not agree between the list of rules and the ledger; empty: nothing.
Result<std::vector<std::string>> rule_findings(store::Snapshot& snapshot);

}  // namespace comity::exchange
