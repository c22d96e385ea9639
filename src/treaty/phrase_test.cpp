#include "treaty/phrase.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <set>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "json/parse.h"
#include "json/write.h"
#include "treaty/article_sheet.h"
#include "treaty/compiled.h"
#include "treaty/notice.h"
#include "treaty/phrases.h"
#include "treaty/reference.h"
#include "treaty/register.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

using comity::test::must;

// How deep a page words phrases that stand in one another.
constexpr int depth_max = 8;
constexpr std::uint64_t worlds = 150;
constexpr std::uint64_t questions_per_world = 40;

std::shared_ptr<const Model> shipped(const std::optional<std::string>& exercise) {
  auto loaded = load_register(must(read_register(comity::test::source_path("register"))), exercise);
  if (!loaded) ADD_FAILURE() << as_error(loaded.error()).message;
  CHECK(loaded);
  return *loaded;
}

// The names that a text of a catalogue asks for: what stands behind an opening brace.
std::set<std::string> placeholders(std::string_view text) {
  std::set<std::string> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') continue;
    auto end = i + 1;
    while (end < text.size() &&
           (std::islower(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) {
      ++end;
    }
    if (end > i + 1 && end < text.size() && (text[end] == ',' || text[end] == '}')) {
      out.emplace(text.substr(i + 1, end - i - 1));
    }
  }
  return out;
}

const std::map<std::string, std::set<std::string>>& catalogue() {
  static const auto value = [] {
    std::map<std::string, std::set<std::string>> out;
    const auto text =
        must(read_file(comity::test::source_path("register/messages/en.json"), 1 << 22));
    const auto parsed = must(json::parse(text));
    for (const auto& [key, entry] : *parsed.object()) out[key] = placeholders(entry.text("text"));
    return out;
  }();
  return value;
}

// Words that a test's register has and ours has not.
bool of_a_test(const std::string& key) {
  const auto group = key.substr(0, key.find('.'));
  return group == "party" || group == "arrangement" || group == "fact";
}

void check_known(const json::Value& value, int depth = 0) {
  if (const auto* list = value.find("list"); list != nullptr) {
    EXPECT_TRUE(value.text("list") == "and" || value.text("list") == "or");
    for (const auto& item : *value.find("items")->array()) check_known(item, depth);
    return;
  }
  if (value.object() == nullptr) {
    EXPECT_TRUE(value.string() != nullptr || value.integer() != nullptr) << json::write(value);
    return;
  }
  EXPECT_LT(depth, depth_max) << json::write(value);
  const std::string key(value.text("key"));
  std::set<std::string> given;
  if (const auto* args = value.find("args")) {
    EXPECT_FALSE(args->object()->empty());
    for (const auto& [name, arg] : *args->object()) {
      given.insert(name);
      check_known(arg, depth + 1);
    }
  }
  const auto known = catalogue().find(key);
  if (known == catalogue().end()) {
    EXPECT_TRUE(of_a_test(key)) << key << " stands in no catalogue";
  } else {
    EXPECT_EQ(known->second, given) << key;
  }
}

// ---- sentences ---------------------------------------------------------------------------------

// The sentence as it was written before there were phrases, from the row alone.
std::string side_text(const Model& model, const Side& side, const char* unnamed) {
  std::string out = unnamed;
  if (side.kind == SideKind::ThirdParties) out = "third parties";
  if (side.kind == SideKind::Listed) {
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < model.parties.size(); ++i) {
      if (side.listed.test(i)) codes.push_back(model.parties[i].code);
    }
    out = fmt::format("{}", fmt::join(codes, ", "));
  }
  if (side.designated) out += " (its designated body)";
  if (side.roles != 0) out += " as " + model.vocabulary.roles.joined(side.roles, " or ");
  return out;
}

std::string deed_text(std::size_t action, const std::string& what, const std::string& whom) {
  const std::vector<std::string> texts = {
      "share " + what + " with " + whom,
      "pass " + what + " on to " + whom,
      "use " + what + " of " + whom,
      "make requests to " + whom,
      "assist " + whom,
      "mitigate harm to " + whom,
      "preserve " + what + " for " + whom,
      "disclose " + what + " to " + whom,
      "notify " + what + " to " + whom,
      "consult " + whom,
      "ping " + whom,
      "report " + what + " to " + whom,
      "refuse " + whom,
      "withdraw from " + whom,
  };
  return texts.at(action);
}

// What a clause says of its end, of parties that accede later, of refusal and of rival readings.
std::string later_text(const Model& model, const Clause& clause) {
  std::string out;
  if (clause.survives) {
    out += *clause.survives ? "; also after the instrument has ended for a party"
                            : "; this ends with the instrument";
  }
  if (clause.history == History::All) {
    out += "; whoever accedes later is no third party for what came before";
  }
  if (clause.history == History::FromAccession) {
    out += "; whoever accedes later is a third party for what came before";
  }
  if (clause.grounds != 0) {
    out += "; on the ground of " + model.vocabulary.refusal_grounds.joined(clause.grounds, " or ");
  }
  if (!clause.reading_of.empty()) {
    out += fmt::format("; this is how {} reads {}; the stricter reading counts", clause.reading_by,
                       clause.reading_of);
  }
  return out;
}

std::string sentence_text(const Model& model, const Instrument& instrument, const Clause& clause) {
  if (clause.verb == Verb::Define) return clause.article + " defines a term or principle.";
  const std::map<Verb, std::string> modals = {{Verb::Permit, "may"},
                                              {Verb::Forbid, "shall not"},
                                              {Verb::Require, "shall"},
                                              {Verb::Empower, "is empowered to"},
                                              {Verb::Advise, "is advised to"}};
  const auto& words = model.vocabulary;
  const auto whom = side_text(model, clause.to, "another party");
  const auto what = clause.info == 0 ? "information" : words.classes.joined(clause.info, ", ");
  std::vector<std::string> deeds;
  for (std::size_t i = 0; i < words.actions.values.size(); ++i) {
    if ((clause.actions & bit(static_cast<int>(i))) != 0) deeds.push_back(deed_text(i, what, whom));
  }
  const bool binding = instrument.binding == Binding::Binding;
  auto out = fmt::format("{}: {} {} {}", clause.article,
                         side_text(model, clause.from, binding ? "a party" : "a state"),
                         modals.at(clause.verb), fmt::join(deeds, " or "));
  if (clause.purposes != 0) out += " for " + words.purposes.joined(clause.purposes, ", ");
  if (clause.areas != 0) out += " in " + words.areas.joined(clause.areas, ", ");
  const auto naming = test::bits(words.actions, "share onward use preserve disclose notify report");
  if (clause.info != 0 && (clause.actions & naming) == 0) {
    out += "; about " + words.classes.joined(clause.info, ", ");
  }
  for (const auto& need : clause.needs) {
    out += "; needs ";
    out += need.kind == Need::Kind::Arrangement ? "an arrangement on " + need.name : need.name;
  }
  if (clause.handling_max != Tlp::None) {
    out += std::string("; up to TLP:") + name(clause.handling_max);
  }
  if (clause.when) out += "; when " + words.facts.at(static_cast<std::size_t>(*clause.when)).id;
  if (clause.except_consent) out += "; unless the originator has consented in writing";
  if (clause.verb == Verb::Forbid && clause.scope == Scope::Origin) {
    out += "; this sticks to every record received under the instrument";
  }
  if (clause.verb == Verb::Forbid && clause.scope == Scope::Always) {
    out += "; this holds whatever the basis";
  }
  if (clause.verb == Verb::Require && clause.on != 0) {
    out += "; this duty arises with " + words.actions.joined(clause.on, " or ");
  }
  if (clause.within_days) {
    out += fmt::format("; within {} days of entry into force", *clause.within_days);
  }
  const auto duration = [](const Wait& wait) {
    return wait.months != 0 ? fmt::format("{} months", wait.months)
                            : fmt::format("{} days", wait.days);
  };
  if (clause.every) out += "; every " + duration(*clause.every);
  if (clause.at_least) out += "; for at least " + duration(*clause.at_least);
  out += later_text(model, clause);
  if (!clause.via.empty()) out += "; via " + clause.via;
  if (!clause.see.empty()) out += fmt::format("; see {}", fmt::join(clause.see, ", "));
  return out + ".";
}

void check_sentences(const Model& model) {
  for (const auto& instrument : model.instruments) {
    for (const auto& clause : instrument.clauses) {
      EXPECT_EQ(sentence(model, instrument, clause), sentence_text(model, instrument, clause));
      check_known(to_json(sentence_phrase(model, instrument, clause)));
    }
  }
}

TEST(Phrases, SentencesSayWhatTheyAlwaysSaid) {
  check_sentences(*shipped(std::nullopt));
  check_sentences(*shipped("demo"));
  for (std::uint64_t seed = 0; seed < worlds; ++seed) check_sentences(test::random_model(seed));
}

TEST(Phrases, EveryDimensionOfAClauseStandsInItsSentence) {
  test::TestRegister build({"CN", "RU"});
  auto& paper = build.instrument("paper-1");
  build.entries(paper, {"CN", "RU"});
  auto& clause = build.clause(paper, "c1", Verb::Forbid, "share onward", "indicator vulnerability",
                              "crime", "warning");
  clause.from = build.listed({"CN"});
  clause.from.designated = true;
  clause.from.roles = test::bits(build.model().vocabulary.roles, "mfa judicial");
  clause.to = build.third_parties();
  clause.needs = {build.need("arrangement:format"), build.need("four-eyes"),
                  build.need("rights-record"), build.need("urgent")};
  clause.handling_max = Tlp::Green;
  clause.when = build.fact("court-order");
  clause.except_consent = true;
  clause.scope = Scope::Origin;
  clause.within_days = 60;
  clause.every = *notice_from_text("P6M");
  clause.at_least = *notice_from_text("P60D");
  clause.via = "depositary";
  clause.see = {"paper-2", "paper-3"};
  EXPECT_EQ(sentence(build.model(), paper, clause),
            "Art. 1: CN (its designated body) as mfa or judicial shall not share indicator, "
            "vulnerability with third parties or pass indicator, vulnerability on to third parties "
            "for warning in crime; needs an arrangement on format; needs four-eyes; needs "
            "rights-record; needs urgent; up to TLP:green; when court-order; unless the originator "
            "has consented in writing; this sticks to every record received under the instrument; "
            "within 60 days of entry into force; every 6 months; for at least 60 days; via "
            "depositary; see paper-2, paper-3.");
  check_known(to_json(sentence_phrase(build.model(), paper, clause)));
}

TEST(Phrases, AreWrittenAsTheContractHasThem) {
  EXPECT_EQ(json::write(to_json(word_phrase("class", "indicator"))),
            R"({"key":"class.indicator"})");
  EXPECT_EQ(json::write(to_json(phrase("k", {{"n", 2}, {"s", "x"}}))),
            R"({"key":"k","args":{"n":2,"s":"x"}})");
  const auto words = test::vocabulary();
  EXPECT_EQ(
      json::write(words_value("role", words.roles, test::bits(words.roles, "mfa research"), "or")),
      R"({"list":"or","items":[{"key":"role.mfa"},{"key":"role.research"}]})");
}

// ---- verdicts ----------------------------------------------------------------------------------

// Puts a phrase of a verdict back into the words of phrases.cpp, so that nothing can be lost or
// exchanged on the way.
const std::map<std::string, std::string> words_back = {
    {"need.consent-clause", "{originator} to {recipient}: {instrument} {clause} ({article})"},
    {"need.consent-tlp", "{originator} to {recipient}: tlp {tlp}, passed on"},
    {"need.arrangement", "{kind} under {instrument} ({article})"},
    {"need.party-status", "party-status of {party} in {instrument}"},
    {"need.in-force", "in-force of {party} in {instrument}"},
    {"need.designation", "designation of {party} under {instrument}"},
    {"need.role", "role of {party} under {instrument}"},
    {"need.handling", "handling"},
    {"need.fact", "{fact}"},
    {"need.carrier", "a record that names it: it is carried, never sent alone"},
    {"need.class", "class of the record"},
    {"need.time", "time: {why}"},
    {"need.named-record", "leave for {record}, which it names"},
    {"need.verification", "{instrument} {clause} ({article})"},
    {"need.rights-record", "complete rights-record"},
    {"need.human-clause", "{condition} under {instrument} {clause} ({article})"},
    {"need.human-red", "tlp red is released by hand only"},
    {"need.human-content", "content is released by two officers only"},
    {"need.human-attribution", "an attribution is released by two officers only"},
    {"need.received-at", "received-at of {party} under {instrument}"},
    {"need.refusal-ground", "refusal-ground"},
    {"need.human-doubtful",
     "long free text, media or message bodies: say that it is published, or have two officers "
     "look"},
    {"need.human-copied",
     "what another gave before came in again as one's own: say that it is published, "
     "or have two officers look"},
    {"need.human-quarantined", "the record is quarantined"},
    {"need.other", "{text}"},
    {"from.two-officers", "two officers of {party}"},
    {"from.two-legal-advisers", "two legal advisers of {party}"},
    {"from.parties", "{parties}"},
    {"from.other", "{text}"},
    {"matter.actions", "{actions}"},
    {"matter.of", "{matter} of {classes}"},
    {"matter.in", "{matter} in {areas}"},
    {"matter.for", "{matter} for {purposes}"},
    {"reason.forbidden", "forbidden under this instrument: {matter}"},
    {"reason.origin-forbids", "forbidden for records received under this instrument: {matter}"},
    {"reason.refused-clause", "the originator refused consent for this recipient: {matter}"},
    {"reason.refused", "{originator} refused consent for {recipient}"},
    {"reason.tlp-role", "tlp {tlp}: not to private owners or research bodies"},
    {"reason.tlp-onward", "tlp {tlp}: not passed on beyond the body that received it"},
    {"reason.secrecy-guard", "state secrets do not move through this software"},
    {"reason.evidence-guard",
     "traffic and subscriber data move only in the area evidence and under a court order"},
    {"reason.content-gate", "content moves only with a rights-record; there is none"},
    {"reason.overlay-forbids", "forbidden by the national overlay of {party}: {matter}"},
    {"reason.overlay-lacks", "the national overlay of {party} demands {fact}"},
    {"reason.class-not-covered", "no clause of this instrument covers {class}"},
    {"reason.reading", "by this reading the clause does not carry it, by another it does"},
    {"reason.suspended", "{party} has suspended this instrument since {since}"},
    {"reason.suspended-until",
     "{party} has suspended this instrument since {since}, until {until}"},
    {"reason.needs", "{need} (from {from})"},
    {"reason.recalled", "recalled from {party} by {recall}"},
    {"reason.other", "{text}"},
    {"advice.text", "{text}"},
    {"advice.see", "see {instrument}, outside this software"},
    {"assertion.no", "no {fact}"},
    {"assertion.text", "{text}"},
    {"assumed.weak-date", "date of {party} in {instrument} is K:l or partly known"},
    {"assumed.unverified", "{instrument} {clause} ({article}) is unverified and acts as read"},
    {"assumed.designation", "{party} is taken to have a designated body under {instrument}"},
    {"assumed.text", "{text}"},
};

std::string text_of(const json::Value& value) {
  if (value.string() != nullptr) return *value.string();
  if (value.find("list") != nullptr) {
    std::vector<std::string> texts;
    for (const auto& item : *value.find("items")->array()) texts.push_back(text_of(item));
    return fmt::format("{}", fmt::join(texts, ", "));
  }
  const std::string key(value.text("key"));
  const auto pattern = words_back.find(key);
  if (pattern == words_back.end()) {
    // A word of a vocabulary; an invalid question quotes its asker as it is.
    if (key.starts_with("invalid.")) return text_of(*value.find("args")->find("text"));
    EXPECT_EQ(value.find("args"), nullptr) << key;
    return key.substr(key.find('.') + 1);
  }
  auto out = pattern->second;
  if (const auto* args = value.find("args")) {
    for (const auto& [name, arg] : *args->object()) {
      const auto place = out.find("{" + name + "}");
      CHECK(place != std::string::npos);
      out.replace(place, name.size() + 2, text_of(arg));
    }
  }
  if (key == "from.parties") out.replace(out.find(", "), 2, " and ");
  return out;
}

void check_need(const NeedEntry& need, bool known = true) {
  const auto what = to_json(need_phrase(need)), from = to_json(from_phrase(need));
  EXPECT_EQ(text_of(what), need.what);
  EXPECT_EQ(text_of(from), need.from);
  EXPECT_EQ(what.text("key") != "need.other", known) << need.what;
  EXPECT_EQ(from.text("key") != "from.other", known) << need.from;
  check_known(what);
  check_known(from);
}

void check_reason(const Reason& reason, bool known = true) {
  const auto what = to_json(reason_phrase(reason));
  EXPECT_EQ(text_of(what), reason.what);
  EXPECT_EQ(what.text("key") != "reason.other", known) << reason.code << " " << reason.what;
  check_known(what);
}

// What a verdict can say of an engine, by key; a key that no test world gives is missing here.
void check_verdict(const Model& model, const Verdict& verdict, std::set<std::string>& keys) {
  for (const auto& need : verdict.needs) {
    check_need(need);
    keys.insert(need_phrase(need).key);
  }
  for (const auto& reason : verdict.reasons) {
    check_reason(reason);
    keys.insert(reason_phrase(reason).key);
  }
  for (const auto& duty : verdict.duties) {
    const auto said = duty_phrase(model, duty);
    EXPECT_NE(said.key, "duty.text");
    check_known(to_json(said));
  }
  for (const auto& advice : verdict.advice) {
    const auto said = to_json(advice_phrase(model, advice));
    EXPECT_EQ(text_of(said), advice.text);
    check_known(said);
    keys.emplace(said.text("key"));
  }
  for (const auto& assertion : verdict.asserts) {
    const auto said = to_json(assertion_phrase(assertion));
    EXPECT_EQ(text_of(said), assertion.what);
    EXPECT_EQ(said.text("key"), "assertion.no");
    check_known(said);
  }
  for (const auto& assumed : verdict.assumed) {
    const auto said = to_json(assumed_phrase(model, assumed));
    EXPECT_EQ(text_of(said), assumed.reason);
    EXPECT_EQ(said.text("key") == "assumed.text", model.assumption(assumed.id) != nullptr);
    check_known(said);
    keys.emplace(said.text("key"));
  }
}

TEST(Phrases, NothingOfAVerdictIsLost) {
  std::set<std::string> keys;
  for (std::uint64_t seed = 0; seed < worlds; ++seed) {
    const auto model = std::make_shared<const Model>(test::random_model(seed));
    const auto own = test::random_verifications(*model, seed);
    const auto mode = test::random_mode(seed);
    const CompiledRegister compiled(model, own, mode);
    for (std::uint64_t i = 0; i < questions_per_world; ++i) {
      const auto request = test::random_request(*model, seed * 1000 + i);
      check_verdict(*model, compiled.decide(request), keys);
      check_verdict(*model, decide_by_reference(*model, own, mode, request), keys);
    }
  }
  // The random worlds reach everything that an engine says.
  for (const auto& [key, text] : words_back) {
    const auto group = key.substr(0, key.find('.'));
    const bool of_engine = group == "need" || group == "reason" || group == "assumed";
    const std::set<std::string> of_exchange = {"need.carrier",        "need.class",
                                               "need.time",           "need.other",
                                               "need.human-doubtful", "need.human-quarantined",
                                               "need.human-copied",   "reason.other",
                                               "reason.recalled",     "need.named-record"};
    if (of_engine && !of_exchange.contains(key)) {
      EXPECT_TRUE(keys.contains(key)) << key;
    }
  }
}

TEST(Phrases, WhatTheExchangeAddsIsKnown) {
  for (const auto& need : std::vector<NeedEntry>{
           {"fact", "a record that names it: it is carried, never sent alone", "CN"},
           {"fact", "class of the record", "CN"},
           {"fact", "time: the clock of this machine went back by 1 h 0 min", "CN"},
           {"fact", "leave for identity--1c1f2b0e-7d3a-4c57-8b6a-0f1c7f3f3a01, which it names",
            "CN"},
           {"human",
            "long free text, media or message bodies: say that it is published, or have two "
            "officers look",
            "two officers of CN"},
           {"human", "the record is quarantined", "CN"}}) {
    check_need(need);
  }
  check_reason({"recalled", "", "", "", "recalled from RU by comity-recall--1"});
}

TEST(Phrases, QuestionsThatAreNoneAreKnown) {
  test::TestRegister build({"CN", "RU"});
  const auto compiled =
      CompiledRegister(std::make_shared<const Model>(build.model()), {}, Mode::Exercise);
  Request request;
  request.from = "CN";
  request.to = "CN";
  request.action = "block";
  request.info = {"secret"};
  request.area = "a";
  request.purpose = "p";
  request.tlp = "blue";
  request.from_roles = {"spy"};
  request.facts = {{"weather", "yes"}, {"weather", "no"}};
  request.received_under = {{"none", "CN"}};
  std::set<std::string> codes;
  const auto collect = [&] {
    const auto verdict = decide(compiled, request);
    EXPECT_EQ(verdict.kind, VerdictKind::InvalidRequest);
    for (const auto& reason : verdict.reasons) {
      check_reason(reason);
      codes.insert(reason.code);
    }
  };
  collect();
  request.from = "ZZ";
  request.action = "onward";
  request.info.clear();
  request.received_under.clear();
  collect();
  request.info.assign(request_words_max + 1, "indicator");
  collect();
  EXPECT_EQ(codes, (std::set<std::string>{"self", "unknown-action", "unknown-class", "unknown-area",
                                          "unknown-purpose", "unknown-tlp", "unknown-role",
                                          "unknown-fact", "repeated-fact", "unknown-instrument",
                                          "unknown-party", "empty-info", "no-chain", "too-long"}));
}

TEST(Phrases, UnknownTextStaysAsItIs) {
  for (const auto& need :
       std::vector<NeedEntry>{{"consent", "RU to BY", "the ministry of RU"},
                              {"consent", "RU to BY: tlp amber", ""},
                              {"consent", "RU to BY: something else", "a, b"},
                              {"arrangement", "format under paper", "CN and RU and BY"},
                              {"fact", "in-force of RU", "two officers of"},
                              {"fact", "two words", "two officers of the party"},
                              {"human", "four-eyes under paper", "two legal advisers of"},
                              {"rights-record", "another record", "two words"},
                              {"verification", "paper c1 Art. 1", "both sides"},
                              {"new-kind", "word", " and CN"}}) {
    check_need(need, false);
  }
  for (const auto& reason : std::vector<Reason>{
           {"forbidden", "", "", "", "forbidden"},
           {"forbidden", "", "", "", "forbidden under this instrument: a b"},
           {"forbidden", "", "", "", "forbidden under this instrument: share of in crime"},
           {"refused", "", "", "", "RU has refused"},
           {"tlp", "", "", "", "tlp amber: another rule"},
           {"suspended", "", "", "", "suspended"},
           {"class-not-covered", "", "", "", "two words"},
           {"reading", "", "", "", "as somebody reads it"},
           {"recalled", "", "", "", "recalled"},
           {"needs-fact", "", "", "", "urgent"},
           {"new-code", "", "", "", "urgent (from CN)"}}) {
    check_reason(reason, false);
  }
  test::TestRegister build({"CN", "RU"});
  build.assumption("unverified", "paper-1 c1 (Art. 1) is unverified and acts as read");
  EXPECT_EQ(assumed_phrase(build.model(), {"unverified", "anything"}).key, "assumed.text");
  EXPECT_EQ(assumed_phrase(build.model(), {"weak-date", "date of"}).key, "assumed.text");
  EXPECT_EQ(assertion_phrase({"two words", "", "", ""}).key, "assertion.text");
  EXPECT_EQ(duty_phrase(build.model(), {"paper-9", "c1", "Art. 1", "text", "", false}).key,
            "duty.text");
}

TEST(Phrases, AdviceIsReadByItsClause) {
  test::TestRegister build({"CN", "RU"});
  auto& paper = build.instrument("paper-1", "global", Binding::Soft);
  build.clause(paper, "c1", Verb::Advise, "share");
  build.clause(paper, "c2", Verb::Forbid, "share");
  const std::string text = "see paper-2, outside this software";
  EXPECT_EQ(advice_phrase(build.model(), {"paper-1", "c1", "Art. 1", text}).key, "advice.text");
  EXPECT_EQ(advice_phrase(build.model(), {"paper-1", "c2", "Art. 2", text}).key, "advice.see");
}

}  // namespace
}  // namespace comity::treaty
