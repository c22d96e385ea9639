#include <fmt/format.h>

#include "base/file.h"
#include "node/demo_acts.h"

namespace comity::node {
namespace {

// A bundle with one invented vulnerability; the host name is of a reserved domain.
std::string one_record(int number) {
  const auto id = [&](const char* type) {
    return fmt::format("{}--00000000-0000-4000-8000-{:012}", type, number);
  };
  return fmt::format(
      "{{\"type\":\"bundle\",\"id\":\"{}\",\"objects\":[{{\"type\":\"vulnerability\","
      "\"spec_version\":\"2.1\",\"id\":\"{}\",\"created\":\"2026-11-01T00:00:00.000Z\","
      "\"modified\":\"2026-11-01T00:00:00.000Z\",\"name\":\"Invented flaw {} of the "
      "exercise\"}}]}}",
      id("bundle"), id("vulnerability"), number);
}

}  // namespace

Result<std::int64_t> LawInTime::try_one(const std::string& name) {
  ++tries_;
  const auto file = stage_.directory("XA") + fmt::format("/flaw-{}.json", tries_);
  TRY_STATUS(write_file(file, one_record(tries_)));
  TRY(const auto report, stage_.on("XA", {"import", file, "--tlp", "green"}));
  TRY(const auto released,
      stage_.on("XA", {"release", std::string(report.text("import")), "--to", "XB"}));
  const auto* row = release_of(released, "XB");
  if (row == nullptr) return fail(ErrorKind::Corrupt, "no answer for XB");
  stage_.say(fmt::format("{}: {} accepted by XB, {} held back", name, accepted(*row),
                         number(*row, "held_back")));
  stage_.say_release(*row);
  for (const auto& held : list(*row, "held")) {
    if (const auto* verdict = held.find("verdict")) stage_.say_verdict("XB", *verdict);
  }
  return accepted(*row);
}

Status LawInTime::share() {
  stage_.step("XA and XB, invented, share under their agreement");
  TRY(const auto accepted, try_one("a new record"));
  stage_.expect(accepted == 1, "a receipt of XB");
  stage_.end_step();
  return {};
}

Status LawInTime::suspend() {
  stage_.step("XA suspends the agreement: sharing stops in the same second");
  TRY(const auto done, stage_.on("XA", {"treaty", "suspend", "xa-xb-2024"}));
  stage_.say(fmt::format("register is now {}", done.text("register")));
  TRY(const auto accepted, try_one("a new record, at once"));
  stage_.expect(accepted == 0, "nothing to leave");
  stage_.end_step();
  return {};
}

Status LawInTime::resume() {
  stage_.step("XA resumes it: sharing goes on");
  TRY(const auto done, stage_.on("XA", {"treaty", "resume", "xa-xb-2024"}));
  stage_.say(fmt::format("register is now {}", done.text("register")));
  TRY(const auto accepted, try_one("a new record, at once"));
  stage_.expect(accepted == 1, "a receipt of XB");
  stage_.end_step();
  return {};
}

Status LawInTime::denounce() {
  stage_.step("XA denounces it: sharing goes on while the notice of 90 days runs");
  TRY(const auto done, stage_.on("XA", {"treaty", "denounce", "xa-xb-2024"}));
  stage_.say(fmt::format("in force until {}", done.text("effective")));
  TRY(const auto today, try_one("on the day of the notice"));
  stage_.expect(today == 1, "a receipt of XB");
  for (const auto* party : {"XA", "XB"}) {
    TRY(const auto advanced, stage_.on(party, {"exercise", "advance", "P89D"}));
    stage_.say(fmt::format("{}: the exercise clock says {}", party, advanced.text("treaty_time")));
  }
  TRY(const auto later, try_one("89 days later"));
  stage_.expect(later == 1, "a receipt of XB");
  stage_.end_step();
  return {};
}

Status LawInTime::notice_runs_out() {
  stage_.step("the notice has run out: sharing stops");
  for (const auto* party : {"XA", "XB"}) {
    TRY(const auto advanced, stage_.on(party, {"exercise", "advance", "P2D"}));
    stage_.say(fmt::format("{}: the exercise clock says {}", party, advanced.text("treaty_time")));
  }
  TRY(const auto accepted, try_one("91 days after the notice"));
  stage_.expect(accepted == 0, "nothing to leave");
  stage_.end_step();
  return {};
}

Status LawInTime::run() {
  TRY_STATUS(share());
  TRY_STATUS(suspend());
  TRY_STATUS(resume());
  TRY_STATUS(denounce());
  return notice_runs_out();
}

}  // namespace comity::node
