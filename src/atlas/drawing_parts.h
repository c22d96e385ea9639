// What both drawings have in common: titles, lines of a status and of a level, the legend. Header
// of drawing.cpp, pyramid.cpp and web.cpp alone.
#pragma once

#include <string>

#include "atlas/drawing.h"
#include "atlas/svg.h"

namespace comity::atlas {

constexpr int drawing_margin = 24;

// Stroke and dash of a border or line, that differ without colour.
struct Stroke {
  std::string colour, width, dashes;  // dashes empty: a whole line
};
Stroke stroke_of(DrawnInstrument::Status status);
Stroke stroke_of(BasisLevel level);

// The words of one drawing.
class DrawingWords {
 public:
  DrawingWords(const treaty::Model& model, const treaty::Words& words, const DrawingOf& of)
      : model_(model), words_(words), of_(of) {}

  std::string said(const treaty::Phrase& phrase) const { return words_.text(model_, phrase); }
  std::string word(std::string_view group, std::string_view name) const;
  // `of_one` with its party, or `of_all`, on the day of the drawing.
  std::string title(std::string_view of_one, std::string_view of_all) const;
  std::string party(int index) const;
  // Title, status and number of parties of an instrument.
  std::string about(const DrawnInstrument& one) const;
  std::string status(DrawnInstrument::Status status) const;
  // For a reader: how many instruments of each level, and which.
  std::string list(const std::vector<DrawnInstrument>& all) const;
  std::string data(std::string_view text) const { return words_.data(text); }
  bool mirrored() const { return words_.right_to_left(); }
  const std::string& language() const { return words_.language(); }
  // That this is an exercise; empty outside one.
  std::string watermark() const;

 private:
  const treaty::Model& model_;
  const treaty::Words& words_;
  const DrawingOf& of_;
};

// Heading of a drawing, and the mark of an exercise. Takes heading_height.
constexpr int heading_height = 64;
void draw_heading(Svg& svg, const DrawingWords& words, const std::string& title, int width);

// Lines with what they mean, in one row from `y` on; takes legend_height.
constexpr int legend_height = 40;
struct LegendEntry {
  Stroke stroke;
  std::string text;
};
void draw_legend(Svg& svg, const DrawingWords& words, const std::vector<LegendEntry>& entries,
                 int width, int y);

}  // namespace comity::atlas
