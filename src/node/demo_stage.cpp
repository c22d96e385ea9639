#include "node/demo_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "json/parse.h"
#include "node/serve.h"

namespace comity::node {

std::int64_t number(const json::Value& value, std::string_view name) {
  const auto* member = value.find(name);
  return member == nullptr || member->integer() == nullptr ? 0 : *member->integer();
}

bool flag(const json::Value& value, std::string_view name) {
  const auto* member = value.find(name);
  return member != nullptr && member->boolean() != nullptr && *member->boolean();
}

const json::Array& list(const json::Value& value, std::string_view name) {
  static const json::Array none;
  const auto* member = value.find(name);
  return member == nullptr || member->array() == nullptr ? none : *member->array();
}

std::string_view first(const json::Value& value, std::string_view name, std::string_view member) {
  const auto& items = list(value, name);
  return items.empty() ? std::string_view() : items.front().text(member);
}

bool any(const json::Value& value, std::string_view name, std::string_view member,
         std::string_view wanted) {
  const auto& items = list(value, name);
  return std::any_of(items.begin(), items.end(),
                     [&](const json::Value& item) { return item.text(member) == wanted; });
}

const json::Value* verdict_of(const json::Value& preview, std::string_view party) {
  for (const auto& row : list(preview, "parties")) {
    if (row.text("party") == party) return row.find("verdict");
  }
  return nullptr;
}

const json::Value* release_of(const json::Value& release, std::string_view party) {
  for (const auto& row : list(release, "parties")) {
    if (row.text("party") == party) return &row;
  }
  return nullptr;
}

std::int64_t accepted(const json::Value& release_row) {
  std::int64_t out = 0;
  for (const auto& sent : list(release_row, "sent")) out += number(sent, "accepted");
  return out;
}

void Stage::step(const std::string& title) {
  ++steps_;
  step_ok_ = true;
  fmt::print("\nEXERCISE demo · step {}: {}\n", steps_, title);
  std::fflush(stdout);
}

void Stage::say(const std::string& text) const { fmt::print("    {}\n", text); }

void Stage::expect(bool condition, const std::string& what) {
  if (condition) return;
  step_ok_ = false;
  say("NOT AS EXPECTED: expected " + what);
}

void Stage::end_step() {
  if (step_ok_) ++expected_;
  say(step_ok_ ? "as expected" : "NOT as expected");
}

Status Stage::make_node(const std::string& party) {
  TRY(const auto made,
      run_self({"init", "--party", party, "--exercise", "demo", "--data", directory(party),
                "--register", register_directory_, "--allow-network", "127.0.0.0/8"}));
  expect(made.exit_code == 0, "a node of " + party + ": " + made.err);
  // A browser keeps one cookie for all ports of an address: with an address for each node somebody
  // can be signed in at several of them.
  const auto address = fmt::format("127.0.1.{}", pages_.size() + 1);
  TRY(const auto port, free_port(address));
  pages_[party] = fmt::format("{}:{}", address, port);
  say(party + ": own keys, own store, own copy of the register");
  return {};
}

std::string Stage::pages_url(const std::string& party) const {
  return fmt::format("http://{}/", pages_.at(party));
}

Status Stage::start_node(const std::string& party) {
  TRY(running_[party],
      Running::start({"serve", "--data", directory(party), "--pages", pages_.at(party)},
                     "listens on"));
  say(fmt::format("{}, its pages are at {}", running_[party]->ready_line(), pages_url(party)));
  return {};
}

const std::string& Stage::ready_line(const std::string& party) const {
  return running_.at(party)->ready_line();
}

Status Stage::pair(const std::string& a, const std::string& b) {
  const auto file = [&](const std::string& from, const std::string& to) {
    return directory(from) + "/invitation-for-" + to + ".json";
  };
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    TRY(const auto written,
        run_self({"invite", to, "--out", file(from, to), "--data", directory(from)}));
    expect(written.exit_code == 0, "an invitation: " + written.err);
  }
  TRY(const auto at_a, on(a, {"pair", file(b, a), "--confirmed"}));
  TRY(const auto at_b, on(b, {"pair", file(a, b), "--confirmed"}));
  say(fmt::format("{} and {} compare: {}", a, b, at_a.text("digits")));
  expect(!at_a.text("digits").empty() && at_a.text("digits") == at_b.text("digits"),
         "the same digits on both sides");
  return {};
}

Result<json::Value> Stage::on(const std::string& party, std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--data", directory(party)});
  auto answer = ask(arguments);
  if (!answer) return tl::unexpected<Error>(std::move(answer.error()).at("node of " + party));
  return answer;
}

Result<json::Value> Stage::ask(std::vector<std::string> arguments) const {
  arguments.emplace_back("--json");
  TRY(const auto finished, run_self(arguments));
  if (finished.out.empty() || (finished.exit_code != 0 && finished.exit_code != 1)) {
    return fail(ErrorKind::Unavailable,
                fmt::format("comity {}: exit {}: {}{}", arguments.front(), finished.exit_code,
                            finished.out, finished.err));
  }
  return json::parse(finished.out);
}

Result<std::string> Stage::refused(const std::string& party,
                                   std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--data", directory(party)});
  TRY(auto finished, run_self(arguments));
  if (finished.exit_code == 0) return std::string();
  while (!finished.err.empty() && finished.err.back() == '\n') finished.err.pop_back();
  return finished.err.empty() ? finished.out : finished.err;
}

Result<std::string> Stage::import_example(const std::string& party, const std::string& file,
                                          const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"import", COMITY_EXAMPLES_DIR "/incidents/" + file};
  arguments.insert(arguments.end(), options.begin(), options.end());
  TRY(const auto report, on(party, arguments));
  imported_ = number(report, "objects");
  say(fmt::format("{} imports {}: {} objects, {} added, {} refused, {} warnings", party, file,
                  imported_, number(report, "added"), number(report, "refused"),
                  number(report, "warnings")));
  const bool whole =
      number(report, "refused") == 0 && number(report, "added") == imported_ && imported_ > 0;
  expect(whole, "every object stored");
  return whole ? std::string(report.text("import")) : std::string();
}

void Stage::say_verdict(const std::string& party, const json::Value& verdict) const {
  say(fmt::format("{}: {}", party, verdict.text("verdict")));
  for (const auto& item : list(verdict, "basis")) {
    say(fmt::format("  basis {} {} {} ({})", item.text("instrument"), item.text("clause"),
                    item.text("article"), item.text("status")));
  }
  for (const auto& item : list(verdict, "needs")) {
    say(fmt::format("  needs {}: {} (from {})", item.text("kind"), item.text("what"),
                    item.text("from")));
  }
  for (const auto& item : list(verdict, "reasons")) {
    say(fmt::format("  {} {} {} {}", item.text("code"), item.text("instrument"),
                    item.text("article"), item.text("what")));
  }
  if (verdict.text("verdict") == "no-basis") {
    for (const auto& item : list(verdict, "advice")) {
      say(fmt::format("  advice {} {}: {}", item.text("instrument"), item.text("article"),
                      item.text("text")));
    }
  }
  for (const auto& item : list(verdict, "assumed")) {
    say(fmt::format("  ASSUMED {}: {}", item.text("id"), item.text("reason")));
  }
}

void Stage::say_release(const json::Value& party) const {
  for (const auto& sent : list(party, "sent")) {
    say(fmt::format(
        "{}: disclosure number {} under {} {} – {} records, receipt: {} accepted, {} "
        "quarantined, {} rejected {}",
        party.text("party"), number(sent, "number"), first(sent, "basis", "instrument"),
        first(sent, "basis", "article"), number(sent, "records"), number(sent, "accepted"),
        number(sent, "quarantined"), number(sent, "rejected"), sent.text("error")));
    for (const auto& assumed : list(sent, "assumed")) {
      say(fmt::format("  ASSUMED {}: {}", assumed.text("id"), assumed.text("reason")));
    }
  }
  if (number(party, "held_back") > 0) {
    say(fmt::format("{}: {} records held back", party.text("party"), number(party, "held_back")));
  }
}

}  // namespace comity::node
