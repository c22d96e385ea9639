// Drawings of the register: the pyramid of four levels, and the web of agreements. SVG of svg.h, in
// the words of one language; each thing that a colour or tone says is also said by a line or a
// word. The same register, instant and language give the same bytes. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atlas/cell.h"
#include "treaty/model.h"
#include "treaty/words.h"

namespace comity::atlas {

// Of which party (by index in the model; absent: of all), at which instant.
struct DrawingOf {
  std::optional<int> party;
  Instant at;
};

enum class DrawingKind { Pyramid, Web };
std::optional<DrawingKind> drawing_kind(std::string_view name);  // "pyramid", "web"

// What somebody can see of one instrument in a drawing.
struct DrawnInstrument {
  // In force: for two parties at least and, where one is given, for that one among them.
  enum class Status { InForce, NotInForceAsKnown, NotBinding } status = Status::NotBinding;
  int instrument = 0;
  BasisLevel level = BasisLevel::None;
  std::vector<int> parties;  // who is bound as far as is known, or takes part, by index
};

// By level and id. Without drafts, what is historical or national, what was signed later, and,
// unless the party is invented, what invented states have with each other.
std::vector<DrawnInstrument> drawn_instruments(const treaty::Model& model, const DrawingOf& of);

// The instruments in their levels: bilateral at the foot, global at the top.
std::string draw_pyramid(const treaty::Model& model, const treaty::Words& words,
                         const DrawingOf& of);

// Parties as nodes; an instrument of two is a line between them, one of several a node of its own
// with a line to each; the line says the level.
std::string draw_web(const treaty::Model& model, const treaty::Words& words, const DrawingOf& of);

std::string draw(DrawingKind kind, const treaty::Model& model, const treaty::Words& words,
                 const DrawingOf& of);

}  // namespace comity::atlas
