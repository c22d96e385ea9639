// The register as shipped: complete against the source that it started from, and true to the rules
// that the form cannot hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "treaty/register.h"
#include "treaty/test_shipped_register.h"

namespace comity::treaty {
namespace {

using test::shipped;
using test::shipped_instrument;

TEST(ShippedRegister, KnownMistakesOfTheSourceAreNoted) {
  const auto noted = [](const char* id, const char* place) {
    const auto& errors = shipped_instrument(id).source_errors;
    return std::any_of(errors.begin(), errors.end(), [&](const auto& one) {
      return one.source == "S" && one.place.find(place) != std::string::npos;
    });
  };
  EXPECT_TRUE(noted("un-75-240", "footnote 24"));
  EXPECT_TRUE(noted("un-tunis", "text"));
  EXPECT_TRUE(noted("un-tunis", "footnote 39"));
  EXPECT_TRUE(noted("sco-2011-code", "footnote 13"));
  EXPECT_TRUE(noted("sco-2015-code", "footnote 14"));
  EXPECT_TRUE(noted("ru-osn-2021", "footnote 2"));
}

TEST(ShippedRegister, EveryProvenanceHasItsSource) {
  std::set<std::string> known;
  for (const auto& source : shipped().context.sources) known.insert(source.id);
  for (const auto& [path, text] : test::shipped_files()) {
    for (const std::string_view key : {"rovenance = \"", " source = \""}) {
      for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos;) {
        at += key.size();
        for (const auto& mark : test::parts_of(text.substr(at, text.find('"', at) - at), ' ')) {
          EXPECT_TRUE(known.contains(mark)) << path << ": " << mark << " is not in sources.toml";
        }
      }
    }
  }
}

TEST(ShippedRegister, NormsAndMeasuresAreComplete) {
  const auto& context = shipped().context;
  std::map<std::string, int> norms, measures;
  for (const auto& norm : context.norms) ++norms[norm.instrument];
  EXPECT_EQ(norms, (std::map<std::string, int>{{"un-70-174", 11}, {"un-73-27", 13}}));
  int first_set = 0;
  for (const auto& measure : context.measures) {
    ++measures[measure.instrument];
    first_set += measure.also_in == std::vector<std::string>{"osce-1106"};
  }
  EXPECT_EQ(measures, (std::map<std::string, int>{{"osce-1202", 16}, {"un-cbm8", 8}}));
  EXPECT_EQ(first_set, 11);
}

TEST(ShippedRegister, WhatIsSpeechHasNoTechnicalObjectOfItsOwn) {
  const std::set<std::string> carriers = {"campaign", "infrastructure", "attack-pattern"};
  for (const auto& mapping : shipped().context.mappings) {
    if (mapping.content != "gated") continue;
    for (const auto& type : mapping.stix) {
      EXPECT_TRUE(carriers.contains(type)) << mapping.id << ": " << type;
    }
  }
  const auto gate = [](const char* threat) {
    const auto& context = shipped().context;
    const auto entry = std::find_if(context.threats.begin(), context.threats.end(),
                                    [&](const Threat& one) { return one.number == threat; });
    CHECK(entry != context.threats.end());
    return std::find_if(context.mappings.begin(), context.mappings.end(),
                        [&](const ThreatMapping& one) { return one.id == entry->mapping; })
        ->content;
  };
  for (const auto* threat : {"S5", "S6", "S7", "CR5", "CR6", "SCO5"}) {
    EXPECT_EQ(gate(threat), "gated") << threat;
  }
  EXPECT_EQ(shipped().context.threats.size(), 25U);
}

// A claim about areas is for readers: no clause may have grown out of it.
TEST(ShippedRegister, AgreementsThatNobodyReadHaveNoOperativeClause) {
  for (const auto* id : {"ru-cu-2014", "ru-za-2017", "ru-uz-2020", "ru-ir-2021", "ru-kg-2021",
                         "ru-ni-2021", "ru-id-2021", "ru-am-2022", "ru-zw-2023", "cis-2013",
                         "cis-2018", "csto-2014-prot", "au-malabo", "las-2010", "coe-224"}) {
    const auto& instrument = shipped_instrument(id);
    EXPECT_TRUE(instrument.clauses.empty()) << id;
    EXPECT_FALSE(instrument.area_claims.empty()) << id;
  }
}

// What acts rests on a text that somebody read, or on facts that say so: nowhere else.
TEST(ShippedRegister, OnlyTheseInstrumentsHaveOperativeClauses) {
  std::set<std::string> found;
  for (const auto& instrument : shipped().instruments) {
    for (const auto& clause : instrument.clauses) {
      EXPECT_NE(clause.says, "") << instrument.id << " " << clause.id;
      EXPECT_EQ(clause.status, "unverified") << instrument.id << " " << clause.id;
      if (clause.verb != Verb::Define && clause.verb != Verb::Advise) found.insert(instrument.id);
    }
  }
  EXPECT_EQ(found, (std::set<std::string>{"coe-185", "csto-2017", "ru-cn-2015", "ru-in-2016",
                                          "sco-2009", "xa-xb-2024"}));
}

}  // namespace
}  // namespace comity::treaty
