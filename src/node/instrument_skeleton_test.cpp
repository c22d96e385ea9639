// The minimum agreement: six answers make a file that is good and decides.
#include "node/instrument_skeleton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <random>
#include <set>

#include "base/test_source_dir.h"
#include "node/test_nodes.h"
#include "treaty/compiled.h"
#include "treaty/register.h"
#include "treaty/request.h"
#include "treaty/verdict.h"

namespace comity::node {
namespace {

using test::must;

const treaty::RegisterFiles& shipped_files() {
  static const auto files = must(treaty::read_register(comity::test::source_path("register")));
  return files;
}

const treaty::Model& law() {
  static const auto model = treaty::load_register(shipped_files(), std::nullopt);
  return **model;
}

NewInstrument good() {
  NewInstrument out;
  out.id = "xa-xb-2026";
  out.title = "Agreement of XA and XB";
  out.parties = {"XA", "XB"};
  return out;
}

// The shipped register with that agreement.
std::shared_ptr<const treaty::Model> with(const NewInstrument& instrument) {
  auto files = shipped_files();
  files[instrument_path(instrument)] = instrument_skeleton(instrument);
  const auto model = treaty::load_register(files, std::nullopt);
  if (!model) {
    ADD_FAILURE() << treaty::as_error(model.error()).text();
    return std::make_shared<const treaty::Model>();
  }
  return *model;
}

TEST(InstrumentSkeleton, LoadsAsItIs) {
  auto dated = good();
  dated.level = "regional";
  dated.signed_on = "2026-01-15";
  dated.in_force = "2026-02-01";
  for (const auto& answers : {good(), dated}) {
    const auto instrument = must(completed(answers));
    const auto model = with(instrument);
    const auto index = model->instrument("xa-xb-2026");
    ASSERT_TRUE(index.has_value());
    const auto& made = model->instruments[static_cast<std::size_t>(*index)];
    EXPECT_EQ(made.title, instrument.title);
    EXPECT_EQ(made.parties.size(), 2U);
    EXPECT_EQ(made.parties[0].in_force.has_value(), !instrument.in_force.empty());
    EXPECT_NE(made.clause("a1"), nullptr);
    EXPECT_NE(made.clause("a2"), nullptr);
  }
}

TEST(InstrumentSkeleton, WhatIsNotGivenIsFilledIn) {
  auto answers = good();
  answers.id.clear();
  answers.in_force = "2027-03-01";
  auto made = must(completed(answers));
  EXPECT_EQ(made.id, "xa-xb-2027");
  EXPECT_EQ(made.level, "bilateral");
  EXPECT_EQ(made.provenance, "X");
  EXPECT_EQ(made.areas, std::vector<std::string>{"threat-information"});
  answers.parties.emplace_back("XC");
  const auto refused = completed(answers);
  ASSERT_FALSE(refused.has_value()) << "three parties make no good id";
  EXPECT_NE(refused.error().message.find("an id is needed"), std::string::npos);
  answers.id = "x-2027";
  EXPECT_EQ(must(completed(answers)).level, "multilateral");
  EXPECT_EQ(left_open(good()).size(), 4U);
  answers.info = {"indicator"};
  answers.purposes = {"warning"};
  answers.provenance = "K:h";
  EXPECT_TRUE(left_open(answers).empty());
}

// Six answers, drawn at random: what was answered is permitted from that day on, both ways and
// nothing else; and for real only when it is verified.
TEST(InstrumentSkeleton, SixAnswersDecide) {
  const char* seed_text = std::getenv("COMITY_SEED");
  const auto seed = seed_text == nullptr ? 1UL : std::strtoul(seed_text, nullptr, 10);
  std::mt19937_64 random(seed);
  const auto& words = law().vocabulary;
  // Guards of the engine stand before these under any agreement.
  const std::set<std::string> guarded = {"content-data", "state-secret", "traffic-data",
                                         "subscriber-data"};
  std::vector<std::string> free;
  for (const auto& one : words.classes.values) {
    if (!guarded.contains(one)) free.push_back(one);
  }
  const auto some = [&](std::vector<std::string> of) {
    std::shuffle(of.begin(), of.end(), random);
    of.resize(random() % std::min<std::size_t>(of.size(), 4) + 1);
    return of;
  };
  const auto rounds = std::max<std::size_t>(5, 250 / comity::test::scale());
  for (std::size_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed, round));
    NewInstrument answers;
    answers.title = "Agreement of XC and XD";
    answers.parties = {"XC", "XD"};
    answers.in_force = "2026-02-01";
    answers.info = some(free);
    answers.purposes = some(words.purposes.values);
    answers.provenance = round % 2 == 0 ? "K:h" : "F1 K:m";
    ASSERT_TRUE(left_open(answers).empty());
    const auto made = must(completed(answers));
    must(check_answers(made, law()));
    const auto model = with(made);
    ASSERT_FALSE(model->instruments.empty());
    const treaty::CompiledRegister exercise(model, treaty::Verifications{}, treaty::Mode::Exercise);
    const treaty::CompiledRegister operational(model, treaty::Verifications{},
                                               treaty::Mode::Operational);
    const auto verdict = [](const treaty::CompiledRegister& compiled, const std::string& info,
                            const std::string& purpose, const char* day, bool back = false) {
      treaty::Request request;
      request.from = back ? "XD" : "XC";
      request.to = back ? "XC" : "XD";
      request.action = "share";
      request.info = {info};
      request.area = "threat-information";
      request.purpose = purpose;
      request.tlp = "green";
      request.at = *parse_day_or_instant(day);
      return treaty::decide(compiled, request).kind;
    };
    using Kind = treaty::VerdictKind;
    for (const auto& info : free) {
      const bool answered = std::find(made.info.begin(), made.info.end(), info) != made.info.end();
      const auto& purpose = made.purposes.front();
      EXPECT_EQ(verdict(exercise, info, purpose, "2026-02-01"),
                answered ? Kind::Permitted : Kind::NoBasis)
          << info;
      if (!answered) continue;
      EXPECT_EQ(verdict(exercise, info, purpose, "2026-02-01", true), Kind::Permitted) << info;
      EXPECT_EQ(verdict(exercise, info, purpose, "2026-01-31"), Kind::NoBasis) << info;
      EXPECT_EQ(verdict(operational, info, purpose, "2026-02-01"), Kind::Needs);
    }
    for (const auto& purpose : words.purposes.values) {
      const bool answered =
          std::find(made.purposes.begin(), made.purposes.end(), purpose) != made.purposes.end();
      EXPECT_EQ(verdict(exercise, made.info.front(), purpose, "2026-02-01"),
                answered ? Kind::Permitted : Kind::NoBasis)
          << purpose;
    }
  }
}

TEST(InstrumentSkeleton, WhatWouldBreakTheFileIsRefused) {
  const auto refused = [](const std::function<void(NewInstrument&)>& change, const char* part) {
    auto instrument = good();
    change(instrument);
    const auto made = completed(instrument);
    ASSERT_FALSE(made.has_value()) << part;
    EXPECT_EQ(made.error().kind, ErrorKind::InvalidInput);
    EXPECT_NE(made.error().message.find(part), std::string::npos) << made.error().message;
  };
  refused([](NewInstrument& one) { one.id = ""; }, "an id is needed");
  refused([](NewInstrument& one) { one.id = "XA XB"; }, "the id 'XA XB'");
  refused([](NewInstrument& one) { one.id = "../xa"; }, "the id '../xa'");
  refused([](NewInstrument& one) { one.title = "a\"b"; }, "--title");
  refused([](NewInstrument& one) { one.title = ""; }, "--title");
  refused([](NewInstrument& one) { one.title = std::string(301, 'x'); }, "1 to 300 bytes");
  refused([](NewInstrument& one) { one.parties = {"XA"}; }, "give --party twice");
  refused([](NewInstrument& one) { one.parties = {"XA", "XA"}; }, "'XA' twice");
  refused([](NewInstrument& one) { one.parties = {"XA", "X\"B"}; }, "--party");
  refused([](NewInstrument& one) { one.signed_on = "2026"; }, "--signed");
  refused([](NewInstrument& one) { one.in_force = "soon"; }, "--in-force 'soon' is no day");
  refused([](NewInstrument& one) { one.in_force = "2026-02-30"; }, "--in-force");
  refused([](NewInstrument& one) { one.level = "\n"; }, "--level");
  refused([](NewInstrument& one) { one.provenance = "hearsay"; }, "--provenance 'hearsay'");
  refused([](NewInstrument& one) { one.info = {"a\nb"}; }, "--info");
  refused([](NewInstrument& one) { one.info = {"indicator", "indicator"}; }, "twice");
  refused([](NewInstrument& one) { one.purposes.assign(65, "x"); }, "at most 64 values");
  refused([](NewInstrument& one) { one.article = "Art. \"1\""; }, "--article");
}

TEST(InstrumentSkeleton, WhatTheRegisterDoesNotKnowIsNamedByItsFlag) {
  const auto refused = [](const std::function<void(NewInstrument&)>& change, const char* part,
                          ErrorKind kind = ErrorKind::InvalidInput) {
    auto instrument = must(completed(good()));
    change(instrument);
    const auto known = check_answers(instrument, law());
    ASSERT_FALSE(known.has_value()) << part;
    EXPECT_EQ(known.error().kind, kind);
    EXPECT_NE(known.error().message.find(part), std::string::npos) << known.error().message;
  };
  must(check_answers(must(completed(good())), law()));
  refused([](NewInstrument& one) { one.parties = {"XA", "QQ"}; }, "--party 'QQ' is not in");
  refused([](NewInstrument& one) { one.info = {"indicater"}; }, "did you mean 'indicator'?");
  refused([](NewInstrument& one) { one.purposes = {"fun"}; }, "--purpose 'fun' is not in");
  refused([](NewInstrument& one) { one.areas = {"mars"}; }, "--area 'mars' is not in");
  refused([](NewInstrument& one) { one.level = "bilatral"; }, "did you mean 'bilateral'?");
  refused([](NewInstrument& one) { one.id = "xa-xb-2024"; }, "holds 'xa-xb-2024' already",
          ErrorKind::Conflict);
}

}  // namespace
}  // namespace comity::node
