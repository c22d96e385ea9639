// What the commands of a node share: reading their arguments, and what every answer begins with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/import.h"
#include "exchange/node.h"
#include "json/value.h"
#include "node/command.h"

namespace comity::node {

// Empty when there is no such argument or it is of another type.
std::string text_argument(const json::Object& arguments, std::string_view name);
std::vector<std::string> list_argument(const json::Object& arguments, std::string_view name);

// Everything an exercise node says carries the mark; empty on an operational one.
std::string watermark(const exchange::Node& node);

// The members that every answer for machines begins with.
json::Object data_of(const exchange::Node& node);

// The loss report of an import (docs/formats/import.md), of which `count` losses the first are in
// `losses`: appended to the text, and as member `losses` of `data`.
void add_losses(Outcome& outcome, json::Object& data, const std::vector<exchange::Loss>& losses,
                std::int64_t count);

// The answer of a command that lists things: `text` and `data` make a row of each, for people and,
// as `member`, for machines. `none` is said when there is nothing.
template <typename Rows, typename Text, typename Data>
Outcome listed(const exchange::Node& node, const char* member, const Rows& all, Text text,
               Data data, const char* none = "") {
  Outcome outcome;
  outcome.text = watermark(node);
  json::Array rows;
  for (const auto& item : all) {
    outcome.text += text(item);
    rows.push_back(data(item));
  }
  if (all.empty()) outcome.text += none;
  auto answer = data_of(node);
  answer.set(member, std::move(rows));
  outcome.data = std::move(answer);
  return outcome;
}

}  // namespace comity::node
