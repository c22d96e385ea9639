// What the commands of a node share: reading their arguments, and what every answer begins with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exchange/node.h"
#include "json/value.h"

namespace comity::node {

// Empty when there is no such argument or it is of another type.
std::string text_argument(const json::Object& arguments, std::string_view name);
std::vector<std::string> list_argument(const json::Object& arguments, std::string_view name);

// Everything an exercise node says carries the mark; empty on an operational one.
std::string watermark(const exchange::Node& node);

// The members that every answer for machines begins with.
json::Object data_of(const exchange::Node& node);

}  // namespace comity::node
