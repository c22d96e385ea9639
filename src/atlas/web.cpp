#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "atlas/drawing_parts.h"
#include "treaty/phrase.h"

namespace comity::atlas {
namespace {

constexpr double node_radius = 13, hub_half = 6, node_room = 30, ring_min = 220;
constexpr double hub_ring = 0.55;  // of the ring of parties

struct Point {
  double x = 0, y = 0;
};

// Where everything stands: parties on a ring in the order of the register, the party whose web it
// is in the middle, instruments of several on a ring within.
class Layout {
 public:
  Layout(const std::vector<DrawnInstrument>& all, const DrawingOf& of) {
    std::set<int> parties;
    std::vector<int> hubs;
    for (const auto& one : all) {
      if (one.parties.size() < 2) continue;
      parties.insert(one.parties.begin(), one.parties.end());
      if (one.parties.size() > 2) hubs.push_back(one.instrument);
    }
    if (of.party) parties.erase(*of.party);
    radius_ = std::max(ring_min, static_cast<double>(parties.size()) * node_room / turn);
    const auto middle = radius_ + node_radius + drawing_margin;
    width_ = static_cast<int>(std::ceil(2 * middle));
    centre_ = {width_ / 2.0, heading_height + middle};
    std::size_t i = 0;
    for (const int party : parties) parties_[party] = on_ring(radius_, i++, parties.size());
    if (of.party) parties_[*of.party] = centre_;
    for (i = 0; i < hubs.size(); ++i) {
      hubs_[hubs[i]] = on_ring(radius_ * hub_ring, i, hubs.size());
    }
  }

  int width() const { return width_; }
  int height() const {
    return static_cast<int>(std::ceil(centre_.y + radius_ + node_radius)) + drawing_margin +
           legend_height;
  }
  const std::map<int, Point>& parties() const { return parties_; }
  const std::map<int, Point>& hubs() const { return hubs_; }

 private:
  static constexpr double turn = 2 * std::numbers::pi;

  // From the top on, clockwise.
  Point on_ring(double radius, std::size_t place, std::size_t places) const {
    const auto angle = turn * static_cast<double>(place) / static_cast<double>(places);
    return {centre_.x + radius * std::sin(angle), centre_.y - radius * std::cos(angle)};
  }

  double radius_ = ring_min;
  int width_ = 0;
  Point centre_;
  std::map<int, Point> parties_, hubs_;  // by index in the model
};

void draw_line(Svg& svg, const DrawnInstrument& one, const Point& from, const Point& to) {
  const auto stroke = stroke_of(one.level);
  const bool binding = one.status != DrawnInstrument::Status::NotBinding;
  svg.shape("line", {{"x1", Svg::number(from.x)},
                     {"y1", Svg::number(from.y)},
                     {"x2", Svg::number(to.x)},
                     {"y2", Svg::number(to.y)},
                     {"stroke", stroke.colour},
                     {"stroke-width", stroke.width},
                     {"stroke-dasharray", stroke.dashes.empty() ? "none" : stroke.dashes},
                     {"stroke-opacity", binding ? "1" : "0.45"}});
}

void draw_hub(Svg& svg, const treaty::Model& model, const DrawnInstrument& one, const Point& at) {
  const bool binding = one.status != DrawnInstrument::Status::NotBinding;
  svg.shape("rect", {{"x", Svg::number(at.x - hub_half)},
                     {"y", Svg::number(at.y - hub_half)},
                     {"width", Svg::number(2 * hub_half)},
                     {"height", Svg::number(2 * hub_half)},
                     {"fill", binding ? "#111" : "#fff"},
                     {"stroke", "#111"}});
  // Over lines: first a broad white copy of the id.
  const auto& id = model.instruments[static_cast<std::size_t>(one.instrument)].id;
  svg.text(at.x, at.y - hub_half - 3, id,
           {{"text-anchor", "middle"},
            {"direction", "ltr"},
            {"font-size", "10"},
            {"stroke", "#fff"},
            {"stroke-width", "3"},
            {"aria-hidden", "true"}});
  svg.text(at.x, at.y - hub_half - 3, id,
           {{"text-anchor", "middle"}, {"direction", "ltr"}, {"font-size", "10"}});
}

void draw_instrument(Svg& svg, const DrawingWords& words, const treaty::Model& model,
                     const Layout& layout, const DrawnInstrument& one) {
  if (one.parties.size() < 2) return;
  svg.open("g");
  svg.title(words.about(one));
  if (one.parties.size() == 2) {
    draw_line(svg, one, layout.parties().at(one.parties[0]), layout.parties().at(one.parties[1]));
  } else {
    const auto& hub = layout.hubs().at(one.instrument);
    for (const int party : one.parties) draw_line(svg, one, layout.parties().at(party), hub);
    draw_hub(svg, model, one, hub);
  }
  svg.close();
}

void draw_party(Svg& svg, const DrawingWords& words, const treaty::Model& model, int party,
                const Point& at, bool own) {
  svg.open("g");
  svg.title(words.party(party));
  svg.shape("circle", {{"cx", Svg::number(at.x)},
                       {"cy", Svg::number(at.y)},
                       {"r", Svg::number(own ? node_radius + 4 : node_radius)},
                       {"fill", "#fff"},
                       {"stroke", "#111"},
                       {"stroke-width", own ? "3" : "1"}});
  svg.text(at.x, at.y + 4, model.parties[static_cast<std::size_t>(party)].code,
           {{"text-anchor", "middle"}, {"direction", "ltr"}, {"font-size", "11"}});
  svg.close();
}

}  // namespace

std::string draw_web(const treaty::Model& model, const treaty::Words& in, const DrawingOf& of) {
  const DrawingWords words(model, in, of);
  const auto all = drawn_instruments(model, of);
  const Layout layout(all, of);
  const auto title = words.title("drawing.web", "drawing.web-all");
  Svg svg({layout.width(), layout.height(), words.language(), words.mirrored(), title,
           words.list(all)});
  draw_heading(svg, words, title, layout.width());
  // What binds most closely stands in front.
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    draw_instrument(svg, words, model, layout, *one);
  }
  for (const auto& [party, at] : layout.parties()) {
    draw_party(svg, words, model, party, at, of.party == party);
  }
  std::vector<LegendEntry> legend;
  for (const auto level : {BasisLevel::Bilateral, BasisLevel::Multilateral, BasisLevel::Regional,
                           BasisLevel::Global}) {
    legend.push_back({stroke_of(level), words.word("level", name(level))});
  }
  draw_legend(svg, words, legend, layout.width(), layout.height() - legend_height);
  return svg.finish();
}

}  // namespace comity::atlas
