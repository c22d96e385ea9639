#include "treaty/area_purposes_file.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "treaty/request.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

// The good register with this table before its first fact.
RegisterFiles with_table(const std::string& rows) {
  auto files = test::good_register();
  auto& text = files["vocabulary.toml"];
  text.insert(text.find("[[fact]]"), "[area_purposes]\n" + rows);
  return files;
}

// The one problem of a table.
std::string problem(const std::string& rows) {
  const auto model = load_register(with_table(rows), std::nullopt);
  if (model) return "none";
  EXPECT_EQ(model.error().size(), 1U) << as_error(model.error()).text();
  return model.error().front().text();
}

Bits named(const Names& names, const std::string& name) { return bit(*names.index(name)); }

TEST(AreaPurposes, ARegisterWithoutTheTableSaysNothing) {
  EXPECT_TRUE(test::loaded(test::good_register())->vocabulary.area_purposes.empty());
}

TEST(AreaPurposes, AreReadByArea) {
  const auto model =
      test::loaded(with_table("evidence = { purposes = [\"warning\"], classes = [\"indicator\", "
                              "\"traffic-data\"] }\n"
                              "content = { actions = [\"consult\", \"ping\"], purposes = "
                              "[\"defence-of-systems\"] }\n"));
  const auto& words = model->vocabulary;
  ASSERT_EQ(words.area_purposes.size(), words.areas.values.size());
  const auto of = [&](const char* area) {
    return words.area_purposes[static_cast<std::size_t>(*words.areas.index(area))];
  };
  EXPECT_EQ(of("evidence").actions, bit(Action::Share));
  EXPECT_EQ(of("evidence").purposes, named(words.purposes, "warning"));
  EXPECT_EQ(of("evidence").classes,
            named(words.classes, "indicator") | named(words.classes, "traffic-data"));
  EXPECT_EQ(of("content").actions, bit(Action::Consult) | bit(Action::Ping));
  EXPECT_EQ(of("content").classes, 0U);
  EXPECT_EQ(of("threat-information").purposes, 0U);
  EXPECT_EQ(question_count(of("evidence")), 2U);
  EXPECT_EQ(question_count(of("content")), 2U);
}

TEST(AreaPurposes, WhatIsWrongIsNamedWithItsPlace) {
  EXPECT_NE(problem("evidense = { purposes = [\"warning\"], classes = [\"indicator\"] }\n")
                .find("did you mean 'evidence'?"),
            std::string::npos);
  EXPECT_NE(problem("evidence = { purposes = [\"warnings\"], classes = [\"indicator\"] }\n")
                .find("did you mean 'warning'?"),
            std::string::npos);
  EXPECT_NE(problem("evidence = { purposes = [\"warning\"] }\n").find("no 'classes'"),
            std::string::npos);
  EXPECT_NE(problem("evidence = { purposes = [\"warning\"], classes = [\"indicator\"], colour = 1 "
                    "}\n")
                .find("colour"),
            std::string::npos);
  EXPECT_NE(problem("evidence = { actions = [\"ping\"], purposes = [\"warning\"], classes = "
                    "[\"indicator\"] }\n")
                .find("transfers anything"),
            std::string::npos);
  EXPECT_NE(problem("evidence = { actions = [\"refuse\", \"share\"], purposes = [\"warning\"], "
                    "classes = [\"indicator\"] }\n")
                .find("refuse"),
            std::string::npos);
  EXPECT_NE(problem("evidence = \"warning\"\n").find("a table"), std::string::npos);
  const auto place =
      problem("evidense = { purposes = [\"warning\"], classes = [\"indicator\"] }\n");
  EXPECT_EQ(place.substr(0, 16), "vocabulary.toml:") << place;
}

// Two actions for one purpose: with 32 classes the bound is met, with one more it is passed.
TEST(AreaPurposes, TheQuestionsOfAnAreaAreBounded) {
  AreaPurposes of;
  of.actions = bit(Action::Share) | bit(Action::Notify) | bit(Action::Consult);
  of.purposes = 0b11;
  of.classes = 0b111;
  EXPECT_EQ(question_count(of), 2U * (2U * 3U + 1U));
  const auto with = [](int classes) {
    auto files = test::good_register();
    auto& text = files["vocabulary.toml"];
    std::string names, more;
    for (int i = 0; i < classes; ++i) {
      names += (i == 0 ? "\"" : ", \"") + ("c-" + std::to_string(i)) + "\"";
      more += ", \"c-" + std::to_string(i) + "\"";
    }
    text.insert(text.find("\"subscriber-data\"]") + std::string("\"subscriber-data\"").size(),
                more);
    text.insert(text.find("[[fact]]"),
                "[area_purposes]\nevidence = { actions = [\"share\", \"notify\"], purposes = "
                "[\"warning\"], classes = [" +
                    names + "] }\n");
    return load_register(files, std::nullopt);
  };
  EXPECT_TRUE(with(32).has_value());
  const auto beyond = with(33);
  ASSERT_FALSE(beyond.has_value());
  EXPECT_NE(beyond.error().front().text().find("at most 64"), std::string::npos);
}

}  // namespace
}  // namespace comity::treaty
