#include "treaty/words.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "json/parse.h"
#include "json/write.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

using comity::test::must;

const Model& nobody() {
  static const auto model = [] {
    Model out;
    out.parties = {{"QQ", "The Q's", PartyKind::Invented, "", {}, ""}};
    return out;
  }();
  return model;
}

Words words(const std::string& language, const std::string& catalogue) {
  return must(Words::parse(language, catalogue));
}

// One message under the key "k", worded with these values.
std::string said(const std::string& message, const Phrase& phrase,
                 const std::string& language = "en") {
  json::Object entry, catalogue;
  entry.set("text", message);
  catalogue.set("k", std::move(entry));
  return words(language, json::write(std::move(catalogue))).text(nobody(), phrase);
}

std::string isolated(const std::string& text) { return "\u2068" + text + "\u2069"; }

TEST(Words, PutValuesIntoTheirPlaces) {
  const auto with = phrase("k", {{"a", "A"}, {"n", 1234}});
  EXPECT_EQ(said("nothing", phrase("k")), "nothing");
  EXPECT_EQ(said("{a} and {n}, { a }", with), "A and 1234, A");
  EXPECT_EQ(said("{n, number}", with), "1,234");
  EXPECT_EQ(said("it''s '{'not'}' {a} 'and", with), "it's {not} A 'and");
  EXPECT_EQ(said("{a, select, B {b} A {is {a}} other {o}}", with), "is A");
  EXPECT_EQ(said("{a, select, B {b} other {o #}}", with), "o #");
  EXPECT_EQ(said("{n, plural, one {#} =1234 {exactly} other {# of {a}}}", with), "exactly");
  EXPECT_EQ(said("{n, plural, one {#} other {# of {a} '#'}}", with), "1,234 of A #");
  EXPECT_EQ(said("{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}",
                 phrase("k", {{"n", 22}})),
            "22nd");
}

TEST(Words, AreTheKeyWhereSomethingLacks) {
  EXPECT_EQ(said("{b}", phrase("k", {{"a", "A"}})), "k");
  EXPECT_EQ(said("{a, plural, other {x}}", phrase("k", {{"a", "A"}})), "k");
  EXPECT_EQ(said("x", phrase("unheard.word")), "word") << "a word of the register itself";
  EXPECT_EQ(said("x", phrase("party.QQ")), "The Q's") << "a party by its name";
  EXPECT_EQ(said("x", phrase("party.ZZ")), "ZZ");
  const auto english = words("en", R"({"k":{"text":"{a}"},"n":{"text":"{n, plural, other {#}}"}})");
  EXPECT_EQ(english.missing(to_json(phrase("k", {{"a", to_json(phrase("no.such"))}}))),
            (std::set<std::string>{"no.such"}));
  EXPECT_EQ(english.missing(to_json(phrase("k"))), (std::set<std::string>{"k"}));
  EXPECT_EQ(english.missing(to_json(phrase("n", {{"n", "words"}}))), (std::set<std::string>{"n"}));
  EXPECT_TRUE(english.missing(to_json(phrase("n", {{"n", 1}}))).empty());
}

TEST(Words, CountAsTheLanguageCounts) {
  const auto categories = [](const char* language, std::initializer_list<std::int64_t> numbers) {
    std::string out;
    for (const auto number : numbers) {
      out += std::string(plural_category(language, number)) + " ";
    }
    return out;
  };
  EXPECT_EQ(categories("en", {0, 1, 2, 21}), "other one other other ");
  EXPECT_EQ(categories("ar", {0, 1, 2, 3, 10, 11, 99, 100, 101, 102, 103, 111, 200}),
            "zero one two few few many many other other other few many other ");
  EXPECT_EQ(categories("ru", {0, 1, 2, 5, 11, 12, 21, 22, 111}),
            "many one few many many many one few many ");
  EXPECT_EQ(categories("fr", {0, 1, 2, 1'000'000}), "one one other many ");
  EXPECT_EQ(categories("es", {0, 1, 2, 1'000'000}), "other one other many ");
  EXPECT_EQ(categories("zh", {0, 1}), "other other ");
  const std::vector<std::pair<std::int64_t, const char*>> ordinals = {
      {1, "one"}, {2, "two"}, {3, "few"}, {4, "other"}, {11, "other"}, {13, "other"}, {23, "few"}};
  for (const auto& [number, category] : ordinals) {
    EXPECT_EQ(ordinal_category("en", number), category) << number;
  }
  EXPECT_EQ(ordinal_category("ar", 1), "other");
  EXPECT_EQ(number_text("en", -1234567), "-1,234,567");
  EXPECT_EQ(number_text("ar", 999), "999");
  EXPECT_EQ(number_text("es", 1234), "1234");
  EXPECT_EQ(number_text("es", 12345), "12.345");
}

TEST(Words, CannotBeTurnedRoundByData) {
  const auto hidden = phrase("k", {{"a", "left\u202E\u2066\x1B[31m\nback"}});
  const std::string shown = "left[U+202E][U+2066][U+001B][31m[U+000A]back";
  EXPECT_EQ(said("({a})", hidden), "(" + shown + ")");
  EXPECT_EQ(said("({a})", hidden, "ar"), "(" + isolated(shown) + ")");
  EXPECT_EQ(said("{a}", phrase("k", {{"a", "Art. ٣ – 中文 é"}})), "Art. ٣ – 中文 é");
  EXPECT_EQ(said("{a}", phrase("k", {{"a", "cut \xC3"}})), "cut [U+FFFD]");
}

TEST(Words, JoinListsAndEndAtTheirDepth) {
  const auto list = [](const char* how, std::vector<std::string> items) {
    json::Object out;
    json::Array values;
    for (auto& item : items) values.emplace_back(std::move(item));
    out.set("list", how);
    out.set("items", std::move(values));
    return phrase("k", {{"a", json::Value(std::move(out))}});
  };
  EXPECT_EQ(said("{a}.", list("and", {"A"})), "A.");
  EXPECT_EQ(said("{a}.", list("and", {"A", "B", "C"})), "A, B and C.");
  EXPECT_EQ(said("{a}.", list("or", {"A", "B"})), "A or B.");
  EXPECT_EQ(said("{a}.", list("or", {"A", "B", "C"}), "zh"), "A、B或C.");
  auto deep = phrase("k", {{"a", "end"}});
  for (std::size_t i = 1; i < phrase_depth_max; ++i) deep = phrase("k", {{"a", to_json(deep)}});
  EXPECT_EQ(said("{a}", deep), "end");
  EXPECT_EQ(said("{a}", phrase("k", {{"a", to_json(deep)}})), "…");
}

TEST(Words, RefuseWhatIsNoCatalogue) {
  for (const auto* text : {"{a", "{a,}", "}", "{a, plural, one {x}}", "{a, date}", "'{", "{}",
                           "{a, select, }", "{a, plural, other {{b}}"}) {
    json::Object entry, catalogue;
    entry.set("text", text);
    catalogue.set("the.key", std::move(entry));
    const auto read = Words::parse("en", json::write(std::move(catalogue)));
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_NE(read.error().text().find("the.key"), std::string::npos) << read.error().text();
  }
  std::string nested = "x";
  for (std::size_t i = 0; i < message_depth_max; ++i) {
    nested = fmt::format("{{n, plural, other {{{}}}}}", nested);
  }
  EXPECT_TRUE(Message::parse(nested, "en").has_value());
  EXPECT_FALSE(
      Message::parse(fmt::format("{{n, plural, other {{{}}}}}", nested), "en").has_value());
  EXPECT_FALSE(Words::parse("en", "[]").has_value());
  EXPECT_FALSE(Words::parse("en", R"({"k":"text"})").has_value());
  EXPECT_FALSE(Words::parse("xx", "{}").has_value());
  const auto folder = comity::test::source_path("register/messages");
  for (const auto* language : {"xx", "", "../messages/en", "EN"}) {
    const auto read = Words::read(folder, language);
    ASSERT_FALSE(read.has_value()) << language;
    EXPECT_NE(read.error().message.find(" ar en"), std::string::npos) << read.error().message;
  }
}

// The pages are held to the same file.
TEST(Words, AreThoseOfThePages) {
  const auto text =
      must(read_file(comity::test::source_path("web/src/i18n/wording.json"), 1U << 22U));
  const auto cases = must(json::parse(text));
  ASSERT_GT(cases.array()->size(), 20U);
  for (const char* language : {"en", "ar"}) {
    const auto speak = must(Words::read(comity::test::source_path("register/messages"), language));
    for (const auto& one : *cases.array()) {
      auto worded = speak.text(nobody(), *one.find("phrase"));
      for (const char* mark : {"\u2068", "\u2069"}) {
        for (auto at = worded.find(mark); at != std::string::npos; at = worded.find(mark)) {
          worded.erase(at, 3);
        }
      }
      EXPECT_EQ(worded, one.text(language));
    }
  }
}

}  // namespace
}  // namespace comity::treaty
