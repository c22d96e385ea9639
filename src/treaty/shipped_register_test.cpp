// The register as shipped: complete against the source that it started from, and true to the rules
// that the form cannot hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/notice.h"
#include "treaty/register.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

const RegisterFiles& files() {
  static const auto value = [] {
    auto read = read_register(comity::test::source_path("register"));
    CHECK(read);
    return *read;
  }();
  return value;
}

const Model& shipped() {
  static const auto model = [] {
    auto loaded = load_register(files(), std::nullopt);
    if (!loaded) ADD_FAILURE() << as_error(loaded.error()).message;
    CHECK(loaded);
    return *loaded;
  }();
  return *model;
}

const Instrument& shipped_instrument(std::string_view id) {
  return shipped().instruments[static_cast<std::size_t>(*shipped().instrument(id))];
}

// What S. M. Boyko (2021) names, in its own words, and where it stands here.
struct Named {
  const char* name;
  const char* id;
};

const std::vector<Named> instruments_of_boyko_2021 = {
    {"Basic Principles of State Policy in the Field of International Information Security",
     "ru-osn-2021"},
    {"Federal Law No. 101-FZ on International Treaties", "ru-fz101"},
    {"Charter of the United Nations", "un-charter"},
    {"Agreement of Russia and China of May 8, 2015", "ru-cn-2015"},
    {"agreement with Belarus", "ru-by-2013"},
    {"agreement with Brazil", "ru-br-2010"},
    {"agreement with Cuba", "ru-cu-2014"},
    {"agreement with India", "ru-in-2016"},
    {"agreement with Indonesia, and decree No. 2984-r", "ru-id-2021"},
    {"agreement with Iran", "ru-ir-2021"},
    {"agreement with Kyrgyzstan", "ru-kg-2021"},
    {"agreement with Nicaragua", "ru-ni-2021"},
    {"agreement with Turkmenistan", "ru-tm-2019"},
    {"agreement with South Africa", "ru-za-2017"},
    {"agreement with Uzbekistan", "ru-uz-2020"},
    {"agreement with Vietnam", "ru-vn-2018"},
    {"Joint Statement of the Presidents of the United States and Russia of 17 June 2013",
     "us-ru-2013"},
    {"summit in Geneva, June 2021", "us-ru-2021-geneva"},
    {"Statement of the Heads of the SCO Member States of June 15, 2006", "sco-2006-st"},
    {"SCO agreement signed in Yekaterinburg on June 16, 2009", "sco-2009"},
    {"Resolution A/RES/73/27", "un-73-27"},
    {"Rules of Conduct, A/66/359", "sco-2011-code"},
    {"Rules of Conduct, A/69/723", "sco-2015-code"},
    {"2010 report of the Group of Governmental Experts", "un-65-201"},
    {"2013 report of the Group of Governmental Experts", "un-68-98"},
    {"2015 report of the Group of Governmental Experts", "un-70-174"},
    {"reports of the Open-Ended Working Group", "un-oewg1"},
    {"Statement of the Council of Heads of State of the SCO of November 10, 2020", "sco-2020-st"},
    {"BRICS Roadmap of Practical Cooperation", "brics-wg-ict"},
    {"XII BRICS Summit Moscow Declaration", "brics-2020-decl"},
    {"BRICS intergovernmental agreement (proposals)", "brics-iga-draft"},
    {"CSTO agreement of 30 November 2017", "csto-2017"},
    {"the relevant cooperation agreement of the CIS", "cis-2013"},
    {"Statement of ASEAN and Russia of November 14, 2018", "ru-asean-2018"},
    {"Resolution A/RES/75/240", "un-75-240"},
    {"Concept of the UN Convention on International Information Security", "ru-conc-iis"},
    {"UN Millennium Declaration", "un-millennium"},
    {"Resolution A/RES/74/247", "un-74-247"},
    {"Comprehensive Study of the Problem of Cybercrime (draft)", "unodc-study"},
    {"Draft UN Convention on Cooperation in Combating Information Crime, A/C.3/72/12",
     "un-c3-72-12"},
    {"UN Convention against Corruption", "un-uncac"},
    {"UN Convention against Transnational Organized Crime", "un-untoc"},
    {"Convention on Cybercrime (ETS No. 185)", "coe-185"},
    {"universal anti-terrorist conventions of the United Nations", "un-ct-conventions"},
    {"updated draft UN convention of July 2021", "ru-draft-2021"},
    {"concept of the safe operation and development of the internet", "ru-conc-net"},
    {"Tunis Agenda for the Information Society", "un-tunis"},
    {"outcome document on the World Summit, A/70/125", "un-70-125"},
    {"International Covenant on Civil and Political Rights", "un-iccpr"},
};

const std::vector<Named> bodies_of_boyko_2021 = {
    {"UN General Assembly", "un-general-assembly"},
    {"UN Secretary General", "un-secretary-general"},
    {"Group of Governmental Experts", "un-gge"},
    {"open-ended working group set up in 2019", "un-oewg-2019"},
    {"Open-Ended Working Group for 2021–2025", "un-oewg-2021"},
    {"ad hoc open-ended intergovernmental committee of experts", "un-ahc-cybercrime"},
    {"Open-Ended Intergovernmental Expert Group on cybercrime", "un-ieg-cybercrime"},
    {"World Summit on the Information Society", "wsis"},
    {"International Telecommunication Union", "itu-body"},
    {"UNODC", "unodc-body"},
    {"Council of Heads of State of the SCO", "sco-heads"},
    {"core group of experts of the SCO", "sco-expert-group"},
    {"BRICS", "brics"},
    {"BRICS working group of experts", "brics-working-group"},
    {"Collective Security Treaty Organization", "csto-body"},
    {"Commonwealth of Independent States", "cis-body"},
    {"ASEAN", "asean-body"},
    {"Council of Europe", "coe-body"},
    {"Security Council of the Russian Federation", "ru-security-council"},
    {"Ministry of Digital Development", "ru-digital-ministry"},
    {"international meeting of high representatives in charge of security issues",
     "high-representatives"},
    {"bilateral working group on threats to ICT", "us-ru-working-group"},
};

const std::vector<Named> initiatives_of_boyko_2021 = {
    {"BRICS Roadmap of Practical Cooperation", "brics-roadmap"},
    {"bilateral agreements between the BRICS nations", "brics-bilateral"},
    {"Russia–ASEAN dialogue on security issues", "ru-asean-dialogue"},
    {"dialogue with Singapore", "ru-sg-dialogue"},
    {"dialogue with Malaysia", "ru-my-dialogue"},
    {"commitment of Thailand to bilateral cooperation", "ru-th-cooperation"},
    {"commitment of Cambodia to bilateral cooperation", "ru-kh-cooperation"},
    {"dialogue with the United States", "ru-us-consultations"},
    {"dialogue with France", "ru-fr-consultations"},
    {"dialogue with Germany", "ru-de-consultations"},
    {"dialogue with the Netherlands", "ru-nl-consultations"},
    {"dialogue with South Korea", "ru-kr-consultations"},
    {"dialogue with Japan", "ru-jp-consultations"},
};

TEST(ShippedRegister, HoldsEveryInstrumentThatTheSourceNames) {
  for (const auto& [name, id] : instruments_of_boyko_2021) {
    EXPECT_TRUE(shipped().instrument(id)) << "missing: " << name << " (" << id << ")";
  }
}

TEST(ShippedRegister, HoldsEveryBodyAndInitiativeThatTheSourceNames) {
  std::set<std::string> ids;
  for (const auto& body : shipped().context.bodies) ids.insert(body.id);
  for (const auto* list : {&bodies_of_boyko_2021, &initiatives_of_boyko_2021}) {
    for (const auto& [name, id] : *list) {
      EXPECT_TRUE(ids.contains(id)) << "missing: " << name << " (" << id << ")";
    }
  }
}

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
}

TEST(ShippedRegister, EveryProvenanceHasItsSource) {
  std::set<std::string> known;
  for (const auto& source : shipped().context.sources) known.insert(source.id);
  for (const auto& [path, text] : files()) {
    for (std::size_t at = 0; (at = text.find("rovenance = \"", at)) != std::string::npos;) {
      at += std::string_view("rovenance = \"").size();
      const auto marks = text.substr(at, text.find('"', at) - at);
      for (std::size_t begin = 0; begin <= marks.size();) {
        const auto end = std::min(marks.find(' ', begin), marks.size());
        const auto mark = marks.substr(begin, end - begin);
        EXPECT_TRUE(known.contains(mark)) << path << ": " << mark << " is not in sources.toml";
        begin = end + 1;
      }
    }
  }
}

TEST(ShippedRegister, PartiesAreThoseOfTheUnitedNationsAndFew) {
  std::map<PartyKind, int> counts;
  for (const auto& party : shipped().parties) ++counts[party.kind];
  EXPECT_EQ(counts[PartyKind::State], 193);
  EXPECT_EQ(counts[PartyKind::Observer], 2);
  EXPECT_EQ(counts[PartyKind::Invented], 4);
  for (const auto& party : shipped().parties) {
    if (party.kind != PartyKind::Entity) continue;
    EXPECT_FALSE(party.is_state()) << party.code;
    EXPECT_NE(party.note, "") << party.code << " needs a note on its name";
  }
}

TEST(ShippedRegister, TheMonthRuleGivesEveryDayOfTheBudapestConvention) {
  const auto& convention = shipped_instrument("coe-185");
  ASSERT_TRUE(convention.enters_by_month_rule);
  const auto start = test::instant("2004-07-01");
  int parties = 0;
  for (const auto& entry : convention.parties) {
    if (entry.status != Membership::Party) continue;
    ++parties;
    ASSERT_TRUE(entry.consented_on && entry.in_force);
    EXPECT_EQ(std::max(first_of_month_after(entry.consented_on->earliest, 3), start),
              entry.in_force->earliest)
        << shipped().parties[static_cast<std::size_t>(entry.party)].code;
  }
  EXPECT_EQ(parties, 81);
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

}  // namespace
}  // namespace comity::treaty
