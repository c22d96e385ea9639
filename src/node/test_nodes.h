// What the tests of node commands share: exercise nodes in a directory of their own, by the clock
// of the machine. Header only.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "exchange/node.h"
#include "json/parse.h"

namespace comity::node::test {

using comity::test::must;
using comity::test::TemporaryDirectory;

// An exercise node with the shipped register.
inline void make_node(const std::string& directory, const std::string& party) {
  exchange::NewNode options;
  options.party = party;
  options.mode = treaty::Mode::Exercise;
  options.exercise = "demo";
  options.register_files = must(treaty::read_register(comity::test::source_path("register")));
  options.allowed_networks = {"127.0.0.0/8"};
  must(exchange::Node::create(directory, options, system_clock(), system_random()));
}
inline std::unique_ptr<exchange::Node> open_node(const std::string& directory) {
  return must(exchange::Node::open(directory, exchange::NodeAccess::ReadWrite, system_clock(),
                                   system_random()));
}

inline json::Object arguments(const std::string& text) {
  auto value = must(json::parse(text));
  return *value.object();
}

constexpr const char* indicator_id = "indicator--00000000-0000-4000-8000-000000000001";

inline std::string bundle() {
  return fmt::format(
      R"({{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[{{)"
      R"("type":"indicator","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00Z",)"
      R"("modified":"2026-01-01T00:00:00Z","pattern":"[ipv4-addr:value = '198.51.100.1']",)"
      R"("pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}}]}})",
      indicator_id);
}

}  // namespace comity::node::test
