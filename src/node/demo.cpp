#include "node/demo.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "node/demo_acts.h"
#include "store/lock.h"

namespace comity::node {
namespace {

const std::vector<std::string> demo_parties = {"CN", "RU", "KZ", "BY", "VN", "XA", "XB"};
const std::vector<std::pair<std::string, std::string>> demo_pairs = {
    {"CN", "RU"}, {"CN", "KZ"}, {"CN", "VN"}, {"RU", "BY"}, {"RU", "VN"}, {"XA", "XB"}};

// Under which instrument each party got what it holds of others; CN got nothing.
const std::map<std::string, std::string> demo_grounds = {
    {"CN", ""},           {"RU", "ru-cn-2015"}, {"KZ", "sco-2009"},  {"BY", "ru-by-2013"},
    {"VN", "ru-vn-2018"}, {"XA", "xa-xb-2024"}, {"XB", "xa-xb-2024"}};

bool any_came(const json::Value& held) {
  const auto& records = list(held, "records");
  return std::any_of(records.begin(), records.end(),
                     [](const json::Value& record) { return !record.text("under").empty(); });
}

// Makes room for a new demonstration: a folder whose every entry is an exercise node of ours is
// replaced, any other is left alone.
Status make_room(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) return make_directories(directory);
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const auto path = entry.path().string();
    if (!file_exists(path + "/EXERCISE")) {
      return fail(
          ErrorKind::Conflict,
          fmt::format("{} is no exercise node of ours; choose another folder (--data DIR) or "
                      "remove it yourself",
                      path),
          directory);
    }
    auto lock = store::DataLock::take(path);
    if (!lock) {
      return fail(ErrorKind::Conflict, "a demonstration still runs here: " + lock.error().text(),
                  directory);
    }
  }
  if (!error) std::filesystem::remove_all(directory, error);
  if (error) return fail(ErrorKind::Unavailable, error.message(), directory);
  return make_directories(directory);
}

class Demonstration {
 public:
  explicit Demonstration(const DemoOptions& options)
      : options_(options), stage_(options.data, options.register_directory) {}

  Status run();
  int not_expected() const { return stage_.not_expected(); }

 private:
  Status make_nodes();
  Status start_nodes();
  Status pair_nodes();
  Status who_holds();
  Status verify();

  const DemoOptions& options_;
  Stage stage_;
};

Status Demonstration::make_nodes() {
  stage_.step("seven parties make their nodes; XA and XB are invented");
  for (const auto& party : demo_parties) TRY_STATUS(stage_.make_node(party));
  stage_.end_step();
  return {};
}

Status Demonstration::start_nodes() {
  stage_.step("each node runs as a process of its own");
  for (const auto& party : demo_parties) TRY_STATUS(stage_.start_node(party));
  stage_.end_step();
  return {};
}

Status Demonstration::pair_nodes() {
  stage_.step("nodes pair: invitations, and the digits that two officers compare");
  for (const auto& [a, b] : demo_pairs) TRY_STATUS(stage_.pair(a, b));
  stage_.end_step();
  return {};
}

Status Demonstration::who_holds() {
  stage_.step("who holds what, from whom, under which article");
  for (const auto& party : demo_parties) {
    TRY(const auto held, stage_.on(party, {"records"}));
    std::map<std::string, std::int64_t> groups;
    for (const auto& record : list(held, "records")) {
      const auto ground = record.text("under").empty()
                              ? std::string("its own")
                              : fmt::format("of {} from {} under {}", record.text("originator"),
                                            record.text("from"), record.text("under"));
      ++groups[record.text("state") == "live"
                   ? ground
                   : fmt::format("{}, out of use: {}", ground, record.text("reason"))];
    }
    for (const auto& [ground, count] : groups) {
      stage_.say(fmt::format("{}: {} records, {}", party, count, ground));
    }
    const auto& instrument = demo_grounds.at(party);
    for (const auto& record : list(held, "records")) {
      const auto under = record.text("under");
      stage_.expect(under.empty() || under.starts_with(instrument + " "),
                    party + " to hold what came under " + instrument + " alone");
    }
    stage_.expect(instrument.empty() || any_came(held), party + " to hold what was shared with it");
  }
  stage_.end_step();
  return {};
}

Status Demonstration::verify() {
  stage_.step(
      "every node verifies its ledger, signatures, receipts, and decides its disclosures again");
  for (const auto& party : demo_parties) {
    TRY(const auto found, stage_.on(party, {"verify"}));
    const bool holds = flag(found, "verified");
    stage_.say(fmt::format("{}: {} leaves, {} sent, {} decided again, {} receipts, {} received: {}",
                           party, number(found, "leaves"), number(found, "sent"),
                           number(found, "redecided"), number(found, "receipts"),
                           number(found, "received"), holds ? "verified" : "NOT VERIFIED"));
    for (const auto& finding : list(found, "findings")) {
      if (finding.string() != nullptr) stage_.say("  DOES NOT HOLD " + *finding.string());
    }
    stage_.expect(holds, "a ledger that verifies");
  }
  stage_.end_step();
  return {};
}

Status Demonstration::run() {
  fmt::print(
      "EXERCISE demo – a demonstration on loopback, not real traffic. Facts that the register "
      "leaves open are "
      "assumed and marked ASSUMED.\n");
  TRY_STATUS(make_nodes());
  TRY_STATUS(start_nodes());
  TRY_STATUS(pair_nodes());
  Sharing sharing(stage_);
  TRY_STATUS(sharing.run());
  TRY_STATUS(Onward(stage_).run());
  TRY_STATUS(Liar(stage_).run());
  TRY_STATUS(LawInTime(stage_).run());
  Officers officers(stage_);
  TRY_STATUS(officers.run(demo_parties));
  TRY_STATUS(who_holds());
  TRY_STATUS(verify());
  if (!options_.once) {
    fmt::print("\nThe nodes stay up until you press Ctrl-C:\n");
    for (const auto& party : demo_parties) fmt::print("    {}\n", stage_.ready_line(party));
    officers.say_pages();
    fmt::print("Ask one of them, for example: comity preview {} --data {}\n", sharing.incident(),
               stage_.directory("CN"));
  }
  fmt::print("demonstration: {} steps, {} as expected, {} not\n", stage_.steps(), stage_.expected(),
             stage_.not_expected());
  std::fflush(stdout);
  return {};
}

}  // namespace

int demonstrate(const DemoOptions& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (const auto room = make_room(options.data); !room) {
    fmt::print(stderr, "comity: {}\n", room.error().text());
    return exit_code(room.error().kind);
  }
  Demonstration demonstration(options);
  if (const auto status = demonstration.run(); !status) {
    fmt::print(stderr, "comity: the demonstration stopped: {}\n", status.error().text());
    return exit_code(ErrorKind::Unavailable);
  }
  if (!options.once) {
    int signal = 0;
    sigwait(&signals, &signal);
  }
  return demonstration.not_expected() == 0 ? 0 : 1;
}

}  // namespace comity::node
