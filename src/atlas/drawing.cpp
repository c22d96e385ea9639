#include "atlas/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "atlas/drawing_parts.h"
#include "treaty/clause_rows.h"
#include "treaty/phrase.h"

namespace comity::atlas {
namespace {

using treaty::Binding;
using treaty::Instrument;
using treaty::Model;
using treaty::Standing;
using InstrumentStatus = DrawnInstrument::Status;

constexpr std::array<BasisLevel, 4> levels = {BasisLevel::Bilateral, BasisLevel::Multilateral,
                                              BasisLevel::Regional, BasisLevel::Global};

// Chooses what is drawn.
class Chooser {
 public:
  Chooser(const Model& model, const DrawingOf& of) : model_(model), of_(of) {}

  std::optional<DrawnInstrument> choose(int index) const {
    const auto& paper = model_.instruments[static_cast<std::size_t>(index)];
    const bool left_out = paper.binding == Binding::Draft || paper.binding == Binding::Historical ||
                          paper.binding == Binding::National;
    if (left_out || (paper.signed_on && of_.at < paper.signed_on->earliest)) return std::nullopt;
    DrawnInstrument out;
    out.instrument = index;
    out.level = level_of(paper);
    int live = 0;
    bool asked = !of_.party;  // whether that party is one of them
    for (const auto& entry : paper.parties) {
      const auto standing = treaty::standing_of(model_, index, entry.party, of_.at);
      const bool takes_part = paper.binding == Binding::Binding
                                  ? standing == Standing::Live || standing == Standing::Unknown
                                  : entry.status != treaty::Membership::NotParty;
      if (!takes_part) continue;
      out.parties.push_back(entry.party);
      if (standing != Standing::Live) continue;
      ++live;
      asked = asked || of_.party == entry.party;
    }
    if (!shown(paper, out)) return std::nullopt;
    if (paper.binding == Binding::Binding) {
      // Nobody is bound alone.
      out.status =
          asked && live >= 2 ? InstrumentStatus::InForce : InstrumentStatus::NotInForceAsKnown;
    }
    return out;
  }

 private:
  bool invented(int party) const {
    return model_.parties[static_cast<std::size_t>(party)].kind == treaty::PartyKind::Invented;
  }
  bool shown(const Instrument& paper, const DrawnInstrument& one) const {
    if (of_.party) {
      const auto& party = model_.parties[static_cast<std::size_t>(*of_.party)];
      const bool addressed = paper.addresses_all_states && party.is_state();
      return addressed ||
             std::find(one.parties.begin(), one.parties.end(), *of_.party) != one.parties.end();
    }
    // Everybody has left it, or it binds nobody yet.
    if (one.parties.empty()) return paper.parties.empty();
    return !std::all_of(one.parties.begin(), one.parties.end(),
                        [&](int party) { return invented(party); });
  }

  const Model& model_;
  const DrawingOf& of_;
};

}  // namespace

std::optional<DrawingKind> drawing_kind(std::string_view name) {
  if (name == "pyramid") return DrawingKind::Pyramid;
  if (name == "web") return DrawingKind::Web;
  return std::nullopt;
}

std::vector<DrawnInstrument> drawn_instruments(const Model& model, const DrawingOf& of) {
  std::vector<DrawnInstrument> out;
  const Chooser chooser(model, of);
  for (int i = 0; i < static_cast<int>(model.instruments.size()); ++i) {
    if (auto one = chooser.choose(i)) out.push_back(*std::move(one));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.level < b.level; });
  return out;
}

std::string draw(DrawingKind kind, const Model& model, const treaty::Words& words,
                 const DrawingOf& of) {
  return kind == DrawingKind::Pyramid ? draw_pyramid(model, words, of) : draw_web(model, words, of);
}

// ---- parts -------------------------------------------------------------------------------------

Stroke stroke_of(InstrumentStatus status) {
  switch (status) {
    case InstrumentStatus::InForce:
      return {"#111", "2", ""};
    case InstrumentStatus::NotInForceAsKnown:
      return {"#111", "1.5", "6 3"};
    case InstrumentStatus::NotBinding:
      break;
  }
  return {"#555", "1", "1.5 3"};
}

Stroke stroke_of(BasisLevel level) {
  switch (level) {
    case BasisLevel::Bilateral:
      return {"#111", "3", ""};
    case BasisLevel::Multilateral:
      return {"#222", "1.2", ""};
    case BasisLevel::Regional:
      return {"#444", "1.2", "7 4"};
    default:
      return {"#666", "1.2", "1.5 4"};
  }
}

std::string DrawingWords::word(std::string_view group, std::string_view name) const {
  return said(treaty::word_phrase(group, name));
}

std::string DrawingWords::party(int index) const {
  return word("party", model_.parties[static_cast<std::size_t>(index)].code);
}

std::string DrawingWords::title(std::string_view of_one, std::string_view of_all) const {
  const auto day = format_rfc3339(of_.at).substr(0, 10);
  if (!of_.party) return said(treaty::phrase(of_all, {{"day", day}}));
  const auto& code = model_.parties[static_cast<std::size_t>(*of_.party)].code;
  const auto party = to_json(treaty::word_phrase("party", code));
  return said(treaty::phrase(of_one, {{"party", party}, {"day", day}}));
}

std::string DrawingWords::status(InstrumentStatus status) const {
  switch (status) {
    case InstrumentStatus::InForce:
      return said(treaty::phrase("drawing.in-force"));
    case InstrumentStatus::NotInForceAsKnown:
      return said(treaty::phrase("drawing.not-in-force"));
    case InstrumentStatus::NotBinding:
      break;
  }
  return said(treaty::phrase("drawing.not-binding"));
}

std::string DrawingWords::about(const DrawnInstrument& one) const {
  const auto& paper = model_.instruments[static_cast<std::size_t>(one.instrument)];
  return fmt::format(
      "{}\n{} · {}", data(paper.title), status(one.status),
      said(treaty::phrase("drawing.parties",
                          {{"count", static_cast<std::int64_t>(one.parties.size())}})));
}

std::string DrawingWords::list(const std::vector<DrawnInstrument>& all) const {
  std::string out;
  for (const auto level : levels) {
    std::int64_t count = 0;
    std::string ids;
    for (const auto& one : all) {
      if (one.level != level) continue;
      ++count;
      const auto& id = model_.instruments[static_cast<std::size_t>(one.instrument)].id;
      ids += fmt::format("{}{}", ids.empty() ? "" : ", ", data(id));
    }
    out += said(treaty::phrase(
        "drawing.level",
        {{"level", to_json(treaty::word_phrase("level", name(level)))}, {"count", count}}));
    out += ids.empty() ? "\n" : fmt::format(": {}\n", ids);
  }
  return out;
}

std::string DrawingWords::watermark() const {
  if (model_.exercise.empty()) return {};
  return said(treaty::phrase("say.exercise", {{"name", model_.exercise}}));
}

void draw_heading(Svg& svg, const DrawingWords& words, const std::string& title, int width) {
  svg.text(width / 2.0, 30, title,
           {{"font-size", "18"}, {"font-weight", "bold"}, {"text-anchor", "middle"}});
  if (const auto mark = words.watermark(); !mark.empty()) {
    svg.text(width / 2.0, 52, mark, {{"text-anchor", "middle"}});
  }
}

void draw_legend(Svg& svg, const DrawingWords& words, const std::vector<LegendEntry>& entries,
                 int width, int y) {
  const double step = (width - 2.0 * drawing_margin) / static_cast<double>(entries.size());
  const auto mirrored = [&](double x) { return words.mirrored() ? width - x : x; };
  double x = drawing_margin;
  for (const auto& entry : entries) {
    svg.shape("line",
              {{"x1", Svg::number(mirrored(x))},
               {"y1", Svg::number(y + 16)},
               {"x2", Svg::number(mirrored(x + 36))},
               {"y2", Svg::number(y + 16)},
               {"stroke", entry.stroke.colour},
               {"stroke-width", entry.stroke.width},
               {"stroke-dasharray", entry.stroke.dashes.empty() ? "none" : entry.stroke.dashes}});
    svg.text(mirrored(x + 44), y + 20, entry.text);
    x += step;
  }
}

}  // namespace comity::atlas
