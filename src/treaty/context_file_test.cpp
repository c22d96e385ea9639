// What a register says beside law: read whole, held to its form, and without any effect on a
// verdict.
#include "treaty/context_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/test_support.h"
#include "treaty/article_sheet.h"
#include "treaty/compiled.h"
#include "treaty/notice.h"
#include "treaty/test_model.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

const std::string soft_file = "instruments/global/soft-2015.toml";

const std::string head_keys = R"(aliases = ["The Accord"]
adopted = "2024-02"
adopted_provenance = "K:m"
in_force = 2024-06-01
in_force_provenance = "X"
entry_rule = "first-of-month-after-three-months"
area_claims = [{ areas = ["evidence"], by = "atlas", provenance = "K:l", note = "nothing read" }]
parent = "soft-2015"
predecessors = ["soft-2015"]
source_errors = [
  { source = "S", place = "footnote 24", says = "two", correct = "it is 3", provenance = "K:h" },
]
readings = [
  { of = "a4", says = "fellows are third parties", by = "atlas", provenance = "X", taken = true },
  { of = "a4", says = "fellows are free", by = "others", provenance = "X", taken = false },
]
)";

const std::string party_keys = R"(signed = 2024-03-01
consented = 2024-02-29
consent = "accession"
)";

const std::string bodies = R"([[body]]
id = "experts"
name = "Group of experts"
kind = "expert-group"
instrument = "soft-2015"
organisation = "UNION"
parties = ["XA", "XB"]
since = "2006"
provenance = "S"
)";

std::string norm(const char* id, const char* instrument, const char* number, const char* says) {
  return fmt::format(R"([[norm]]
id = "{}"
instrument = "{}"
number = "{}"
says = "{}"
provenance = "K:h"
number_provenance = "K:m"
)",
                     id, instrument, number, says);
}

const std::string norms = norm("n1", "soft-2015", "1", "Cooperate.") +
                          norm("r1", "xa-xb-2024", "1.1", "Cooperate.") +
                          norm("r2", "xa-xb-2024", "1.2", "Speak.") + R"(alone = "added later"
[[crosswalk]]
norm = "r1"
relation = "same"
other = "n1"
provenance = "K:h"
)";

const std::string measures = R"([[measure]]
id = "m1"
instrument = "soft-2015"
also_in = ["xa-xb-2024"]
number = "1"
says = "Name a point of contact."
kinds = ["contacts"]
areas = ["evidence"]
provenance = "F34"
)";

const std::string threats = R"(stix_types = ["malware", "incident"]
[rsit]
version = "1002"
provenance = "F39"
[rsit.classes]
malicious-code = ["c2-server"]
[[mapping]]
id = "crime"
says = "Crime."
intent = "Not proven here."
content = "none"
rsit = ["malicious-code:*", "malicious-code:c2-server"]
stix = ["malware"]
provenance = "F39"
[[threat]]
id = "s3"
list = "seed"
number = "S3"
says = "Criminal use."
mapping = "crime"
provenance = "S"
)";

std::string before(std::string text, const std::string& mark, const std::string& added) {
  const auto place = text.find(mark);
  EXPECT_NE(place, std::string::npos) << mark;
  return place == std::string::npos ? text : text.insert(place, added);
}

RegisterFiles full_register() {
  auto files = test::good_register();
  auto& text = files[test::treaty_file];
  text = before(text, "languages = ", head_keys);
  text = before(text, "until = ", party_keys);
  files["sources.toml"] = "[[source]]\nid = \"F34\"\nsays = \"A page.\"\n";
  files["bodies.toml"] = bodies;
  files["norms.toml"] = norms;
  files["measures.toml"] = measures;
  files["threats.toml"] = threats;
  return files;
}

std::string after_change(const std::string& file, const std::string& from, const std::string& to) {
  auto files = full_register();
  auto& text = files[file];
  const auto place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  if (place != std::string::npos) text.replace(place, from.size(), to);
  return test::problems_of(files);
}

std::shared_ptr<const Model> full_model() {
  const auto model = load_register(full_register(), std::nullopt);
  if (!model) {
    ADD_FAILURE() << as_error(model.error()).message;
    return std::make_shared<const Model>();
  }
  return *model;
}

TEST(Context, OfAnInstrumentIsRead) {
  const auto model = full_model();
  const auto& treaty = model->instruments.at(1);
  EXPECT_EQ(treaty.aliases, std::vector<std::string>{"The Accord"});
  EXPECT_EQ(treaty.adopted_on->written, "2024-02");
  EXPECT_EQ(treaty.adopted_on->provenance, "K:m");
  EXPECT_EQ(treaty.in_force_on->written, "2024-06-01");
  ASSERT_TRUE(treaty.entry_rule);
  EXPECT_EQ(treaty.entry_rule->event, EntryRule::Event::OwnConsent);
  EXPECT_EQ(treaty.entry_rule->wait.months, 3);
  EXPECT_TRUE(treaty.entry_rule->wait.first_of_month);
  ASSERT_EQ(treaty.area_claims.size(), 1U);
  EXPECT_EQ(model->vocabulary.areas.joined(treaty.area_claims[0].areas), "evidence");
  EXPECT_EQ(treaty.parent, "soft-2015");
  EXPECT_EQ(treaty.predecessors, std::vector<std::string>{"soft-2015"});
  EXPECT_EQ(model->instruments[0].successors, std::vector<std::string>{"xa-xb-2024"});
  ASSERT_EQ(treaty.source_errors.size(), 1U);
  EXPECT_EQ(treaty.source_errors[0].place, "footnote 24");
  ASSERT_EQ(treaty.readings.size(), 2U);
  EXPECT_TRUE(treaty.readings[0].taken);
  const auto& xa = *treaty.entry(*model->party("XA"));
  EXPECT_EQ(xa.signed_on->written, "2024-03-01");
  EXPECT_EQ(xa.consented_on->written, "2024-02-29");
  EXPECT_EQ(xa.consent, "accession");
}

TEST(Context, IsShownAsAClaim) {
  const auto model = full_model();
  const auto sheet = article_sheet(*model, model->instruments.at(1));
  for (const auto* part :
       {"UNVERIFIED CLAIM of atlas, no basis for anything: it is about evidence [K:l]; ",
        "[K:l]; nothing read\n", "adopted 2024-02 [K:m]\n", "under soft-2015\n",
        "follows soft-2015\n", "also called: The Accord\n",
        "mistake of source S, footnote 24: it says two; it is 3 [K:h]\n",
        "reading of a4 by atlas, taken here: fellows are third parties [X]\n",
        "signed 2024-03-01, accession 2024-02-29"}) {
    EXPECT_NE(sheet.find(part), std::string::npos) << part << "\n" << sheet;
  }
  EXPECT_NE(article_sheet(*model, model->instruments[0]).find("followed by xa-xb-2024"),
            std::string::npos);
}

TEST(Context, FilesBesideLawAreRead) {
  const auto model = full_model();
  const auto& context = model->context;
  ASSERT_EQ(context.sources.size(), 1U);
  EXPECT_EQ(context.sources[0].id, "F34");
  ASSERT_EQ(context.bodies.size(), 1U);
  EXPECT_EQ(context.bodies[0].parties, (std::vector<std::string>{"XA", "XB"}));
  EXPECT_EQ(context.bodies[0].since, "2006");
  ASSERT_EQ(context.norms.size(), 3U);
  ASSERT_EQ(context.crosswalk.size(), 1U);
  EXPECT_EQ(context.crosswalk[0].relation, "same");
  ASSERT_EQ(context.measures.size(), 1U);
  EXPECT_EQ(context.measures[0].also_in, std::vector<std::string>{"xa-xb-2024"});
  ASSERT_EQ(context.mappings.size(), 1U);
  EXPECT_EQ(context.mappings[0].rsit.size(), 2U);
  ASSERT_EQ(context.threats.size(), 1U);
  EXPECT_EQ(context.taxonomy_version, "1002");
}

TEST(Context, ChangesNoVerdict) {
  const auto plain = load_register(test::good_register(), std::nullopt);
  const auto full = full_model();
  ASSERT_TRUE(plain);
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    const CompiledRegister before_it(*plain, {}, mode);
    const CompiledRegister with_it(full, {}, mode);
    for (const auto* area : {"threat-information", "evidence", "content"}) {
      for (const auto* day :
           {"2024-02-10", "2024-03-15", "2024-06-01", "2024-06-15", "2029-12-31"}) {
        Request request;
        request.from = "XA";
        request.to = "XB";
        request.action = "share";
        request.info = {"indicator"};
        request.area = area;
        request.purpose = "warning";
        request.tlp = "green";
        request.at = test::instant(day);
        auto expected = decide(before_it, request);
        auto found = decide(with_it, request);
        expected.register_digest = found.register_digest;
        EXPECT_EQ(to_json(found), to_json(expected)) << area << " " << day;
      }
    }
  }
}

TEST(Context, MistakesInAnInstrumentAreNamed) {
  const auto& t = test::treaty_file;
  struct Bad {
    std::string from, to, part;
  };
  for (const auto& bad : std::vector<Bad>{
           {"adopted_provenance = \"K:m\"\n", "", "no 'adopted_provenance'"},
           {"adopted = \"2024-02\"\n", "", "'adopted_provenance' without 'adopted'"},
           {"\"first-of-month-after-three-months\"", "\"soon\"", "'entry_rule' is 'soon'"},
           {"consented = 2024-02-29", "consented = 2024-03-01",
            "2024-07-01, by the rule of entry into force"},
           {"consented = 2024-02-29\n", "", "no 'consented'"},
           {"consent = \"accession\"", "consent = \"wish\"", "one of ratification"},
           {"areas = [\"evidence\"]", "areas = [\"evidense\"]", "did you mean 'evidence'?"},
           {", by = \"atlas\", provenance = \"K:l\"", ", by = \"atlas\"", "no 'provenance'"},
           {"parent = \"soft-2015\"", "parent = \"soft-2016\"", "did you mean 'soft-2015'?"},
           {"parent = \"soft-2015\"", "parent = \"xa-xb-2024\"", "'parent' leads back"},
           {"predecessors = [\"soft-2015\"]", "predecessors = [\"xa-xb-2024\"]",
            "'predecessors' leads back"},
           {"says = \"two\", ", "", "no 'says'"},
           {"taken = true", "taken = false", "0 readings of 'a4' are taken"},
           {"taken = false", "taken = true", "2 readings of 'a4' are taken"},
       }) {
    EXPECT_NE(after_change(t, bad.from, bad.to).find(bad.part), std::string::npos)
        << bad.part << "\n"
        << after_change(t, bad.from, bad.to);
  }
}

TEST(Context, AChainOfParentsEnds) {
  auto files = full_register();
  files[soft_file] = before(files[soft_file], "addressees", "parent = \"xa-xb-2024\"\n");
  const auto found = test::problems_of(files);
  EXPECT_NE(found.find("xa-xb-2024.toml:1:1: 'parent' leads back to 'xa-xb-2024' itself"),
            std::string::npos)
      << found;
  EXPECT_NE(found.find("soft-2015.toml:1:1: 'parent' leads back"), std::string::npos) << found;
}

TEST(Context, MistakesInTheFilesBesideLawAreNamed) {
  struct Bad {
    std::string file, from, to, part;
  };
  for (const auto& bad : std::vector<Bad>{
           {"sources.toml", "F34", "F34 F35", "one mark of provenance"},
           {"sources.toml", "says", "told", "unknown key 'told'"},
           {"bodies.toml", "\"expert-group\"", "\"club\"", "one of organ"},
           {"bodies.toml", "\"UNION\"", "\"ONION\"", "did you mean 'UNION'?"},
           {"bodies.toml", "\"XB\"", "\"XQ\"", "'parties' is 'XQ'"},
           {"bodies.toml", "\"soft-2015\"", "\"soft-2051\"", "'instrument' is 'soft-2051'"},
           {"bodies.toml", "\"2006\"", "\"2006?\"", "'since' is"},
           {"bodies.toml", "\"2006\"", "\"2006-13\"", "'since' is"},
           {"bodies.toml", "provenance = \"S\"\n", "", "no 'provenance'"},
           {"norms.toml", "number = \"1.2\"", "number = \"1.1\"", "a second norm"},
           {"norms.toml", "alone = \"added later\"\n", "", "the norm 'r2' is in no crosswalk"},
           {"norms.toml", "norm = \"r1\"", "norm = \"r2\"", "'r2' is 'alone' and crossed"},
           {"norms.toml", "\"same\"", "\"like\"", "one of same, wider, narrower"},
           {"norms.toml", "other = \"n1\"", "other = \"r2\"", "are of one list"},
           {"norms.toml", "other = \"n1\"", "other = \"n9\"", "'other' is 'n9'"},
           {"norms.toml", "id = \"r2\"", "id = \"r1\"", "the norm 'r1' stands in norms.toml:"},
           {"measures.toml", "\"contacts\"", "\"contact\"", "did you mean 'contacts'?"},
           {"measures.toml", "[\"xa-xb-2024\"]", "[\"xa\"]", "'also_in' is 'xa'"},
           {"threats.toml", "malicious-code:*", "malicious:*", "class:type or class:*"},
           {"threats.toml", "malicious-code:c2-server", "malicious-code:c3", "class:type"},
           {"threats.toml", "malicious-code:c2-server", "malicious-code", "class:type"},
           {"threats.toml", "stix = [\"malware\"]", "stix = [\"malwares\"]", "'malware'?"},
           {"threats.toml", "mapping = \"crime\"", "mapping = \"crimes\"", "'crime'?"},
           {"threats.toml", "\"none\"", "\"some\"", "one of none, split, gated"},
       }) {
    EXPECT_NE(after_change(bad.file, bad.from, bad.to).find(bad.part), std::string::npos)
        << bad.part << "\n"
        << after_change(bad.file, bad.from, bad.to);
  }
}

TEST(Context, NationalLawOnlyDefines) {
  auto files = test::good_register();
  files["instruments/national/xa-law.toml"] =
      "[instrument]\nid = \"xa-law\"\ntitle.en = \"Law\"\nform = \"national-law\"\n"
      "category = \"national\"\nbinding = \"national\"\n"
      "level_claims = [{ level = \"national\", by = \"atlas\", source = \"S\" }]\n"
      "provenance = \"S\"\nverification = \"unverified\"\n[[clause]]\nid = \"a\"\n"
      "article = \"Art. 2\"\nstatus = \"unverified\"\nprovenance = \"S\"\nverb = \"define\"\n";
  EXPECT_EQ(test::problems_of(files), "");
  auto& text = files["instruments/national/xa-law.toml"];
  text = before(text, "verb = \"define\"", "note = \"x\"\naction = \"share\"\n");
  text.replace(text.find("\"define\""), 8, "\"advise\"");
  EXPECT_NE(test::problems_of(files).find("expected define"), std::string::npos)
      << test::problems_of(files);
}

TEST(Context, FirstOfTheMonthAfterThreeMonths) {
  for (const auto& [day, expected] :
       std::vector<std::pair<const char*, const char*>>{{"2023-12-15", "2024-04-01"},
                                                        {"2024-01-01", "2024-05-01"},
                                                        {"2024-01-31", "2024-05-01"},
                                                        {"2024-11-30", "2025-03-01"},
                                                        {"2024-08-31", "2024-12-01"},
                                                        {"2024-09-01", "2025-01-01"}}) {
    EXPECT_EQ(first_of_month_after(test::instant(day), 3), test::instant(expected)) << day;
  }
  EXPECT_EQ(first_of_month_after(test::instant("2024-12-31"), 0), test::instant("2025-01-01"));
}

}  // namespace
}  // namespace comity::treaty
