#include "treaty/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "treaty/party_names.h"

namespace comity::treaty {
namespace {

constexpr std::size_t shown_bytes_max = 60;  // of a word that is quoted back to the asker

// A word of the asker as it may be printed: short, ASCII, without control characters.
std::string echoed(std::string_view word) {
  std::string text = "'";
  for (const char c : word.substr(0, shown_bytes_max)) {
    text += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return text + (word.size() > shown_bytes_max ? "…'" : "'");
}

// The number of letters to add, leave out or change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, changed});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// "; did you mean 'indicator'?" when one of the names is nearly the word, else nothing.
template <typename Range, typename NameOf>
std::string suggestion(std::string_view word, const Range& range, NameOf name_of) {
  constexpr std::size_t near_max = 2;
  if (word.empty() || word.size() > shown_bytes_max) return "";
  std::string best;
  // A word of two letters is near to every other: such names get no suggestion.
  std::size_t nearest = std::min(near_max + 1, (word.size() + 1) / 2);
  for (const auto& one : range) {
    const std::string& name = name_of(one);
    const auto apart = distance(word, name);
    if (apart < nearest) {
      nearest = apart;
      best = name;
    }
  }
  return best.empty() ? "" : fmt::format("; did you mean '{}'?", best);
}

const std::string& itself(const std::string& name) { return name; }

class Resolver {
 public:
  Resolver(const Model& model, const Request& request) : model_(model), request_(request) {}

  tl::expected<ResolvedRequest, std::vector<Reason>> run(bool any_recipient) {
    if (!within_limits()) return tl::unexpected(std::move(reasons_));
    const auto from = party(request_.from, "sender");
    if (from) resolved_.from = *from;
    resolved_.from_roles = roles(request_.from_roles, "sender");
    if (!any_recipient) {
      const auto to = party(request_.to, "recipient");
      if (to) resolved_.to = *to;
      if (from && to && *from == *to) {
        refuse("self", fmt::format("{} is sender and recipient; name another recipient",
                                   echoed(request_.to)));
      }
    }
    resolved_.to_roles = roles(request_.to_roles, "recipient");
    const auto action = resolve_action();
    resolve_subject();
    resolved_.at = request_.at;
    resolve_facts();
    resolve_chain();
    if (action) check_action(*action);
    if (!reasons_.empty()) return tl::unexpected(std::move(reasons_));
    return std::move(resolved_);
  }

 private:
  void refuse(const char* code, std::string what) {
    Reason reason{code, "", "", "", std::move(what)};
    if (std::find(reasons_.begin(), reasons_.end(), reason) == reasons_.end()) {
      reasons_.push_back(std::move(reason));
    }
  }

  bool within_limits() {
    const auto check = [&](std::size_t size, std::size_t bound, const char* what) {
      if (size <= bound) return;
      refuse("too-long", fmt::format("{} {} are named; at most {} are taken", size, what, bound));
    };
    check(request_.received_under.size(), request_hops_max, "hops of received-under");
    check(request_.facts.size(), request_facts_max, "facts");
    check(request_.info.size(), request_words_max, "classes");
    check(request_.from_roles.size(), request_words_max, "roles of the sender");
    check(request_.to_roles.size(), request_words_max, "roles of the recipient");
    return reasons_.empty();
  }

  std::optional<int> party(const std::string& code, const char* what) {
    const auto index = model_.party(code);
    if (!index) {
      auto meant = party_suggestion(model_, code);
      if (meant.empty()) {
        meant = suggestion(code, model_.parties,
                           [](const Party& one) -> const std::string& { return one.code; });
      }
      refuse("unknown-party",
             fmt::format("the {} {} is no party of this register{}", what, echoed(code), meant));
    }
    return index;
  }

  std::optional<int> word(const Names& names, const std::string& value, const char* code,
                          const char* what) {
    const auto index = names.index(value);
    if (!index) {
      refuse(code, fmt::format("{} is no {} of this register{}", echoed(value), what,
                               suggestion(value, names.values, itself)));
    }
    return index;
  }

  Bits words(const Names& names, const std::vector<std::string>& values, const char* code,
             const char* what) {
    Bits set = 0;
    for (const auto& value : values) {
      if (const auto index = word(names, value, code, what)) set |= bit(*index);
    }
    return set;
  }

  Bits roles(const std::vector<std::string>& values, const char* whose) {
    return words(model_.vocabulary.roles, values, "unknown-role",
                 fmt::format("role (of the {})", whose).c_str());
  }

  std::optional<int> resolve_action() {
    const auto& actions = model_.vocabulary.actions;
    const auto index = actions.index(request_.action);
    if (index) {
      resolved_.action = *index;
      return index;
    }
    refuse("unknown-action",
           fmt::format("{} is no action{}; the actions are {}; Comity has none to block or remove "
                       "content or to identify authors",
                       echoed(request_.action), suggestion(request_.action, actions.values, itself),
                       actions.joined(~Bits{0})));
    return std::nullopt;
  }

  void resolve_subject() {
    const auto& vocabulary = model_.vocabulary;
    resolved_.info = words(vocabulary.classes, request_.info, "unknown-class", "class");
    if (!request_.area.empty()) {
      resolved_.area = word(vocabulary.areas, request_.area, "unknown-area", "area");
    }
    if (!request_.purpose.empty()) {
      resolved_.purpose = word(vocabulary.purposes, request_.purpose, "unknown-purpose", "purpose");
    }
    if (request_.tlp.empty()) return;
    const auto tlp = tlp_from_name(request_.tlp);
    if (tlp) {
      resolved_.tlp = *tlp;
    } else {
      refuse("unknown-tlp", fmt::format("{} is no handling of TLP 2.0: expected clear, green, "
                                        "amber, amber+strict or red",
                                        echoed(request_.tlp)));
    }
  }

  // The index of `value` among three words, or a reason.
  std::optional<int> value_of(const std::string& key, const std::string& value,
                              const std::array<const char*, 3>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (value == values[i]) return static_cast<int>(i);
    }
    refuse("unknown-fact", fmt::format("the fact {} is {}: expected {}, {} or {}", echoed(key),
                                       echoed(value), values[0], values[1], values[2]));
    return std::nullopt;
  }

  void resolve_consent(const std::string& key, const std::string& value) {
    const auto rest = std::string_view(key).substr(std::string_view("consent:").size());
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) {
      refuse("unknown-fact",
             fmt::format("{} is no consent: expected consent:GRANTER:RECIPIENT", echoed(key)));
      return;
    }
    const auto granter = party(std::string(rest.substr(0, colon)), "granter of a consent");
    const auto recipient = party(std::string(rest.substr(colon + 1)), "recipient of a consent");
    const auto index = value_of(key, value, {"unknown", "granted", "refused"});
    if (granter && recipient && index) {
      resolved_.consents[{*granter, *recipient}] = static_cast<Consent>(*index);
    }
  }

  void resolve_facts() {
    const auto& facts = model_.vocabulary.facts;
    resolved_.facts.assign(facts.size(), FactValue::Unknown);
    resolved_.stated.assign(facts.size(), false);
    std::set<std::string_view> seen;
    for (const auto& [key, value] : request_.facts) {
      if (!seen.insert(key).second) {
        refuse("repeated-fact", fmt::format("the fact {} is stated twice", echoed(key)));
      } else if (key == "rights-record") {
        const auto index = value_of(key, value, {"absent", "incomplete", "complete"});
        if (index) resolved_.rights_record = static_cast<RightsRecord>(*index);
      } else if (key == "attribution") {
        const auto index = value_of(key, value, {"unknown", "no", "yes"});
        if (index) resolved_.attribution = static_cast<FactValue>(*index);
      } else if (key == "refusal-ground") {
        resolved_.refusal_ground =
            word(model_.vocabulary.refusal_grounds, value, "unknown-fact", "ground of refusal");
      } else if (key.starts_with("consent:")) {
        resolve_consent(key, value);
      } else {
        resolve_fact(key, value);
      }
    }
  }

  void resolve_fact(const std::string& key, const std::string& value) {
    const auto fact = model_.vocabulary.fact(key);
    if (!fact) {
      refuse("unknown-fact", fmt::format("{} is no fact of this register{}", echoed(key),
                                         suggestion(key, model_.vocabulary.facts,
                                                    [](const FactKind& one) -> const std::string& {
                                                      return one.id;
                                                    })));
      return;
    }
    if (const auto index = value_of(key, value, {"unknown", "no", "yes"})) {
      resolved_.facts[static_cast<std::size_t>(*fact)] = static_cast<FactValue>(*index);
      resolved_.stated[static_cast<std::size_t>(*fact)] = true;
    }
  }

  void resolve_chain() {
    for (const auto& [id, originator, at] : request_.received_under) {
      const auto instrument = model_.instrument(id);
      if (!instrument) {
        refuse("unknown-instrument",
               fmt::format(
                   "{} is no instrument of this register{}", echoed(id),
                   suggestion(id, model_.instruments,
                              [](const Instrument& one) -> const std::string& { return one.id; })));
      }
      const auto known = party(originator, "originator");
      if (instrument && known) resolved_.chain.push_back({*instrument, *known, at});
    }
  }

  void check_action(int action) {
    if ((bit(action) & transfer_actions) != 0 && request_.info.empty()) {
      refuse("empty-info", fmt::format("the action {} needs at least one class of information",
                                       echoed(request_.action)));
    }
    if (action == static_cast<int>(Action::Onward) && request_.received_under.empty()) {
      refuse("no-chain",
             "the action 'onward' needs received-under: the instrument and originator by which the "
             "record came");
    }
  }

  const Model& model_;
  const Request& request_;
  ResolvedRequest resolved_;
  std::vector<Reason> reasons_;
};

tl::unexpected<Error> bad(const std::string& where, std::string message) {
  return fail(ErrorKind::InvalidInput, std::move(message), where);
}

Result<std::vector<std::string>> split(std::string_view text, char separator, const char* what,
                                       const std::string& where) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    if (part.empty()) return bad(where, fmt::format("found an empty {}; leave it out", what));
    if (parts.size() == request_words_max) {
      return fail(
          ErrorKind::TooLarge,
          fmt::format("more than {} words; a question takes at most that many", request_words_max),
          where);
    }
    parts.emplace_back(part);
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Result<std::string> string_of(const json::Value& value, const std::string& where) {
  if (const auto* text = value.string()) return *text;
  return bad(where, fmt::format("found {}, expected a string", value.type_name()));
}

Result<std::vector<std::string>> info_of(const json::Value& value) {
  const auto* array = value.array();
  if (array == nullptr) {
    if (value.string() == nullptr) {
      return bad("$.info", fmt::format("found {}, expected a string with commas or an array",
                                       value.type_name()));
    }
    if (value.string()->empty()) return std::vector<std::string>{};
    return words_from_text(*value.string(), "$.info");
  }
  std::vector<std::string> words;
  for (std::size_t i = 0; i < array->size(); ++i) {
    TRY(auto word, string_of((*array)[i], fmt::format("$.info[{}]", i)));
    words.push_back(std::move(word));
  }
  return words;
}

Status read_facts(const json::Value& value, Request& request) {
  const auto* object = value.object();
  if (object == nullptr) {
    return bad("$.facts",
               fmt::format("found {}, expected an object of fact and value", value.type_name()));
  }
  for (const auto& [key, fact] : *object) {
    TRY(auto text, string_of(fact, fmt::format("$.facts[{}]", echoed(key))));
    request.facts.emplace_back(key, std::move(text));
  }
  return {};
}

Status read_chain(const json::Value& value, Request& request) {
  const auto* array = value.array();
  if (array == nullptr) {
    return bad(
        "$.received_under",
        fmt::format("found {}, expected an array of \"ID:ORIGINATOR\" or \"ID:ORIGINATOR@INSTANT\"",
                    value.type_name()));
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto where = fmt::format("$.received_under[{}]", i);
    TRY(const auto text, string_of((*array)[i], where));
    TRY(auto hop, hop_from_text(text, where));
    request.received_under.push_back(std::move(hop));
  }
  return {};
}

// One member whose value is a string.
Status read_text(const std::string& member, const json::Value& value, Request& request) {
  const auto where = "$." + member;
  TRY(auto text, string_of(value, where));
  if (member == "from" || member == "to") {
    TRY(auto side, side_from_text(text, where));
    (member == "from" ? request.from : request.to) = std::move(side.code);
    (member == "from" ? request.from_roles : request.to_roles) = std::move(side.roles);
  } else if (member == "at") {
    auto at = parse_day_or_instant(text);
    if (!at) return tl::unexpected(std::move(at).error().at(where));
    request.at = *at;
  } else {
    auto& place = member == "action"    ? request.action
                  : member == "area"    ? request.area
                  : member == "purpose" ? request.purpose
                                        : request.tlp;
    place = std::move(text);
  }
  return {};
}

}  // namespace

tl::expected<ResolvedRequest, std::vector<Reason>> resolve(const Model& model,
                                                           const Request& request,
                                                           bool any_recipient) {
  return Resolver(model, request).run(any_recipient);
}

Verdict invalid_request(const Model& model, std::vector<Reason> reasons) {
  Verdict verdict;
  verdict.kind = VerdictKind::InvalidRequest;
  verdict.reasons = std::move(reasons);
  verdict.register_digest = model.digest;
  return verdict;
}

Result<SideWords> side_from_text(std::string_view text, const std::string& where) {
  const auto colon = text.find(':');
  SideWords side;
  side.code = text.substr(0, colon);
  if (side.code.empty()) {
    return bad(where, "found no party code, expected a form like XA or XA:role+role");
  }
  if (colon == std::string_view::npos) return side;
  TRY(side.roles, split(text.substr(colon + 1), '+', "role", where));
  return side;
}

Result<ReceivedUnder> hop_from_text(std::string_view text, const std::string& where) {
  const auto hop = text.substr(0, text.find('@'));
  const auto colon = hop.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == hop.size()) {
    return bad(where, fmt::format("found {}, expected a form like ru-cn-2015:RU (instrument and "
                                  "originator) or ru-cn-2015:RU@2026-11-23 (and when)",
                                  echoed(text)));
  }
  ReceivedUnder out{std::string(hop.substr(0, colon)), std::string(hop.substr(colon + 1))};
  if (hop.size() == text.size()) return out;
  auto at = parse_day_or_instant(text.substr(hop.size() + 1));
  if (!at) return tl::unexpected(std::move(at).error().at(where));
  out.at = *at;
  return out;
}

Result<std::vector<std::string>> words_from_text(std::string_view text, const std::string& where) {
  return split(text, ',', "word", where);
}

Result<Request> request_from_json(const json::Value& value, Instant now) {
  const auto* object = value.object();
  if (object == nullptr) {
    return bad("$", fmt::format("found {}, expected an object whose members are the flags of "
                                "'comity treaty decide'",
                                value.type_name()));
  }
  Request request;
  request.at = now;
  const Names texts{{"from", "to", "action", "area", "purpose", "tlp", "at"}};
  for (const auto& [member, content] : *object) {
    if (texts.index(member)) {
      TRY_STATUS(read_text(member, content, request));
    } else if (member == "info") {
      TRY(request.info, info_of(content));
    } else if (member == "facts") {
      TRY_STATUS(read_facts(content, request));
    } else if (member == "received_under") {
      TRY_STATUS(read_chain(content, request));
    } else {
      return bad("$", fmt::format("found the unknown member {}; expected from, to, action, info, "
                                  "area, purpose, tlp, at, facts, received_under",
                                  echoed(member)));
    }
  }
  if (request.from.empty()) {
    return bad("$", "found no member 'from', expected the party code of the sender");
  }
  return request;
}

}  // namespace comity::treaty
