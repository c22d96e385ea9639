// Register files as trees that a test can change and write again. For tests only.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>

#include "json/write.h"
#include "treaty/register.h"
#include "treaty/toml_document.h"

namespace comity::treaty::test {

inline TomlNode document_of(const RegisterFiles& files, const std::string& path) {
  ProblemList problems;
  auto out = parse_toml(path, files.at(path), problems);
  CHECK(out.has_value());
  return *std::move(out);
}

// A value as TOML has it, on one line.
inline std::string toml_text(const TomlNode& node) {
  std::string out;
  switch (node.kind) {
    case TomlNode::Kind::Date:
    case TomlNode::Kind::Time:
      return node.text;
    case TomlNode::Kind::Array:
      for (const auto& item : node.items) out += (out.empty() ? "" : ", ") + toml_text(item);
      return "[" + out + "]";
    case TomlNode::Kind::Table:
      for (const auto& entry : node.entries) {
        out += fmt::format("{}{} = {}", out.empty() ? "" : ", ",
                           json::write(json::Value(entry.key)), toml_text(entry.value));
      }
      return "{" + out + "}";
    default:
      return json::write(to_json(node));
  }
}

// A whole file, with a line for each key of its root.
inline std::string file_text(const TomlNode& root) {
  std::string out;
  for (const auto& entry : root.entries) {
    out += fmt::format("{} = {}\n", json::write(json::Value(entry.key)), toml_text(entry.value));
  }
  return out;
}

// What kind of file a path is: the file, or the folder that holds many of its kind.
inline std::string file_kind(const std::string& path) {
  const auto slash = path.find('/');
  return slash == std::string::npos ? path : path.substr(0, slash);
}

// Every table of a document, the outer before the inner, with its kind: "instruments/party[]".
using TableVisitor = std::function<void(const std::string& kind, TomlNode& table)>;
inline void each_table(const std::string& kind, TomlNode& node, const TableVisitor& visit) {
  if (node.kind == TomlNode::Kind::Table) {
    visit(kind, node);
    for (auto& entry : node.entries) each_table(kind + "/" + entry.key, entry.value, visit);
  }
  for (auto& item : node.items) each_table(kind + "[]", item, visit);
}

}  // namespace comity::treaty::test
