#include "atlas/drawing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "atlas/svg.h"
#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/register.h"
#include "treaty/test_model.h"

namespace comity::atlas {
namespace {

using comity::test::must;
using treaty::Binding;
using treaty::Words;

const Words& words(const std::string& language) {
  static const auto english =
      must(Words::read(comity::test::source_path("register/messages"), "en"));
  static const auto arabic =
      must(Words::read(comity::test::source_path("register/messages"), "ar"));
  return language == "ar" ? arabic : english;
}

Instant at() { return treaty::test::instant("2026-11-23"); }

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (auto i = text.find(part); i != std::string_view::npos; i = text.find(part, i + 1)) ++out;
  return out;
}

// Every element that is opened is closed, in order; no "<" or "&" stands for itself.
void expect_well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < svg.size(); ++i) {
    if (svg[i] == '&') {
      const auto end = svg.find(';', i);
      ASSERT_NE(end, std::string::npos);
      const auto entity = svg.substr(i, end - i + 1);
      const std::vector<std::string> known = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
      ASSERT_NE(std::find(known.begin(), known.end(), entity), known.end()) << entity;
    }
    if (svg[i] != '<') continue;
    const auto end = svg.find('>', i);
    ASSERT_NE(end, std::string::npos);
    const auto tag = svg.substr(i + 1, end - i - 1);
    const auto name = tag.substr(0, tag.find_first_of(" /"));
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    i = end;
  }
  EXPECT_TRUE(open.empty());
}

TEST(Svg, EscapesWhatIsMarkup) {
  EXPECT_EQ(escaped("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(escaped(std::string("x\0y\x1b", 4)), "x\uFFFDy\uFFFD");
  EXPECT_EQ(escaped("two\nlines"), "two\nlines");
}

TEST(Svg, LengthsHaveATenthAtMost) {
  EXPECT_EQ(Svg::number(12), "12");
  EXPECT_EQ(Svg::number(12.34), "12.3");
  EXPECT_EQ(Svg::number(12.06), "12.1");
  EXPECT_EQ(Svg::number(-0.26), "-0.3");
  EXPECT_EQ(Svg::number(0.04), "0");
  EXPECT_EQ(Svg::number(-0.04), "0");
}

TEST(Svg, HasTitleAndDescriptionForReaders) {
  Svg svg({100, 50, "en", false, "A <title>", "What it shows"});
  svg.open("g");
  svg.title("one");
  svg.text(1, 2, "<script>", {{"fill", "\"red\""}});
  svg.close();
  const auto out = svg.finish();
  expect_well_formed(out);
  EXPECT_NE(out.find("role=\"img\" aria-labelledby=\"title description\""), std::string::npos);
  EXPECT_NE(out.find("<title id=\"title\">A &lt;title&gt;</title>"), std::string::npos);
  EXPECT_NE(out.find("<desc id=\"description\">What it shows</desc>"), std::string::npos);
  EXPECT_NE(out.find("<text x=\"1\" y=\"2\" fill=\"&quot;red&quot;\">&lt;script&gt;</text>"),
            std::string::npos);
}

// Instruments of every kind around CN.
treaty::test::TestRegister a_register() {
  treaty::test::TestRegister build({"CN", "FR", "KZ", "RU", "XA", "XB"});
  build.entries(build.instrument("a-pair", "bilateral"), {"CN", "RU"});
  build.entry(build.instrument("b-unknown", "multilateral"), "CN", "");
  build.entries(build.model().instruments.back(), {"KZ", "RU"});
  build.entries(build.instrument("c-soft", "regional", Binding::Political), {"CN", "FR", "KZ"});
  build.instrument("d-all", "global", Binding::Soft).addresses_all_states = true;
  build.entries(build.instrument("e-draft", "global", Binding::Draft), {"CN", "RU"});
  auto& later = build.instrument("f-later", "global");
  later.signed_on = treaty::test::date("2027-01-01");
  build.entry(later, "CN", "");
  build.entries(build.instrument("g-invented", "bilateral"), {"XA", "XB"});
  build.entries(build.instrument("h-others", "bilateral"), {"FR", "RU"});
  auto& left = build.instrument("i-left", "global");
  build.entries(left, {"CN", "FR", "RU"});
  left.parties[0].until = treaty::test::date("2020-01-01");
  return build;
}

std::string chosen(const treaty::Model& model, std::optional<int> party) {
  std::string out;
  for (const auto& one : drawn_instruments(model, {party, at()})) {
    const char* status[] = {"+", "?", "-"};
    out += model.instruments[static_cast<std::size_t>(one.instrument)].id +
           status[static_cast<std::size_t>(one.status)] + " ";
  }
  return out;
}

TEST(Drawing, ShowsWhatBindsOrAddressesThePartyThatDay) {
  auto build = a_register();
  const auto& model = build.model();
  EXPECT_EQ(chosen(model, build.party("CN")), "a-pair+ b-unknown? c-soft- d-all- ");
  EXPECT_EQ(chosen(model, build.party("XA")), "g-invented+ d-all- ");
  EXPECT_EQ(chosen(model, std::nullopt), "a-pair+ h-others+ b-unknown+ c-soft- d-all- i-left+ ");
}

TEST(Drawing, IsWellFormedAndTheSameEachTime) {
  auto build = a_register();
  auto& model = build.model();
  model.instruments[0].title = "</title><script>alert(1)</script>\u202e";
  model.parties[0].name = "<b>";
  model.exercise = "demo & more";
  for (const auto kind : {DrawingKind::Pyramid, DrawingKind::Web}) {
    for (const char* language : {"en", "ar"}) {
      for (const auto party : {std::optional<int>(), std::optional<int>(build.party("CN"))}) {
        const auto svg = draw(kind, model, words(language), {party, at()});
        expect_well_formed(svg);
        EXPECT_EQ(svg, draw(kind, model, words(language), {party, at()}));
        EXPECT_EQ(svg.find("<script"), std::string::npos);
        EXPECT_EQ(svg.find("\u202e"), std::string::npos);
        EXPECT_NE(svg.find("demo &amp; more"), std::string::npos) << "the mark of an exercise";
        EXPECT_NE(
            svg.find(std::string(language) == "ar" ? "direction=\"rtl\"" : "direction=\"ltr\""),
            std::string::npos);
        EXPECT_NE(svg.find("2026-11-23"), std::string::npos);
      }
    }
  }
}

TEST(Drawing, PyramidHasABoxForEachInstrument) {
  auto build = a_register();
  const auto svg = draw_pyramid(build.model(), words("en"), {build.party("CN"), at()});
  // The paper, a band for each level, a box for each instrument.
  EXPECT_EQ(count(svg, "<rect "), 1U + 4U + 4U);
  for (const char* id : {">a-pair<", ">b-unknown<", ">c-soft<", ">d-all<"}) {
    EXPECT_EQ(count(svg, id), 1U) << id;
  }
  EXPECT_NE(svg.find("not binding"), std::string::npos);
}

TEST(Drawing, WebHasANodeForEachPartyAndALineForEachOfItsBonds) {
  auto build = a_register();
  const auto svg = draw_web(build.model(), words("en"), {build.party("CN"), at()});
  EXPECT_EQ(count(svg, "<circle "), 4U);  // CN, RU, KZ, FR
  // One of two; three each to b-unknown and c-soft; four of the legend.
  EXPECT_EQ(count(svg, "<line "), 1U + 3U + 3U + 4U);
  EXPECT_EQ(count(svg, "<rect "), 1U + 2U);  // the paper, the two of several
}

// Levels and statuses differ without colour: by width or dash.
TEST(Drawing, IsReadableInGrey) {
  auto build = a_register();
  const auto svg = draw_web(build.model(), words("en"), {std::nullopt, at()});
  for (std::size_t i = svg.find('#'); i != std::string::npos; i = svg.find('#', i + 1)) {
    const auto colour = svg.substr(i + 1, svg.find('"', i) - i - 1);
    if (colour == "39;") continue;
    const bool grey =
        std::all_of(colour.begin(), colour.end(), [&](char c) { return c == colour[0]; });
    EXPECT_TRUE(grey) << colour;
  }
  EXPECT_GE(count(svg, "stroke-dasharray=\"none\""), 1U);
  EXPECT_GE(count(svg, "stroke-dasharray=\"7 4\""), 1U);
  EXPECT_GE(count(svg, "stroke-dasharray=\"1.5 4\""), 1U);
}

TEST(Drawing, OfTheShippedRegisterIsWellFormed) {
  const auto files = must(treaty::read_register(comity::test::source_path("register")));
  const auto loaded = treaty::load_register(files, "demo");
  CHECK(loaded);
  for (const auto kind : {DrawingKind::Pyramid, DrawingKind::Web}) {
    for (const char* code : {"", "RU", "FR", "AD"}) {
      const auto party = (*loaded)->party(code);
      expect_well_formed(draw(kind, **loaded, words("ar"), {party, at()}));
    }
  }
}

}  // namespace
}  // namespace comity::atlas
