#include "node/demo.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>

#include "base/file.h"
#include "json/parse.h"
#include "node/process.h"
#include "store/lock.h"

namespace comity::node {
namespace {

const std::vector<std::string> demo_parties = {"CN", "RU", "KZ", "VN"};

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
  explicit Demonstration(const DemoOptions& options) : options_(options) {}

  Status run();
  int not_expected() const { return not_expected_; }

 private:
  std::string directory(const std::string& party) const { return options_.data + "/" + party; }
  Result<json::Value> on(const std::string& party, std::vector<std::string> arguments);
  void step(const std::string& title);
  void say(const std::string& text) { fmt::print("    {}\n", text); }
  void expect(bool condition, const std::string& what);
  void end_step();

  Status make_nodes();
  Status start_nodes();
  Status pair_nodes();
  Status pair(const std::string& a, const std::string& b);
  Status import_incident();
  Status ask(const std::string& title, bool with_arrangement);
  Status content_class();
  Status arrange();
  Status release();
  Status who_holds();
  Status verify();
  void say_verdict(const std::string& party, const json::Value& verdict);
  const json::Value* verdict_of(const json::Value& preview, const std::string& party) const;

  const DemoOptions& options_;
  std::map<std::string, std::unique_ptr<Running>> running_;
  std::string incident_, content_;  // import ids
  std::int64_t incident_records_ = 0;
  int steps_ = 0, expected_ = 0, not_expected_ = 0;
  bool step_ok_ = true;
};

void Demonstration::step(const std::string& title) {
  ++steps_;
  step_ok_ = true;
  fmt::print("\nEXERCISE demo · step {}: {}\n", steps_, title);
  std::fflush(stdout);
}

void Demonstration::expect(bool condition, const std::string& what) {
  if (condition) return;
  step_ok_ = false;
  say("NOT AS EXPECTED: expected " + what);
}

void Demonstration::end_step() {
  ++(step_ok_ ? expected_ : not_expected_);
  say(step_ok_ ? "as expected" : "NOT as expected");
}

// Runs a command of this program on a party's node; its JSON answer. Exit code 1 is an answer, too.
Result<json::Value> Demonstration::on(const std::string& party,
                                      std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--data", directory(party), "--json"});
  TRY(const auto finished, run_self(arguments));
  if (finished.out.empty() || (finished.exit_code != 0 && finished.exit_code != 1)) {
    return fail(ErrorKind::Unavailable,
                fmt::format("{} at {}: {}", arguments.front(), party, finished.err));
  }
  return json::parse(finished.out);
}

Status Demonstration::make_nodes() {
  step("four parties make their nodes");
  for (const auto& party : demo_parties) {
    TRY(const auto made,
        run_self({"init", "--party", party, "--exercise", "demo", "--data", directory(party),
                  "--register", options_.register_directory, "--allow-network", "127.0.0.0/8"}));
    expect(made.exit_code == 0, "a node of " + party + ": " + made.err);
    say(party + ": own keys, own store, own copy of the register");
  }
  end_step();
  return {};
}

Status Demonstration::start_nodes() {
  step("each node runs as a process of its own");
  for (const auto& party : demo_parties) {
    TRY(running_[party], Running::start({"serve", "--data", directory(party)}, "listens on"));
    say(running_[party]->ready_line());
  }
  end_step();
  return {};
}

Status Demonstration::pair(const std::string& a, const std::string& b) {
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

Status Demonstration::pair_nodes() {
  step("CN pairs with RU, KZ and VN: invitations, and the digits that two officers compare");
  for (const auto* other : {"RU", "KZ", "VN"}) TRY_STATUS(pair("CN", other));
  end_step();
  return {};
}

Status Demonstration::import_incident() {
  step("CN imports a public incident (WannaCry, 2017)");
  TRY(const auto report, on("CN", {"import", COMITY_EXAMPLES_DIR "/incidents/wannacry-2017.json"}));
  incident_ = report.text("import");
  const auto number = [&](const char* name) {
    const auto* member = report.find(name);
    return member == nullptr || member->integer() == nullptr ? -1 : *member->integer();
  };
  incident_records_ = number("objects");
  say(fmt::format("{} objects, {} added, {} refused, {} warnings", number("objects"),
                  number("added"), number("refused"), number("warnings")));
  expect(number("refused") == 0 && number("added") == incident_records_ && incident_records_ > 0,
         "every object stored");
  end_step();
  return {};
}

void Demonstration::say_verdict(const std::string& party, const json::Value& verdict) {
  say(fmt::format("{}: {}", party, verdict.text("verdict")));
  const auto each = [&](const char* list, const std::function<void(const json::Value&)>& print) {
    const auto* items = verdict.find(list);
    if (items == nullptr || items->array() == nullptr) return;
    for (const auto& item : *items->array()) print(item);
  };
  each("basis", [&](const json::Value& item) {
    say(fmt::format("  basis {} {} {} ({})", item.text("instrument"), item.text("clause"),
                    item.text("article"), item.text("status")));
  });
  each("needs", [&](const json::Value& item) {
    say(fmt::format("  needs {}: {} (from {})", item.text("kind"), item.text("what"),
                    item.text("from")));
  });
  each("reasons", [&](const json::Value& item) {
    say(fmt::format("  {} {} {} {}", item.text("code"), item.text("instrument"),
                    item.text("article"), item.text("what")));
  });
  if (verdict.text("verdict") == "no-basis") {
    each("advice", [&](const json::Value& item) {
      say(fmt::format("  advice {} {}: {}", item.text("instrument"), item.text("article"),
                      item.text("text")));
    });
  }
  each("assumed", [&](const json::Value& item) {
    say(fmt::format("  ASSUMED {}: {}", item.text("id"), item.text("reason")));
  });
}

const json::Value* Demonstration::verdict_of(const json::Value& preview,
                                             const std::string& party) const {
  const auto* rows = preview.find("parties");
  if (rows == nullptr || rows->array() == nullptr) return nullptr;
  for (const auto& row : *rows->array()) {
    if (row.text("party") == party) return row.find("verdict");
  }
  return nullptr;
}

std::string_view first(const json::Value& verdict, const char* list, const char* member) {
  const auto* items = verdict.find(list);
  if (items == nullptr || items->array() == nullptr || items->array()->empty()) return {};
  return items->array()->front().text(member);
}

bool any(const json::Value& verdict, const char* list, const char* member, std::string_view value) {
  const auto* items = verdict.find(list);
  if (items == nullptr || items->array() == nullptr) return false;
  return std::any_of(items->array()->begin(), items->array()->end(),
                     [&](const json::Value& item) { return item.text(member) == value; });
}

Status Demonstration::ask(const std::string& title, bool with_arrangement) {
  step(title);
  TRY(const auto preview, on("CN", {"preview", incident_}));
  for (const auto* party : {"RU", "KZ", "VN"}) {
    const auto* verdict = verdict_of(preview, party);
    if (verdict == nullptr)
      return fail(ErrorKind::Corrupt, fmt::format("no verdict for {}", party));
    say_verdict(party, *verdict);
  }
  const auto& ru = *verdict_of(preview, "RU");
  const auto& kz = *verdict_of(preview, "KZ");
  const auto& vn = *verdict_of(preview, "VN");
  expect(ru.text("verdict") == "permitted" &&
             first(ru, "basis", "instrument") == (with_arrangement ? "ru-cn-2015" : "sco-2009"),
         with_arrangement ? "RU permitted, bilaterally first" : "RU permitted under SCO alone");
  expect(any(ru, "reasons", "code", "needs-arrangement") != with_arrangement,
         with_arrangement ? "no arrangement missing with RU"
                          : "the bilateral agreement to need an arrangement");
  expect(kz.text("verdict") == "permitted" && first(kz, "basis", "instrument") == "sco-2009",
         "KZ permitted under SCO");
  expect(vn.text("verdict") == "no-basis" && any(vn, "advice", "instrument", "un-poc"),
         "no basis with VN, and the UN contact directory as advice");
  end_step();
  return {};
}

Status Demonstration::content_class() {
  step("a content-class record: refused under everything");
  TRY(const auto report,
      on("CN", {"import", COMITY_EXAMPLES_DIR "/incidents/content-class.json", "--tlp", "clear"}));
  content_ = report.text("import");
  TRY(const auto preview, on("CN", {"preview", content_}));
  const auto* rows = preview.find("parties");
  int forbidden = 0, all = 0;
  if (rows != nullptr && rows->array() != nullptr) {
    for (const auto& row : *rows->array()) {
      ++all;
      const auto* verdict = row.find("verdict");
      if (verdict != nullptr && verdict->text("verdict") == "forbidden" &&
          any(*verdict, "reasons", "code", "content-gate")) {
        ++forbidden;
      }
    }
  }
  say(fmt::format("{} of {} parties: forbidden by the content gate", forbidden, all));
  expect(all > 0 && forbidden == all, "forbidden to every party");
  TRY(const auto tried, on("CN", {"release", content_, "--to", "RU,KZ"}));
  const auto* parties = tried.find("parties");
  std::int64_t left = 0;
  for (const auto& row : *parties->array()) {
    const auto* disclosed = row.find("disclosed");
    left += disclosed != nullptr && disclosed->integer() != nullptr ? *disclosed->integer() : 1;
  }
  say(fmt::format("CN tries to release it to RU and KZ: {} records left the node", left));
  expect(left == 0, "nothing to leave");
  end_step();
  return {};
}

Status Demonstration::arrange() {
  step("CN and RU each enter their arrangement on format and protection");
  for (const auto& [party, other] : {std::pair("CN", "RU"), std::pair("RU", "CN")}) {
    TRY(const auto entered, on(party, {"treaty", "arrange", "--instrument", "ru-cn-2015", "--kind",
                                       "format-and-protection", "--with", other}));
    say(fmt::format("{}: {} – register {}", party, entered.text("arrangement"),
                    entered.text("register")));
    expect(!entered.text("arrangement").empty(), "an arrangement entered");
  }
  end_step();
  return {};
}

Status Demonstration::release() {
  step("CN releases the incident to RU, KZ and VN");
  TRY(const auto released, on("CN", {"release", incident_, "--to", "RU,KZ,VN"}));
  for (const auto& row : *released.find("parties")->array()) {
    const auto party = row.text("party");
    std::int64_t accepted = 0;
    for (const auto& sent : *row.find("sent")->array()) {
      accepted += *sent.find("accepted")->integer();
      say(
          fmt::format("{}: disclosure number {} under {} {} – {} records, receipt: {} accepted, {} "
                      "quarantined, {} "
                      "rejected {}",
                      party, *sent.find("number")->integer(), first(sent, "basis", "instrument"),
                      first(sent, "basis", "article"), *sent.find("records")->integer(),
                      *sent.find("accepted")->integer(), *sent.find("quarantined")->integer(),
                      *sent.find("rejected")->integer(), sent.text("error")));
      for (const auto& assumed : *sent.find("assumed")->array()) {
        say(fmt::format("  ASSUMED {}: {}", assumed.text("id"), assumed.text("reason")));
      }
      expect(first(sent, "basis", "instrument") == (party == "RU" ? "ru-cn-2015" : "sco-2009"),
             "the disclosure under the preferred basis");
    }
    const auto held = *row.find("held_back")->integer();
    if (party == "VN") {
      say(fmt::format("VN: {} records held back, no basis", held));
      expect(accepted == 0 && held == incident_records_, "nothing for VN");
    } else {
      expect(accepted == incident_records_ && held == 0, "a receipt for every record");
    }
  }
  end_step();
  return {};
}

Status Demonstration::who_holds() {
  step("who holds what now");
  for (const auto* party : {"RU", "KZ", "VN"}) {
    TRY(const auto held, on(party, {"records"}));
    std::int64_t live = 0, quarantined = 0;
    for (const auto& record : *held.find("records")->array()) {
      ++(record.text("state") == "live" ? live : quarantined);
    }
    say(fmt::format("{}: {} records live, {} quarantined", party, live, quarantined));
    expect(live == (std::string_view(party) == "VN" ? 0 : incident_records_) && quarantined == 0,
           "all with RU and KZ, nothing with VN");
  }
  end_step();
  return {};
}

Status Demonstration::verify() {
  step("every node verifies its ledger, signatures, receipts, and decides its disclosures again");
  for (const auto& party : demo_parties) {
    TRY(const auto found, on(party, {"verify"}));
    const auto* verified = found.find("verified");
    const bool holds =
        verified != nullptr && verified->boolean() != nullptr && *verified->boolean();
    say(fmt::format("{}: {} leaves, {} sent, {} decided again, {} receipts, {} received: {}", party,
                    *found.find("leaves")->integer(), *found.find("sent")->integer(),
                    *found.find("redecided")->integer(), *found.find("receipts")->integer(),
                    *found.find("received")->integer(), holds ? "verified" : "NOT VERIFIED"));
    expect(holds, "a ledger that verifies");
  }
  end_step();
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
  TRY_STATUS(import_incident());
  TRY_STATUS(ask("CN asks who may receive it today, and why", false));
  TRY_STATUS(content_class());
  TRY_STATUS(arrange());
  TRY_STATUS(ask("CN asks again", true));
  TRY_STATUS(release());
  TRY_STATUS(who_holds());
  TRY_STATUS(verify());
  if (!options_.once) {
    fmt::print("\nThe nodes stay up until you press Ctrl-C:\n");
    for (const auto& party : demo_parties) fmt::print("    {}\n", running_[party]->ready_line());
    fmt::print("Ask one of them, for example: comity preview {} --data {}\n", incident_,
               directory("CN"));
  }
  fmt::print("demonstration: {} steps, {} as expected, {} not\n", steps_, expected_, not_expected_);
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
