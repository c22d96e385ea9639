#include "exchange/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "exchange/record.h"
#include "json/parse.h"
#include "json/write.h"
#include "treaty/reserved_ids.h"

namespace comity::exchange {
namespace {

static_assert(treaty::is_reserved_id(national_discretion) &&
              treaty::is_reserved_id(unsigned_submission));

constexpr std::string_view unknown_class = "?";
// What is classified, and what is about persons or what they say.
constexpr std::array<std::string_view, 6> never_at_discretion = {
    "restricted-national", "state-secret",    "content-data",
    "traffic-data",        "subscriber-data", "log-personal"};
constexpr std::string_view area_never_at_discretion = "content";

std::string two_officers_of(const std::string& party) { return "two officers of " + party; }

// Makes a verdict at least as strict as "needs", for a reason that is no treaty's.
void add_need(treaty::Verdict& verdict, treaty::NeedEntry need) {
  if (verdict.kind == treaty::VerdictKind::Forbidden ||
      verdict.kind == treaty::VerdictKind::InvalidRequest) {
    return;
  }
  if (verdict.kind == treaty::VerdictKind::Permitted) verdict.kind = treaty::VerdictKind::Needs;
  verdict.needs.push_back(std::move(need));
}

// What was called back from a party does not go to it again.
void add_recall(treaty::Verdict& verdict, const std::string& recall, const std::string& from) {
  if (verdict.kind == treaty::VerdictKind::InvalidRequest) return;
  if (verdict.kind != treaty::VerdictKind::Forbidden) verdict.reasons.clear();
  verdict.kind = treaty::VerdictKind::Forbidden;
  verdict.basis.clear();
  verdict.needs.clear();
  verdict.reasons.push_back(
      {"recalled", "", "", "", fmt::format("recalled from {} by {}", from, recall)});
}

// What the store keeps of a record that says who is behind something and holds nothing else that
// keeps it back.
const std::string& only_says_who() {
  static const std::string doubts = json::write(json::Array{json::Value(attribution_mark)});
  return doubts;
}

bool says_who(const store::Record& record) {
  return record.doubts.find(attribution_mark) != std::string::npos;
}

}  // namespace

RecordQuestion question_of(const store::Record& record) {
  RecordQuestion question;
  question.classes = record.classes;
  question.area = record.area;
  question.purpose = record.purpose;
  question.tlp = record.tlp;
  question.chain = record.chain;
  question.attributes = says_who(record);
  const bool doubts = record.doubts != "[]" && record.doubts != only_says_who();
  question.doubtful = doubts && record.published.empty();
  question.quarantined = record.state == store::RecordState::Quarantined;
  return question;
}

RecordQuestion carrier_question(RecordQuestion carrier) {
  carrier.tlp.clear();
  carrier.chain.clear();
  carrier.consents.clear();
  carrier.recalled.clear();
  carrier.quarantined = false;
  carrier.copied = false;
  carrier.given_before.clear();
  return carrier;
}

RecordQuestion carried_question(const RecordQuestion& carrier, const RecordQuestion& carried) {
  auto question = carrier;
  question.tlp = carried.tlp;
  question.chain = carried.chain;
  question.doubtful = carrier.doubtful || carried.doubtful;
  question.attributes = carrier.attributes || carried.attributes;
  question.consents = carried.consents;
  question.recalled = carried.recalled;
  question.quarantined = carried.quarantined;
  return question;
}

std::string write_classes(const stix::Classes& classes, const treaty::Vocabulary& vocabulary) {
  std::vector<std::string> names;
  for (const auto& name : vocabulary.classes.values) {
    if (classes.names.contains(name)) names.push_back(name);
  }
  // A class outside the vocabulary is as good as unknown.
  if (classes.unknown || names.size() != classes.names.size()) names.emplace_back(unknown_class);
  return fmt::format("{}", fmt::join(names, ","));
}

std::vector<std::string> split_classes(const std::string& classes) {
  std::vector<std::string> out;
  std::string_view rest = classes;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string write_chain(const Chain& chain) {
  json::Array out;
  for (const auto& [instrument, originator, at] : chain) {
    json::Object hop;
    hop.set("instrument", instrument);
    hop.set("originator", originator);
    if (at) hop.set("received", format_rfc3339(*at, 6));
    out.push_back(std::move(hop));
  }
  return json::write(out);
}

Result<Chain> read_chain(const std::string& text) {
  TRY(const auto value, json::parse(text));
  if (value.array() == nullptr) return fail(ErrorKind::InvalidInput, "a chain is a list of hops");
  Chain chain;
  for (const auto& hop : *value.array()) {
    chain.push_back({std::string(hop.text("instrument")), std::string(hop.text("originator"))});
    auto& last = chain.back();
    if (last.instrument.empty() || last.originator.empty()) {
      return fail(ErrorKind::InvalidInput, "a hop needs instrument and originator");
    }
    if (hop.find("received") == nullptr) continue;
    TRY(last.at, parse_rfc3339(hop.text("received")));
  }
  return chain;
}

treaty::Request request_of(const AssertionQuestion& question, const std::string& from,
                           const std::string& to, Instant at) {
  treaty::Request request;
  request.from = from;
  request.to = to;
  request.action = "share";
  for (auto& name : split_classes(question.classes)) {
    if (name != unknown_class) request.info.push_back(std::move(name));
  }
  request.area = question.area;
  request.purpose = question.purpose;
  request.tlp = question.tlp;
  request.at = at;
  if (auto chain = read_chain(question.chain)) request.received_under = *std::move(chain);
  // Only who stands in the chain is asked about: another's answer says nothing here.
  for (const auto& [originator, answer] : question.consents) {
    const bool asked =
        std::any_of(request.received_under.begin(), request.received_under.end(),
                    [&who = originator](const auto& hop) { return hop.originator == who; });
    if (asked) request.facts.emplace_back(fmt::format("consent:{}:{}", originator, to), answer);
  }
  if (question.attributes) request.facts.emplace_back("attribution", "yes");
  return request;
}

bool waits_for_officers(const treaty::Verdict& verdict, const std::string& from) {
  const auto by_two = two_officers_of(from);
  return verdict.kind == treaty::VerdictKind::Needs && !verdict.needs.empty() &&
         std::all_of(verdict.needs.begin(), verdict.needs.end(),
                     [&](const auto& need) { return need.kind == "human" && need.from == by_two; });
}

bool may_go_at_discretion(const RecordQuestion& question, const treaty::Verdict& verdict) {
  if (verdict.kind != treaty::VerdictKind::NoBasis || question.chain != "[]" ||
      question.quarantined || question.copied || question.area == area_never_at_discretion ||
      question.tlp == "amber+strict" || question.tlp == "red") {
    return false;
  }
  const auto classes = split_classes(question.classes);
  const bool closed = std::any_of(classes.begin(), classes.end(), [](const std::string& name) {
    return std::find(never_at_discretion.begin(), never_at_discretion.end(), name) !=
           never_at_discretion.end();
  });
  // Two officers look, which is all that is asked for where a person has to.
  return !closed && std::all_of(verdict.needs.begin(), verdict.needs.end(),
                                [](const auto& need) { return need.kind == "human"; });
}

namespace {

treaty::Verdict decide_assertion(const treaty::CompiledRegister& law,
                                 const AssertionQuestion& question, const std::string& from,
                                 const std::string& to, Instant at) {
  const bool unknown = question.classes.ends_with(unknown_class);
  auto request = request_of(question, from, to, at);
  const bool came_without_basis = std::any_of(
      request.received_under.begin(), request.received_under.end(), [](const auto& hop) {
        return hop.instrument == national_discretion || hop.instrument == unsigned_submission;
      });
  treaty::Verdict verdict;
  if (request.info.empty()) {
    // Nothing to ask the treaties about: it travels with what names it, or not at all.
    verdict.kind = treaty::VerdictKind::Needs;
    verdict.register_digest = law.model().digest;
    if (!unknown) {
      verdict.needs.push_back(
          {"fact", "a record that names it: it is carried, never sent alone", from});
    }
  } else if (came_without_basis) {
    verdict.kind = treaty::VerdictKind::NoBasis;
    verdict.register_digest = law.model().digest;
  } else {
    verdict = treaty::decide(law, request);
  }
  if (unknown) add_need(verdict, {"fact", "class of the record", from});
  if (question.doubtful) {
    add_need(verdict, {"human",
                       "long free text, media or message bodies: say that it is published, "
                       "or have two officers look",
                       two_officers_of(from)});
  }
  if (!question.recalled.empty()) add_recall(verdict, question.recalled, to);
  if (question.quarantined) add_need(verdict, {"human", "the record is quarantined", from});
  return verdict;
}

}  // namespace

int strictness(treaty::VerdictKind kind) {
  switch (kind) {
    case treaty::VerdictKind::Permitted:
      return 0;
    case treaty::VerdictKind::Needs:
      return 1;
    case treaty::VerdictKind::NoBasis:
      return 2;
    case treaty::VerdictKind::Forbidden:
    case treaty::VerdictKind::InvalidRequest:
      return 3;
  }
  return 3;
}

treaty::Verdict decide_record(const treaty::CompiledRegister& law, const RecordQuestion& question,
                              const std::string& from, const std::string& to, Instant at) {
  auto verdict = decide_assertion(law, question, from, to, at);
  for (const auto& [digest, before] : question.given_before) {
    auto given = decide_assertion(law, before, from, to, at);
    if (strictness(given.kind) >
        std::max(strictness(verdict.kind), strictness(treaty::VerdictKind::Needs))) {
      std::swap(given, verdict);
    }
    if (given.kind == treaty::VerdictKind::Permitted) continue;
    for (auto& need : given.needs) {
      if (std::find(verdict.needs.begin(), verdict.needs.end(), need) == verdict.needs.end()) {
        add_need(verdict, std::move(need));
      }
    }
  }
  if (question.copied) {
    add_need(verdict,
             {"human",
              "what another gave before came in again as one's own: say that it is published, "
              "or have two officers look",
              two_officers_of(from)});
  }
  return verdict;
}

const treaty::Verdict& Decider::verdict(const RecordQuestion& question) {
  const auto known = known_.find(question);
  if (known != known_.end()) return known->second;
  return known_.emplace(question, decide_record(*law_, question, from_, to_, at_)).first->second;
}

}  // namespace comity::exchange
