#include "exchange/rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "exchange/clock_guard.h"
#include "exchange/decision.h"
#include "exchange/kept_terms.h"
#include "exchange/named.h"
#include "exchange/outpost.h"
#include "exchange/release.h"
#include "json/parse.h"
#include "json/texts.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

constexpr std::string_view rules_key = "rules";
// What a person decides each time: content, and what is a state's to give at its discretion.
constexpr const char* never_by_rule[] = {"content-data", "restricted-national", "state-secret"};
constexpr const char* area_never_by_rule = "content";

json::Object terms_of(const Rule& rule) {
  auto out = act_arguments(rule);
  out.set("created", format_rfc3339(rule.created, 6));
  return out;
}

json::Object to_json(const Rule& rule) {
  auto out = terms_of(rule);
  if (rule.ended) out.set("ended", format_rfc3339(*rule.ended, 6));
  return out;
}

Result<Rule> rule_from(const json::Value& value) {
  Rule out;
  out.name = value.text("name");
  out.to = json::texts_of(value.find("to"));
  out.classes = json::texts_of(value.find("classes"));
  out.purpose = value.text("purpose");
  out.area = value.text("area");
  TRY(out.created, parse_rfc3339(value.text("created")));
  if (value.find("ended") != nullptr) {
    TRY(out.ended, parse_rfc3339(value.text("ended")));
  }
  if (json::Value(to_json(out)) != value) {
    return fail(ErrorKind::Corrupt, "the kept rule is not of this form", out.name);
  }
  return out;
}

Status keep(Change& change, const std::vector<Rule>& all) {
  json::Array list;
  for (const auto& rule : all) list.push_back(to_json(rule));
  return change.store().set_meta(rules_key, json::write(list));
}

Status check_parties(const Node& node, const Rule& wanted) {
  if (wanted.to.empty() || wanted.to.size() > rule_parties_max) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} recipients; a rule has 1 to {}, and nobody is never everybody",
                            wanted.to.size(), rule_parties_max));
  }
  std::set<std::string> seen;
  for (const auto& party : wanted.to) {
    TRY_STATUS(check_other_party(node, party));
    if (!seen.insert(party).second) {
      return fail(ErrorKind::InvalidInput, fmt::format("{} is named twice", party));
    }
  }
  return {};
}

Status check_words(const treaty::Model& model, const Rule& wanted) {
  const auto& words = model.vocabulary;
  if (wanted.classes.empty()) {
    return fail(ErrorKind::InvalidInput, "no information class named (--classes indicator,…)");
  }
  for (const auto& name : wanted.classes) {
    if (!words.classes.index(name)) {
      return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no information class", name));
    }
    if (std::find(std::begin(never_by_rule), std::end(never_by_rule), name) !=
        std::end(never_by_rule)) {
      return fail(
          ErrorKind::NotPermitted,
          fmt::format("{} is never released by a rule: an officer decides each time", name));
    }
  }
  if (!words.purposes.index(wanted.purpose)) {
    return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no purpose", wanted.purpose));
  }
  if (!words.areas.index(wanted.area)) {
    return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no area", wanted.area));
  }
  if (wanted.area == area_never_by_rule) {
    return fail(ErrorKind::NotPermitted,
                "nothing of the area content is released by a rule: an officer decides each time");
  }
  return {};
}

Status check_new(const Node& node, const Rule& wanted) {
  if (!is_terms_name(wanted.name, rule_name_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no name for a rule; expected 1 to {} small letters, digits "
                            "and hyphens, the first no hyphen",
                            wanted.name, rule_name_bytes_max));
  }
  const auto law = node.law();
  TRY_STATUS(check_parties(node, wanted));
  return check_words(law->model(), wanted);
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Up to where a rule has been applied to a party, and under which law. What the law says may change
// with the register and with the day; then all is looked at again.
struct Cursor {
  std::string law;
  std::int64_t sequence = 0;
};

std::string cursor_key(const Rule& rule, const std::string& party) {
  return "rule:" + rule.name + ":" + party;
}

std::string law_text(const Node& node) {
  return digest_text(node.law()->model().digest) + " " +
         format_day(node.treaty_now().seconds() / seconds_per_day);
}

Result<Cursor> cursor_of(store::Snapshot& snapshot, const std::string& key,
                         const std::string& law) {
  Cursor out{law, 0};
  TRY(const auto kept, snapshot.meta(key));
  if (!kept || !kept->starts_with(law + " ")) return out;
  const auto* begin = kept->data() + law.size() + 1;
  const auto* end = kept->data() + kept->size();
  if (std::from_chars(begin, end, out.sequence).ec != std::errc()) out.sequence = 0;
  return out;
}

// One step of one rule for one party. True when there may be more.
Result<bool> apply(Node& node, const Rule& rule, const std::string& party) {
  const auto key = cursor_key(rule, party);
  const auto law = law_text(node);
  std::vector<std::string> ids;
  std::int64_t seen = 0;
  Cursor cursor;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto peer, snapshot->peer(party));
    TRY(const bool reached, reached_without_node(*snapshot, party, node.now()));
    if ((!peer || !peer->confirmed) && !reached) return false;
    TRY(cursor, cursor_of(*snapshot, key, law));
    TRY_STATUS(snapshot->records_after(cursor.sequence, rule_records_max, false,
                                       [&](const store::Record& record) -> Status {
                                         ++seen;
                                         cursor.sequence = record.sequence;
                                         if (covers(rule, record)) ids.push_back(record.stix_id);
                                         return {};
                                       }));
  }
  if (seen == 0) return false;
  if (!ids.empty()) {
    TRY_STATUS(disclose_covered(node, ids, party,
                                [&](const store::Record& record) { return covers(rule, record); }));
  }
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(change->store().set_meta(key, fmt::format("{} {}", law, cursor.sequence)));
  TRY_STATUS(change->commit());
  return seen == rule_records_max;
}

}  // namespace

Result<std::vector<Rule>> rules(store::Snapshot& snapshot) {
  TRY(const auto kept, snapshot.meta(rules_key));
  std::vector<Rule> out;
  if (!kept) return out;
  TRY(const auto value, json::parse(*kept));
  if (value.array() == nullptr) return fail(ErrorKind::Corrupt, "the list of rules is no list");
  for (const auto& item : *value.array()) {
    TRY(auto rule, rule_from(item));
    out.push_back(std::move(rule));
  }
  return out;
}

json::Object act_arguments(const Rule& wanted) {
  json::Object out;
  out.set("name", wanted.name);
  out.set("to", json::array_of(wanted.to));
  out.set("classes", json::array_of(wanted.classes));
  out.set("purpose", wanted.purpose);
  out.set("area", wanted.area);
  return out;
}

json::Object rule_end_arguments(const std::string& name) {
  json::Object out;
  out.set("name", name);
  return out;
}

Result<Rule> add_rule(Node& node, const Rule& wanted, const std::optional<Approval>& approval) {
  TRY_STATUS(check_new(node, wanted));
  TRY(const auto change, Change::begin(node));
  TRY(auto all, rules(change->store()));
  if (all.size() >= rules_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("this node has {} rules, which is the limit", all.size()));
  }
  for (const auto& rule : all) {
    if (rule.name == wanted.name) {
      return fail(ErrorKind::Conflict,
                  fmt::format("there is or was a rule {}; choose another name", wanted.name));
    }
  }
  auto rule = wanted;
  rule.created = change->at();
  rule.ended.reset();
  all.push_back(rule);
  TRY_STATUS(keep(*change, all));
  json::Object entry;
  TRY_STATUS(approve(node, *change, rule_add_act, act_arguments(rule), approval,
                     ApprovalNeed::Operational, entry));
  entry.set("type", "rule-added");
  entry.set("rule", terms_of(rule));
  TRY_STATUS(change->enter("rule", entry));
  TRY_STATUS(change->commit());
  return rule;
}

Status end_rule(Node& node, const std::string& name, const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY(auto all, rules(change->store()));
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Rule& rule) { return rule.name == name; });
  if (found == all.end()) {
    return fail(ErrorKind::NotFound,
                fmt::format("there is no rule {}; comity rule list names them", name));
  }
  if (found->ended) {
    return fail(ErrorKind::Conflict,
                fmt::format("the rule {} ended at {}", name, format_rfc3339(*found->ended)));
  }
  found->ended = change->at();
  TRY_STATUS(keep(*change, all));
  json::Object entry;
  TRY_STATUS(approve(node, *change, rule_end_act, rule_end_arguments(name), approval,
                     ApprovalNeed::Operational, entry));
  entry.set("type", "rule-ended");
  entry.set("name", name);
  entry.set("at", format_rfc3339(change->at(), 6));
  TRY_STATUS(change->enter("rule", entry));
  return change->commit();
}

bool covers(const Rule& rule, const store::Record& record) {
  const auto question = question_of(record);
  if (question.quarantined || question.doubtful || record.classes.empty()) return false;
  if (record.tlp.empty() || record.tlp == "red") return false;
  if (record.purpose != rule.purpose || record.area != rule.area) return false;
  const auto classes = split_classes(record.classes);
  // A class that is not known stands as "?", which no rule names.
  return std::all_of(classes.begin(), classes.end(),
                     [&](const std::string& name) { return contains(rule.classes, name); });
}

Result<bool> apply_rules(Node& node) {
  TRY_STATUS(check_clock(node));
  std::vector<Rule> all;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(all, rules(*snapshot));
  }
  bool more = false;
  for (const auto& rule : all) {
    if (rule.ended) continue;
    for (const auto& party : rule.to) {
      TRY(const bool rest, apply(node, rule, party));
      more = more || rest;
    }
  }
  return more;
}

Result<std::vector<std::string>> rule_findings(store::Snapshot& snapshot) {
  const auto kept = rules(snapshot).map([](const std::vector<Rule>& all) {
    std::vector<std::pair<std::string, json::Value>> out;
    for (const auto& item : all) out.emplace_back(item.name, to_json(item));
    return out;
  });
  return terms_findings(snapshot, "rule", "ended", kept);
}

}  // namespace comity::exchange
