// Which of the grants of one STIX id a caller is shown. Several may stand for one (id, version),
// because a record is an assertion: one of them is shown, the creator's before others, else the one
// granted first; when its grant ends the next takes its place. Of the versions that are left
// match[version] chooses (TAXII 2.1 section 3.4.1): what the caller may not have is none of them,
// and has no part in the choice.
//
// Made for one page, from one snapshot, to which it refers. One thread at a time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "exchange/circumstances.h"
#include "exchange/decision.h"
#include "exchange/node.h"
#include "exchange/token_view.h"

namespace comity::exchange {

// Whether what was granted may be shown, by law and circumstances as a snapshot has them. Refers to
// node and snapshot. One thread at a time.
class GrantJudge {
 public:
  GrantJudge(Node& node, store::Snapshot& snapshot, const std::string& party);
  // The question that was permitted; nothing when the grant may not be shown.
  Result<std::optional<RecordQuestion>> permits(const std::string& disclosure,
                                                const store::Record& record);
  // Whether it may be shown, of a record that is alone (store::GrantedRecord): as `permits` says,
  // in less time. Records that agree in what the decision looks at are decided once.
  Result<bool> shows_alone(const std::string& disclosure, const store::Record& record);
  // The instants at which all answers so far are the same, as long as law and store are.
  treaty::Stretch holds() const;
  // The consents on which that rests.
  Result<std::vector<ConsentUsed>> consents(const RecordQuestion& question,
                                            const std::string& disclosure, const Digest& record) {
    return circumstances_.all_consents(question, record, {at_, disclosure});
  }

 private:
  Result<bool> stands(const std::string& disclosure);
  Result<bool> collectable(const std::string& disclosure);
  Result<std::optional<RecordQuestion>> permitted(const std::string& disclosure,
                                                  const store::Record& record,
                                                  RecordQuestion question);

  Node& node_;
  store::Snapshot& snapshot_;
  const std::string party_;
  std::shared_ptr<const treaty::CompiledRegister> law_;
  Instant at_;
  const treaty::Stretch stretch_;  // of the law around at_
  treaty::Stretch stands_hold_;
  Circumstances circumstances_;
  std::map<std::string, bool> stands_, collectable_;  // by disclosure
  std::unordered_map<std::string, bool> alike_;       // by what decides about a record alone
  std::string alike_key_;                             // room for the next one
};

// The values of match[version].
struct VersionChoice {
  explicit VersionChoice(const std::vector<std::string>& values);

  bool all = false, last = false, first = false;
  std::set<Instant> exactly;
};

class GrantChoice {
 public:
  // `narrowed`: what a token leaves of the party's view; `withdrawn`: disclosures of which nothing
  // is shown.
  GrantChoice(Node& node, store::Snapshot& snapshot, std::string party,
              std::optional<TokenView> narrowed, std::set<std::string> withdrawn,
              const std::vector<std::string>& versions);

  Result<bool> shows(const store::Granted& grant);
  // The same of a grant that was read with its record.
  Result<bool> shows(const store::GrantedRecord& grant);
  treaty::Stretch holds() const { return judge_.holds(); }
  // When the token ends that narrows the view; nothing without one.
  std::optional<Instant> token_until() const {
    return narrowed_ ? std::optional(narrowed_->until()) : std::nullopt;
  }
  // Whether it was looked at and law or circumstances do not permit it any more.
  bool ended(const store::Granted& grant) const { return ended_.contains(grant.date_added); }

 private:
  using Dates = std::set<Instant>;

  Result<Dates> chosen(const std::string& stix_id);
  Result<bool> choose(const std::vector<store::Granted>& of_one_version, Dates& out);
  Result<bool> visible(const store::Granted& grant);
  Result<bool> visible_alone(const store::GrantedRecord& grant);
  Result<bool> of_creator(const store::Granted& grant);

  Node& node_;
  store::Snapshot& snapshot_;
  std::string party_;
  GrantJudge judge_;
  std::optional<TokenView> narrowed_;
  std::set<std::string> withdrawn_;
  VersionChoice versions_;
  std::map<std::string, Dates> chosen_;  // by STIX id
  Dates ended_;
};

}  // namespace comity::exchange
