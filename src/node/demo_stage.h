// What every act of the demonstration has in common: nodes as processes below one folder, commands
// run on them as an officer would, steps that are counted, and lines that say what happened.
//
// Owned and used by one thread. The nodes stop when the stage is destroyed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "node/process.h"

namespace comity::node {

class Stage {
 public:
  Stage(std::string data, std::string register_directory)
      : data_(std::move(data)), register_directory_(std::move(register_directory)) {}

  // Steps: what was expected and did not happen makes the step count as not expected.
  void step(const std::string& title);
  void say(const std::string& text) const;
  void expect(bool condition, const std::string& what);
  void end_step();
  int steps() const { return steps_; }
  int expected() const { return expected_; }
  int not_expected() const { return steps_ - expected_; }

  // Nodes. Each serves its pages at an address of its own, which it keeps when it starts again.
  std::string directory(const std::string& party) const { return data_ + "/" + party; }
  std::string pages_url(const std::string& party) const;
  Status make_node(const std::string& party);
  Status start_node(const std::string& party);
  void stop_node(const std::string& party) { running_.erase(party); }
  // Both write an invitation for the other and take in the other's; the digits are compared here.
  Status pair(const std::string& a, const std::string& b);
  const std::string& ready_line(const std::string& party) const;

  // Runs a command on a party's node; its JSON answer. Exit code 1 is an answer, too.
  Result<json::Value> on(const std::string& party, std::vector<std::string> arguments) const;
  // The same for a command that is expected to be refused: what it said, empty if it was not.
  Result<std::string> refused(const std::string& party, std::vector<std::string> arguments) const;
  // The same for a command that needs no node.
  Result<json::Value> ask(std::vector<std::string> arguments) const;

  // Imports a bundle of examples/incidents/; the import id, or empty when not all was stored.
  Result<std::string> import_example(const std::string& party, const std::string& file,
                                     const std::vector<std::string>& options = {});
  // Records of the last import_example.
  std::int64_t imported() const { return imported_; }

  void say_verdict(const std::string& party, const json::Value& verdict) const;
  // One line for each disclosure of a release, and its assumptions.
  void say_release(const json::Value& party) const;

 private:
  std::string data_, register_directory_;
  std::map<std::string, std::string> pages_;  // party → ADDRESS:PORT
  std::map<std::string, std::unique_ptr<Running>> running_;
  std::int64_t imported_ = 0;
  int steps_ = 0, expected_ = 0;
  bool step_ok_ = true;
};

// Reading answers: what is not there is zero, empty or null.
std::int64_t number(const json::Value& value, std::string_view name);
bool flag(const json::Value& value, std::string_view name);
const json::Array& list(const json::Value& value, std::string_view name);
// The member of the first entry of a list.
std::string_view first(const json::Value& value, std::string_view list, std::string_view member);
// Whether an entry of the list has this member with this value.
bool any(const json::Value& value, std::string_view list, std::string_view member,
         std::string_view wanted);
// The verdict of a preview for a party; null when there is none.
const json::Value* verdict_of(const json::Value& preview, std::string_view party);
// The row of a release for a party; null when there is none.
const json::Value* release_of(const json::Value& release, std::string_view party);
// Records that a release row says were accepted by the recipient.
std::int64_t accepted(const json::Value& release_row);

}  // namespace comity::node
