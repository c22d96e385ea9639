#include "treaty/area_purposes_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "treaty/request.h"

namespace comity::treaty {
namespace {

std::size_t count(Bits bits) { return std::bitset<64>(bits).count(); }

void read_area(TomlTable& row, const Vocabulary& words, AreaPurposes& out) {
  out.actions = bit(Action::Share);
  if (row.has("actions")) {
    out.actions = row.choices("actions", words.actions, Presence::Optional);
    if ((out.actions & ~own_actions) != 0) {
      row.problem(row.find("actions")->position,
                  fmt::format("'actions' has {}", words.actions.joined(out.actions & ~own_actions)),
                  "some of " + words.actions.joined(own_actions));
      out.actions &= own_actions;
    }
  }
  out.purposes = row.choices("purposes", words.purposes, Presence::Required);
  const bool transfers = (out.actions & transfer_actions) != 0;
  if (transfers || out.actions == 0) {
    out.classes = row.choices("classes", words.classes, Presence::Required);
  } else {
    row.refuse("classes", "'classes' where no action transfers anything", "no such key here");
  }
  if (const auto questions = question_count(out); questions > area_questions_max) {
    row.problem(row.node().position, fmt::format("the area has {} questions", questions),
                fmt::format("at most {}: each action for each purpose with each class",
                            area_questions_max));
  }
  row.refuse_unknown_keys();
}

}  // namespace

std::size_t question_count(const AreaPurposes& of) {
  const auto transfers = count(of.actions & transfer_actions);
  const auto others = count(of.actions & ~transfer_actions);
  return count(of.purposes) * (transfers * count(of.classes) + others);
}

void read_area_purposes(TomlTable& root, ProblemList& problems, Vocabulary& words) {
  const auto* table = root.find("area_purposes");
  if (table == nullptr) return;
  if (table->kind != TomlNode::Kind::Table) {
    root.wrong_type(*table, "area_purposes", "a table: [area_purposes]");
    return;
  }
  words.area_purposes.resize(words.areas.values.size());
  for (const auto& entry : table->entries) {
    const auto area = words.areas.index(entry.key);
    if (!area) {
      problems.add(root.file(), entry.position, fmt::format("an area is {}", quoted(entry.key)),
                   "an area of this file", nearest(entry.key, words.areas.values));
    } else if (entry.value.kind != TomlNode::Kind::Table) {
      root.wrong_type(entry.value, entry.key, "a table: { purposes = […], classes = […] }");
    } else {
      TomlTable row(entry.value, root.file(), problems,
                    fmt::format("[area_purposes.{}]", entry.key));
      read_area(row, words, words.area_purposes[static_cast<std::size_t>(*area)]);
    }
  }
}

}  // namespace comity::treaty
