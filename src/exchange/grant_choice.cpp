#include "exchange/grant_choice.h"

#include "exchange/kept_rows.h"
#include "exchange/signers.h"
#include "exchange/verdict_memo.h"
#include "exchange/verify.h"

namespace comity::exchange {

GrantJudge::GrantJudge(Node& node, store::Snapshot& snapshot, const std::string& party)
    : node_(node),
      snapshot_(snapshot),
      party_(party),
      law_(node.law()),
      at_(node.treaty_now()),
      stretch_(law_->stretch(at_)),
      stands_hold_(stretch_),
      circumstances_(snapshot, party) {}

treaty::Stretch GrantJudge::holds() const {
  auto out = stands_hold_;
  circumstances_.cut(out, at_);
  return out;
}

// What is carried has no class to decide on: it is shown as long as what it came with may be. Each
// disclosure is looked at once.
Result<bool> GrantJudge::stands(const std::string& id) {
  const auto at = stands_.find(id);
  if (at != stands_.end()) return at->second;
  TRY(const auto row, snapshot_.protocol(id));
  if (!row) return false;
  TRY(auto disclosure, open_by(own_signers(node_), row->bytes, open_disclosure));
  TRY_STATUS(name_kept_records(snapshot_, *row, disclosure));
  TRY(const bool shown, may_be_shown(node_, snapshot_, disclosure, stands_hold_));
  return stands_[id] = shown;
}

// Whether a disclosure may be collected at all. What two officers let go is sent to its recipient
// and collected by nobody, also when the law permits it later: then it goes by a release under
// that.
Result<bool> GrantJudge::collectable(const std::string& id) {
  const auto at = collectable_.find(id);
  if (at != collectable_.end()) return at->second;
  TRY(const auto row, snapshot_.protocol(id));
  bool may = true;
  if (row && may_be_by_officers(row->bytes)) {
    TRY(const auto disclosure, read_disclosure(row->bytes));
    may = !disclosure.by_officers();
  }
  return collectable_[id] = may;
}

Result<std::optional<RecordQuestion>> GrantJudge::permits(const std::string& disclosure,
                                                          const store::Record& record) {
  const auto no = std::optional<RecordQuestion>();
  if (record.state != store::RecordState::Live) return no;
  TRY(const bool may, collectable(disclosure));
  if (!may) return no;
  TRY(auto question, held_question(snapshot_, record));
  return permitted(disclosure, record, std::move(question));
}

// `question` without circumstances.
Result<std::optional<RecordQuestion>> GrantJudge::permitted(const std::string& disclosure,
                                                            const store::Record& record,
                                                            RecordQuestion question) {
  const auto no = std::optional<RecordQuestion>();
  TRY_STATUS(circumstances_.complete(question, record.digest, {at_, disclosure}));
  if (!question.recalled.empty()) return no;
  if (record.classes.empty()) {
    TRY(const bool with_others, stands(disclosure));
    if (!with_others) return no;
  } else if (node_.verdicts().kind(law_, stretch_, node_.party(), party_, question, at_) !=
             treaty::VerdictKind::Permitted) {
    return no;
  }
  return std::optional(std::move(question));
}

namespace {

// What question_of takes of a record, as one text: records with equal texts are asked about alike.
void write_alike_key(const store::Record& record, std::string& out) {
  out.clear();
  for (const auto* text :
       {&record.classes, &record.area, &record.purpose, &record.tlp, &record.doubts}) {
    out += *text;
    out += '\0';
  }
  out += record.published.empty() ? '0' : '1';
}

}  // namespace

Result<bool> GrantJudge::shows_alone(const std::string& disclosure, const store::Record& record) {
  if (record.state != store::RecordState::Live) return false;
  TRY(const bool may, collectable(disclosure));
  if (!may) return false;
  TRY(const bool recalled, circumstances_.recalled(record.digest));
  if (recalled) return false;
  // What has a chain depends on consents for this one record, what has no class on its carriers.
  const bool as_alike = record.chain == "[]" && !record.classes.empty();
  if (as_alike) {
    write_alike_key(record, alike_key_);
    const auto known = alike_.find(alike_key_);
    if (known != alike_.end()) return known->second;
  }
  // Nobody else gave the object, so nothing was given before.
  TRY(const auto question, permitted(disclosure, record, question_of(record)));
  if (as_alike) alike_.emplace(alike_key_, question.has_value());
  return question.has_value();
}

VersionChoice::VersionChoice(const std::vector<std::string>& values) {
  last = values.empty();
  for (const auto& value : values) {
    all = all || value == "all";
    last = last || value == "last";
    first = first || value == "first";
    if (const auto instant = parse_rfc3339(value)) exactly.insert(*instant);
  }
}

GrantChoice::GrantChoice(Node& node, store::Snapshot& snapshot, std::string party,
                         std::optional<TokenView> narrowed, std::set<std::string> withdrawn,
                         const std::vector<std::string>& versions)
    : node_(node),
      snapshot_(snapshot),
      party_(std::move(party)),
      judge_(node, snapshot, party_),
      narrowed_(std::move(narrowed)),
      withdrawn_(std::move(withdrawn)),
      versions_(versions) {}

Result<bool> GrantChoice::shows(const store::Granted& grant) {
  auto known = chosen_.find(grant.stix_id);
  if (known == chosen_.end()) {
    TRY(auto dates, chosen(grant.stix_id));
    known = chosen_.emplace(grant.stix_id, std::move(dates)).first;
  }
  return known->second.contains(grant.date_added);
}

// Of a grant beside which there is no other of its object: the choice is the one version.
Result<bool> GrantChoice::shows(const store::GrantedRecord& grant) {
  if (!grant.alone || (narrowed_ && narrowed_->narrows())) return shows(grant.granted);
  const auto& version = grant.granted.version;
  const bool named = !version || versions_.all || versions_.last || versions_.first ||
                     versions_.exactly.contains(*version);
  if (!named) return false;
  return visible_alone(grant);
}

Result<bool> GrantChoice::visible_alone(const store::GrantedRecord& grant) {
  if (withdrawn_.contains(grant.granted.disclosure)) return false;
  TRY(const bool shown, judge_.shows_alone(grant.granted.disclosure, grant.record));
  if (!shown) ended_.insert(grant.granted.date_added);
  return shown;
}

// The grants of an id that are shown, by their dates. What has no version is always one of them.
Result<GrantChoice::Dates> GrantChoice::chosen(const std::string& stix_id) {
  TRY(auto grants, snapshot_.grants_of(party_, stix_id));
  std::map<std::optional<Instant>, std::vector<store::Granted>> by_version;
  for (auto& grant : grants) {
    if (grant.state == store::GrantState::Live) by_version[grant.version].push_back(grant);
  }
  Dates out;
  for (const auto& [version, of_it] : by_version) {
    const bool named = !version || versions_.all || versions_.exactly.contains(*version);
    if (!named) continue;
    TRY_STATUS(choose(of_it, out));
  }
  if (versions_.all) return out;
  // Only as far as the first one that can be shown: the others are not asked for.
  for (auto one = by_version.rbegin(); versions_.last && one != by_version.rend(); ++one) {
    if (!one->first) break;
    TRY(const bool shown, choose(one->second, out));
    if (shown) break;
  }
  for (auto one = by_version.begin(); versions_.first && one != by_version.end(); ++one) {
    if (!one->first) continue;
    TRY(const bool shown, choose(one->second, out));
    if (shown) break;
  }
  return out;
}

// Of grants of one version, ascending by date: the one that is shown. False: none of them is.
Result<bool> GrantChoice::choose(const std::vector<store::Granted>& of_one_version, Dates& out) {
  std::vector<const store::Granted*> left;
  for (const auto& grant : of_one_version) {
    TRY(const bool shown, visible(grant));
    if (shown) left.push_back(&grant);
  }
  if (left.empty()) return false;
  for (const auto* grant : left) {
    if (left.size() == 1) break;
    TRY(const bool by_creator, of_creator(*grant));
    if (!by_creator) continue;
    out.insert(grant->date_added);
    return true;
  }
  out.insert(left.front()->date_added);
  return true;
}

Result<bool> GrantChoice::visible(const store::Granted& grant) {
  if (withdrawn_.contains(grant.disclosure)) return false;
  TRY(const auto record, snapshot_.record(grant.sequence));
  if (!record) return false;
  // Decided again: what the law no longer lets this caller have is not shown.
  TRY(const auto question, judge_.permits(grant.disclosure, *record));
  if (!question) {
    ended_.insert(grant.date_added);
    return false;
  }
  if (!narrowed_) return true;
  if (record->classes.empty()) return narrowed_->shows_carried(snapshot_, grant.disclosure);
  return narrowed_->shows(*question);
}

// Whether it is the word of who made the object, as far as a node can know: it came from its
// originator itself. What this party only repeats after another is not granted by itself
// (given_before), so it needs no look here; and only what the caller may have chooses for it.
Result<bool> GrantChoice::of_creator(const store::Granted& grant) {
  TRY(const auto record, snapshot_.record(grant.sequence));
  if (!record) return false;
  const auto& giver = record->received_from.empty() ? node_.party() : record->received_from;
  return record->originator == giver;
}

}  // namespace comity::exchange
