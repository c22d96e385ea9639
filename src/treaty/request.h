// A question to the treaty engine, as words and resolved against a model.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "json/value.h"
#include "treaty/model.h"
#include "treaty/verdict.h"

namespace comity::treaty {

// Bounds of one question; what passes them is an `invalid-request` (code `too-long`).
constexpr std::size_t request_hops_max = 16;
constexpr std::size_t request_facts_max = 256;
constexpr std::size_t request_words_max = 64;  // of `info`, and of the roles of one side

// A hop of a received record: under which instrument, from whom, and when if that is known.
struct ReceivedUnder {
  std::string instrument, originator;
  std::optional<Instant> at = {};
  bool operator==(const ReceivedUnder&) const = default;
};

// The question as asked: members are the flags of `comity treaty decide`.
struct Request {
  std::string from, to;
  std::vector<std::string> from_roles, to_roles;
  std::string action = "share";
  std::vector<std::string> info;
  std::string area, purpose, tlp;
  Instant at;
  std::vector<std::pair<std::string, std::string>> facts;  // key, value
  std::vector<ReceivedUnder> received_under;
};

enum class FactValue { Unknown, No, Yes };
enum class RightsRecord { Absent, Incomplete, Complete };
enum class Consent { Unknown, Granted, Refused };

struct Hop {
  int instrument = 0;
  int originator = 0;
  std::optional<Instant> at = {};  // when it was received; absent: not known
};

// The same question in indexes and bits of one model. `to` may be replaced to ask about another
// recipient (see CompiledRegister::decide_all).
struct ResolvedRequest {
  int from = 0, to = 0;
  Bits from_roles = 0, to_roles = 0;  // 0: none named, so the designated bodies
  int action = 0;
  Bits info = 0;
  std::optional<int> area, purpose;
  Tlp tlp = Tlp::None;
  Instant at;
  std::vector<FactValue> facts;  // by index of Vocabulary::facts
  std::vector<bool> stated;      // whether the request names the fact
  RightsRecord rights_record = RightsRecord::Absent;
  // The record says who is behind something (fact `attribution`).
  FactValue attribution = FactValue::Unknown;
  std::optional<int> refusal_ground;                // index into Vocabulary::refusal_grounds
  std::map<std::pair<int, int>, Consent> consents;  // (who consents, recipient)
  std::vector<Hop> chain;
};

// Action indexes are fixed by the order in which a model's vocabulary must list them.
enum class Action {
  Share,
  Onward,
  Use,
  Request,
  Assist,
  Mitigate,
  Preserve,
  Disclose,
  Notify,
  Consult,
  Ping,
  Report,
  Refuse,
  Withdraw
};
constexpr Bits bit(int index) { return Bits{1} << index; }
constexpr Bits bit(Action action) { return Bits{1} << static_cast<int>(action); }
constexpr Bits transfer_actions = bit(Action::Share) | bit(Action::Onward) | bit(Action::Use) |
                                  bit(Action::Disclose) | bit(Action::Preserve) |
                                  bit(Action::Notify);
// What a party can do of itself and to somebody: passing on and using need a received record, and
// to decline is always open.
constexpr Bits own_actions = bit(Action::Share) | bit(Action::Request) | bit(Action::Assist) |
                             bit(Action::Mitigate) | bit(Action::Preserve) | bit(Action::Disclose) |
                             bit(Action::Notify) | bit(Action::Consult) | bit(Action::Ping) |
                             bit(Action::Report);

// Resolves words to indexes. What cannot be resolved is a list of reasons for `invalid-request`.
// With `any_recipient` the request's `to` is not looked at (audience questions).
tl::expected<ResolvedRequest, std::vector<Reason>> resolve(const Model& model,
                                                           const Request& request,
                                                           bool any_recipient = false);

// The verdict of section 1: the reasons and nothing else.
Verdict invalid_request(const Model& model, std::vector<Reason> reasons);

// "XX" or "XX:role+role" as code and roles; "ID:ORIGINATOR" or "ID:ORIGINATOR@INSTANT" as a hop;
// "a,b" as words. `where` names the flag or JSON path in errors.
struct SideWords {
  std::string code;
  std::vector<std::string> roles;
};
Result<SideWords> side_from_text(std::string_view text, const std::string& where);
Result<ReceivedUnder> hop_from_text(std::string_view text, const std::string& where);
Result<std::vector<std::string>> words_from_text(std::string_view text, const std::string& where);

// A request from one line of JSON: members are the flag names with `_`; `info`, `from`, `to` as on
// the command line ("XX:role+role"), `info` also as an array, `facts` an object, `received_under`
// an array of hops as on the command line. Unknown members are an error. `now` is used when `at` is
// absent.
Result<Request> request_from_json(const json::Value& value, Instant now);

}  // namespace comity::treaty
