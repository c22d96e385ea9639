// Suspensions, denunciations, notices and statements of verification as files of a register.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/test_support.h"
#include "json/write.h"
#include "treaty/article_sheet.h"
#include "treaty/register.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

using test::good_register;

const std::string suspension_file = "suspensions/xa.toml";
const std::string denunciation_file = "denunciations/xb.toml";

const std::string suspension =
    "[[suspension]]\nid = \"s1\"\ninstrument = \"xa-xb-2024\"\nparty = \"XA\"\n"
    "from = 2026-11-24T12:00:00Z\nuntil = 2026-11-25T00:00:00Z\nprovenance = \"X\"\n";
const std::string denunciation =
    "[[denunciation]]\nid = \"d1\"\ninstrument = \"xa-xb-2024\"\nparty = \"XB\"\n"
    "notified = 2026-11-24T12:00:00Z\neffective = 2027-02-22T12:00:00Z\nprovenance = \"X\"\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto place = text.find(from);
  if (place == std::string::npos) {
    ADD_FAILURE() << "no '" << from << "' in the file";
    return text;
  }
  return text.replace(place, from.size(), to);
}

RegisterFiles changed_register() {
  auto files = good_register();
  files[test::treaty_file] = replaced(
      files[test::treaty_file], "languages",
      "denunciation_notice = \"P90D\"\ndenunciation_notice_provenance = \"F8\"\nlanguages");
  files[suspension_file] = suspension;
  files[denunciation_file] = denunciation;
  return files;
}

// The problems of the files, one line each; empty when they load.
std::string problems(const RegisterFiles& files,
                     const std::optional<std::string>& exercise = std::nullopt) {
  const auto model = load_register(files, exercise);
  return model ? "" : as_error(model.error()).message;
}

std::shared_ptr<const Model> loaded(const RegisterFiles& files) {
  const auto model = load_register(files, std::nullopt);
  if (!model) ADD_FAILURE() << as_error(model.error()).message;
  return model ? *model : std::make_shared<const Model>();
}

TEST(LawChange, SuspensionsDenunciationsAndNoticesAreRead) {
  const auto model = loaded(changed_register());
  ASSERT_EQ(model->suspensions.size(), 1U);
  const auto& one = model->suspensions[0];
  EXPECT_EQ(one.id, "s1");
  EXPECT_EQ(one.instrument, 1);
  EXPECT_EQ(one.party, 1);
  EXPECT_EQ(format_rfc3339(one.from), "2026-11-24T12:00:00Z");
  ASSERT_TRUE(one.until);
  EXPECT_EQ(format_rfc3339(*one.until), "2026-11-25T00:00:00Z");
  EXPECT_EQ(one.provenance, "X");
  EXPECT_FALSE(one.lasts({one.from.micros - 1}));
  EXPECT_TRUE(one.lasts(one.from));
  EXPECT_TRUE(one.lasts({one.until->micros - 1}));
  EXPECT_FALSE(one.lasts(*one.until));
  ASSERT_EQ(model->denunciations.size(), 1U);
  EXPECT_EQ(model->denunciations[0].id, "d1");
  EXPECT_EQ(model->denunciations[0].party, 2);
  EXPECT_EQ(format_rfc3339(model->denunciations[0].notified), "2026-11-24T12:00:00Z");
  EXPECT_EQ(format_rfc3339(model->denunciations[0].effective), "2027-02-22T12:00:00Z");
  const auto& notice = model->instruments[1].denunciation_notice;
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->days, 90);
  EXPECT_EQ(notice->provenance, "F8");
  EXPECT_FALSE(model->instruments[0].denunciation_notice);
}

TEST(LawChange, ASuspensionMayGoOnAndMicrosecondsAreKept) {
  auto files = changed_register();
  files[suspension_file] = replaced(replaced(suspension, "until = 2026-11-25T00:00:00Z\n", ""),
                                    "12:00:00Z", "12:00:00.000001+00:00");
  const auto model = loaded(files);
  ASSERT_EQ(model->suspensions.size(), 1U);
  EXPECT_FALSE(model->suspensions[0].until);
  EXPECT_EQ(model->suspensions[0].from.micros % 1'000'000, 1);
  EXPECT_TRUE(model->suspensions[0].lasts(*parse_rfc3339("2199-12-31T23:59:59Z")));
}

struct BadChange {
  std::string file, from, to, problem;
};

void expect_problem(const BadChange& bad) {
  SCOPED_TRACE(bad.to + " instead of " + bad.from);
  auto files = changed_register();
  files[bad.file] = replaced(files[bad.file], bad.from, bad.to);
  const auto text = problems(files);
  EXPECT_TRUE(text.starts_with(bad.file + ":" + bad.problem))
      << "expected " << bad.problem << "\nfound " << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST(LawChange, WhatIsWrongInASuspensionIsNamed) {
  const auto& s = suspension_file;
  for (const auto& bad : std::vector<BadChange>{
           {s, "[[suspension]]", "[[suspensions]]", "1:3: unknown key 'suspensions' in the file"},
           {s,
            "party = ", "partei = \"XA\"\nparty = ", "4:1: unknown key 'partei' in [[suspension]]"},
           {s, "id = \"s1\"\n", "", "1:1: [[suspension]] has no 'id'"},
           {s, "id = \"s1\"", "id = \"S1\"", "2:6: 'id' is 'S1'; expected kebab-case"},
           {s, "from = 2026-11-24T12:00:00Z\n", "", "1:1: [[suspension]] has no 'from'"},
           {s, "provenance = \"X\"\n", "", "1:1: [[suspension]] has no 'provenance'"},
           {s, "party = \"XA\"\n", "", "1:1: [[suspension]] has no 'party'"},
           {s, "instrument = \"xa-xb-2024\"\n", "", "1:1: [[suspension]] has no 'instrument'"},
           {s, "xa-xb-2024", "xa-xb-2023",
            "3:14: 'instrument' is 'xa-xb-2023'; expected the id of an instrument of this "
            "register; "
            "did you mean 'xa-xb-2024'?"},
           {s, "xa-xb-2024", "soft-2015",
            "3:14: 'soft-2015' is soft; expected a binding instrument"},
           {s, "\"XA\"", "\"XQ\"", "4:9: 'party' is 'XQ'; expected one of "},
           {s, "\"XA\"", "\"XC\"", "4:9: XC is no party of xa-xb-2024; expected one of XA, XB"},
           {s, "2026-11-24T12:00:00Z", "2026-11-24",
            "5:8: 'from' is the date 2026-11-24; expected an instant of UTC without quotes"},
           {s, "2026-11-24T12:00:00Z", "\"2026-11-24T12:00:00Z\"",
            "5:8: 'from' is the string '2026-11-24T12:00:00Z'; expected an instant of UTC"},
           {s, "2026-11-24T12:00:00Z", "2026-11-24T12:00:00",
            "5:8: 'from' is a time of day, or one of another zone than UTC; expected an instant"},
           {s, "2026-11-24T12:00:00Z", "2026-11-24T12:00:00+01:00",
            "5:8: 'from' is a time of day, or one of another zone than UTC; expected an instant"},
           {s, "2026-11-24T12:00:00Z", "2026-11-24T12:00:00.0000001Z",
            "5:8: 'from' is a time of day, or one of another zone than UTC; expected an instant"},
           {s, "2026-11-24T12:00:00Z", "1799-12-31T23:59:59Z",
            "5:8: 'from' is in the year 1799; expected a year from 1800 to 2199"},
           {s, "2026-11-25T00:00:00Z", "2200-01-01T00:00:00Z", "6:9: 'until' is in the year 2200"},
           {s, "2026-11-25T00:00:00Z", "2026-11-24T12:00:00Z",
            "6:9: 'until' is 2026-11-24T12:00:00Z, 'from' is 2026-11-24T12:00:00Z; expected an "
            "instant after 'from'"},
           {s, "2026-11-25T00:00:00Z", "2026-11-24T11:59:59.999999Z",
            "6:9: 'until' is 2026-11-24T11:59:59.999999Z, 'from' is"},
       }) {
    expect_problem(bad);
  }
  auto files = changed_register();
  files[suspension_file] = replaced(suspension, "25T00:00:00Z", "24T12:00:00.000001Z");
  EXPECT_EQ(problems(files), "") << "one microsecond is a suspension";
}

std::string second_suspension(const std::string& party, const std::string& times) {
  return "[[suspension]]\nid = \"s2\"\ninstrument = \"xa-xb-2024\"\nparty = \"" + party + "\"\n" +
         times + "provenance = \"X\"\n";
}

TEST(LawChange, SuspensionsOfOnePartyDoNotOverlap) {
  const auto with = [](const std::string& party, const std::string& times) {
    auto files = changed_register();
    files["suspensions/xb.toml"] = second_suspension(party, times);
    return problems(files);
  };
  for (const std::string times :
       {"from = 2026-11-24T12:00:00Z\n", "from = 2026-11-24T23:59:59.999999Z\n",
        "from = 2026-01-01T00:00:00Z\n",
        "from = 2026-01-01T00:00:00Z\nuntil = 2026-11-24T12:00:00.000001Z\n",
        "from = 2026-11-24T13:00:00Z\nuntil = 2026-11-24T14:00:00Z\n",
        "from = 2026-01-01T00:00:00Z\nuntil = 2027-01-01T00:00:00Z\n"}) {
    EXPECT_EQ(with("XA", times),
              "suspensions/xb.toml:1:1: it overlaps the suspension 's1' in suspensions/xa.toml:1; "
              "expected one suspension of a party at a time, the earlier one with its 'until'")
        << times;
    EXPECT_EQ(with("XB", times), "") << times;
  }
  for (const std::string times : {"from = 2026-11-25T00:00:00Z\n",
                                  "from = 2026-01-01T00:00:00Z\nuntil = 2026-11-24T12:00:00Z\n"}) {
    EXPECT_EQ(with("XA", times), "") << times;
  }
  auto files = changed_register();
  files["suspensions/xb.toml"] =
      replaced(second_suspension("XB", "from = 2026-11-25T00:00:00Z\n"), "s2", "s1");
  EXPECT_EQ(problems(files),
            "suspensions/xb.toml:2:6: the suspension 's1' stands in suspensions/xa.toml:1 already; "
            "expected each id once");
}

TEST(LawChange, WhatIsWrongInADenunciationIsNamed) {
  const auto& d = denunciation_file;
  for (const auto& bad : std::vector<BadChange>{
           {d, "notified = 2026-11-24T12:00:00Z\n", "", "1:1: [[denunciation]] has no 'notified'"},
           {d, "effective = 2027-02-22T12:00:00Z\n", "",
            "1:1: [[denunciation]] has no 'effective'"},
           {d, "provenance", "until = 2028-01-01T00:00:00Z\nprovenance",
            "7:1: unknown key 'until' in [[denunciation]]"},
           {d, "2026-11-24T12:00:00Z", "12:00:00", "5:12: 'notified' is a time of day"},
           {d, "\"XB\"", "\"XC\"", "4:9: XC is no party of xa-xb-2024"},
           {d, "2027-02-22T12:00:00Z", "2027-02-22T11:59:59.999999Z",
            "6:13: 'effective' is 2027-02-22T11:59:59.999999Z, before the notice of P90D has run "
            "out; expected 2027-02-22T12:00:00Z or later"},
           {d, "2027-02-22T12:00:00Z", "2026-11-24T11:59:59Z",
            "6:13: 'effective' is 2026-11-24T11:59:59Z, before 'notified'; expected an instant"},
       }) {
    expect_problem(bad);
  }
  auto files = changed_register();
  files[denunciation_file] = replaced(denunciation, "2027-02-22T12", "2030-01-01T00");
  EXPECT_EQ(problems(files), "") << "a longer notice may be given";
  files[denunciation_file] = denunciation + replaced(denunciation, "\"d1\"", "\"d2\"");
  EXPECT_EQ(problems(files),
            "denunciations/xb.toml:8:1: this party denounced the instrument in "
            "denunciations/xb.toml:1 already; expected one denunciation of a party and instrument");
}

TEST(LawChange, WithoutAKnownNoticeAnyLaterInstantWillDo) {
  auto files = good_register();
  files[denunciation_file] = replaced(denunciation, "2027-02-22T12:00:00Z", "2026-11-24T12:00:00Z");
  EXPECT_EQ(problems(files), "");
  files[denunciation_file] = replaced(replaced(denunciation, "2026-11-24", "2024-01-01"),
                                      "2027-02-22T12", "2024-06-01T00");
  EXPECT_EQ(problems(files),
            "denunciations/xb.toml:6:13: 'effective' is 2024-06-01T00:00:00Z; the party is bound "
            "from 2024-06; expected an instant after that; take the denunciation of an earlier "
            "membership out");
}

TEST(LawChange, TheNoticeOfAnInstrument) {
  const auto& t = test::treaty_file;
  for (const auto& bad : std::vector<BadChange>{
           {t, "\"P90D\"", "\"P0D\"",
            "11:23: 'denunciation_notice' is the string 'P0D'; expected a duration like \"P90D\""},
           {t, "\"P90D\"", "90", "11:23: 'denunciation_notice' is the integer 90; expected a "},
           {t, "denunciation_notice_provenance = \"F8\"\n", "",
            "1:1: [instrument] has no 'denunciation_notice_provenance'"},
           {t, "denunciation_notice = \"P90D\"\n", "",
            "11:1: 'denunciation_notice_provenance' without 'denunciation_notice'"},
       }) {
    expect_problem(bad);
  }
}

TEST(LawChange, AnExerciseMayMakeThePartyThatSuspends) {
  auto files = good_register();
  files[suspension_file] = replaced(suspension, "\"XA\"", "\"XC\"");
  EXPECT_NE(problems(files), "");
  EXPECT_EQ(problems(files, "demo"), "");
}

TEST(LawChange, StatementsOfVerificationLieBesideTheLaw) {
  auto files = good_register();
  const auto before = register_digest(files, std::nullopt);
  files["verifications/xa-xb-2024--a3.json"] = "{ not even JSON";
  EXPECT_EQ(problems(files), "");
  EXPECT_NE(register_digest(files, std::nullopt), before);
  EXPECT_EQ(loaded(files)->digest, register_digest(files, std::nullopt));
  for (const char* path :
       {"verifications/.json", "verifications/a.toml", "verifications/a/b.json", "verifications",
        "a.json", "instruments/bilateral/a.json", "suspensions/a.json", "suspensions/a/b.toml"}) {
    auto more = files;
    more[path] = "";
    EXPECT_NE(problems(more).find("unexpected file"), std::string::npos) << path;
  }
}

TEST(LawChange, EveryFileCountsForTheDigest) {
  const auto all = changed_register();
  const auto digest = register_digest(all, std::nullopt);
  for (const auto& file : {suspension_file, denunciation_file}) {
    auto files = all;
    files[file] += "# another byte\n";
    EXPECT_NE(register_digest(files, std::nullopt), digest) << file;
    EXPECT_EQ(loaded(files)->digest, register_digest(files, std::nullopt));
  }
}

TEST(LawChange, AFolderIsReadWithItsStatements) {
  const comity::test::TemporaryDirectory folder;
  auto files = changed_register();
  files["verifications/xa-xb-2024--a3.json"] = "{}";
  for (const auto& [path, bytes] : files) {
    const auto whole = folder.path() + "/" + path;
    ASSERT_TRUE(make_directories(std::filesystem::path(whole).parent_path().string()));
    ASSERT_TRUE(write_file(whole, bytes));
  }
  ASSERT_TRUE(write_file(folder.path() + "/notes.json", "{}"));
  const auto read = read_register(folder.path());
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, files) << "other JSON is not part of a register";
}

TEST(LawChange, ArticleSheetsShowThem) {
  const auto model = loaded(changed_register());
  const auto& instrument = model->instruments.at(1);
  const auto sheet = article_sheet(*model, instrument);
  for (const char* line :
       {"denunciation takes effect after P90D [F8]\n",
        "Suspensions and denunciations\n"
        "  XA suspended it from 2026-11-24T12:00:00Z until 2026-11-25T00:00:00Z  s1 [X]\n"
        "  XB denounced it: notified 2026-11-24T12:00:00Z, effective 2027-02-22T12:00:00Z  d1 "
        "[X]\n"}) {
    EXPECT_NE(sheet.find(line), std::string::npos) << line << "\nin\n" << sheet;
  }
  const auto json = json::write(article_sheet_json(*model, instrument));
  const std::string suspended =
      R"("suspensions":[{"id":"s1","party":"XA","from":"2026-11-24T12:00:00Z",)"
      R"("until":"2026-11-25T00:00:00Z","provenance":"X"}])";
  const std::string denounced =
      R"("denunciations":[{"id":"d1","party":"XB","notified":"2026-11-24T12:00:00Z",)"
      R"("effective":"2027-02-22T12:00:00Z","provenance":"X"}])";
  const std::string notice = R"("denunciation_notice":"P90D")";
  for (const auto& part : {notice, suspended, denounced}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << "\nin\n" << json;
  }
  const auto plain = loaded(good_register());
  EXPECT_EQ(article_sheet(*plain, plain->instruments.at(1)).find("enunciation"), std::string::npos);
}

}  // namespace
}  // namespace comity::treaty
