#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "atlas/drawing_parts.h"
#include "treaty/phrase.h"

namespace comity::atlas {
namespace {

using InstrumentStatus = DrawnInstrument::Status;

constexpr int box_width = 150, box_height = 26, box_gap = 8, band_head = 26;
constexpr std::size_t label_letters_max = 22;  // of an id in its box; the title has all of it

// From the top down: wider toward the foot.
struct Band {
  BasisLevel level;
  int columns;
  const char* tone;
};
constexpr std::array<Band, 4> bands = {{{BasisLevel::Global, 4, "#ffffff"},
                                        {BasisLevel::Regional, 5, "#f4f4f4"},
                                        {BasisLevel::Multilateral, 6, "#e9e9e9"},
                                        {BasisLevel::Bilateral, 7, "#dedede"}}};
constexpr int width = 7 * (box_width + box_gap) + box_gap + 2 * drawing_margin;

std::vector<DrawnInstrument> of_level(const std::vector<DrawnInstrument>& all, BasisLevel level) {
  std::vector<DrawnInstrument> out;
  for (const auto& one : all) {
    if (one.level == level) out.push_back(one);
  }
  return out;
}

int height_of(const Band& band, std::size_t count) {
  const auto columns = static_cast<std::size_t>(band.columns);
  const auto rows = std::max<std::size_t>(1, (count + columns - 1) / columns);
  return band_head + static_cast<int>(rows) * (box_height + box_gap) + box_gap;
}

// Ids are ASCII.
std::string label(const std::string& id) {
  return id.size() <= label_letters_max ? id : id.substr(0, label_letters_max - 1) + "…";
}

void draw_box(Svg& svg, const DrawingWords& words, const treaty::Model& model,
              const DrawnInstrument& one, int x, int y) {
  const auto stroke = stroke_of(one.status);
  svg.open("g");
  svg.title(words.about(one));
  svg.shape("rect", {{"x", Svg::number(x)},
                     {"y", Svg::number(y)},
                     {"width", Svg::number(box_width)},
                     {"height", Svg::number(box_height)},
                     {"fill", "#fff"},
                     {"stroke", stroke.colour},
                     {"stroke-width", stroke.width},
                     {"stroke-dasharray", stroke.dashes.empty() ? "none" : stroke.dashes}});
  svg.text(x + box_width / 2.0, y + 17,
           label(model.instruments[static_cast<std::size_t>(one.instrument)].id),
           {{"text-anchor", "middle"}, {"direction", "ltr"}});
  svg.close();
}

void draw_band(Svg& svg, const DrawingWords& words, const treaty::Model& model, const Band& band,
               const std::vector<DrawnInstrument>& all, int y) {
  const int band_width = band.columns * (box_width + box_gap) + box_gap;
  const int left = (width - band_width) / 2;
  svg.open("g");
  svg.shape("rect", {{"x", Svg::number(left)},
                     {"y", Svg::number(y)},
                     {"width", Svg::number(band_width)},
                     {"height", Svg::number(height_of(band, all.size()))},
                     {"fill", band.tone},
                     {"stroke", "#111"}});
  const auto level = to_json(treaty::word_phrase("level", name(band.level)));
  svg.text(
      width / 2.0, y + 18,
      words.said(treaty::phrase(
          "drawing.level", {{"level", level}, {"count", static_cast<std::int64_t>(all.size())}})),
      {{"text-anchor", "middle"}, {"font-weight", "bold"}});
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto column = static_cast<int>(i) % band.columns,
               row = static_cast<int>(i) / band.columns;
    const int at = left + box_gap + column * (box_width + box_gap);
    draw_box(svg, words, model, all[i], words.mirrored() ? width - at - box_width : at,
             y + band_head + row * (box_height + box_gap));
  }
  svg.close();
}

}  // namespace

std::string draw_pyramid(const treaty::Model& model, const treaty::Words& in, const DrawingOf& of) {
  const DrawingWords words(model, in, of);
  const auto all = drawn_instruments(model, of);
  int height = heading_height + legend_height;
  for (const auto& band : bands) height += height_of(band, of_level(all, band.level).size());
  const auto title = words.title("drawing.pyramid", "drawing.pyramid-all");
  Svg svg({width, height, words.language(), words.mirrored(), title, words.list(all)});
  draw_heading(svg, words, title, width);
  int y = heading_height;
  for (const auto& band : bands) {
    const auto held = of_level(all, band.level);
    draw_band(svg, words, model, band, held, y);
    y += height_of(band, held.size());
  }
  std::vector<LegendEntry> legend;
  for (const auto status : {InstrumentStatus::InForce, InstrumentStatus::NotInForceAsKnown,
                            InstrumentStatus::NotBinding}) {
    legend.push_back({stroke_of(status), words.status(status)});
  }
  draw_legend(svg, words, legend, width, y);
  return svg.finish();
}

}  // namespace comity::atlas
