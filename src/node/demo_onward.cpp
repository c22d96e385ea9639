#include <fmt/format.h>

#include "node/demo_acts.h"

namespace comity::node {
namespace {

// The description of a malicious program among what a node holds: a record of a class of its own.
Result<std::string> a_malware(const Stage& stage, const std::string& party) {
  TRY(const auto held, stage.on(party, {"records"}));
  for (const auto& record : list(held, "records")) {
    if (record.text("id").starts_with("malware--") && record.text("state") == "live") {
      return std::string(record.text("id"));
    }
  }
  return fail(ErrorKind::Corrupt, fmt::format("{} holds no malware object", party));
}

}  // namespace

Status Onward::needs_consent() {
  stage_.step(
      "RU wants to pass one of CN's records to BY: under which article, and who must agree?");
  TRY(record_, a_malware(stage_, "RU"));
  TRY(const auto preview, stage_.on("RU", {"preview", record_}));
  const auto* by = verdict_of(preview, "BY");
  if (by == nullptr) return fail(ErrorKind::Corrupt, "no verdict for BY");
  stage_.say_verdict("BY", *by);
  stage_.expect(by->text("verdict") == "needs" && any(*by, "needs", "kind", "consent") &&
                    any(*by, "needs", "from", "CN"),
                "the consent of CN to be needed");
  TRY(const auto tried, stage_.on("RU", {"release", record_, "--to", "BY"}));
  const auto* row = release_of(tried, "BY");
  stage_.expect(row != nullptr && number(*row, "disclosed") == 0, "nothing to leave without it");
  stage_.end_step();
  return {};
}

Status Onward::consent() {
  stage_.step("RU asks CN for its written consent, and CN grants it: for this record and BY alone");
  TRY(const auto asked, stage_.on("RU", {"consent", "ask", record_, "--to", "BY"}));
  stage_.expect(
      list(asked, "requests").size() == 1 && first(asked, "requests", "originator") == "CN",
      "CN alone to be asked");
  TRY(const auto waiting, stage_.on("CN", {"consent", "list"}));
  std::string request;
  for (const auto& row : list(waiting, "consents")) {
    if (row.text("state") == "unanswered" && !flag(row, "asked_by_us")) {
      request = row.text("request");
      stage_.say(fmt::format("CN reads: {} asks whether {} records may go to {} for {}",
                             row.text("party"), list(row, "records").size(), row.text("recipient"),
                             row.text("purpose")));
    }
  }
  stage_.expect(!request.empty(), "an open request at CN");
  TRY(const auto granted, stage_.on("CN", {"consent", "grant", request}));
  stage_.say(fmt::format("CN grants: {}", granted.text("consent")));
  stage_.end_step();
  return {};
}

Status Onward::pass_on() {
  stage_.step("RU passes the record to BY under its own agreement, with CN's consent");
  TRY(const auto released, stage_.on("RU", {"release", record_, "--to", "BY"}));
  const auto* row = release_of(released, "BY");
  if (row == nullptr) return fail(ErrorKind::Corrupt, "no answer for BY");
  stage_.say_release(*row);
  stage_.expect(accepted(*row) >= 1 && number(*row, "held_back") == 0, "a receipt of BY");
  for (const auto& sent : list(*row, "sent")) {
    stage_.expect(first(sent, "basis", "instrument") == "ru-by-2013", "the basis RU and BY share");
  }
  stage_.end_step();
  return {};
}

Status Onward::own_record() {
  stage_.step("RU imports a published incident of its own (NotPetya, 2017) and shares it with VN");
  // Some of it names what CN gave before by the same public ids: it is no copy of that.
  TRY(const auto incident,
      stage_.import_example("RU", "notpetya-2017.json",
                            {"--published", "https://www.us-cert.gov/ncas/alerts/TA17-181A"}));
  TRY(const auto released, stage_.on("RU", {"release", incident, "--to", "VN"}));
  const auto* row = release_of(released, "VN");
  if (row == nullptr) return fail(ErrorKind::Corrupt, "no answer for VN");
  stage_.say_release(*row);
  stage_.expect(accepted(*row) == stage_.imported(), "a receipt of VN for every record");
  for (const auto& sent : list(*row, "sent")) {
    stage_.expect(first(sent, "basis", "instrument") == "ru-vn-2018", "their agreement as basis");
  }
  stage_.end_step();
  return {};
}

Status Onward::recall() {
  stage_.step("CN recalls the record; RU, KZ and BY take their copies out of use and confirm");
  TRY(const auto recalled, stage_.on("CN", {"recall", record_, "--reason", "wrong-content"}));
  stage_.expect(list(recalled, "recalls").size() == 2, "RU and KZ to be told");
  // RU tells BY, BY confirms to RU, RU confirms to CN: each at its own pace; here at once.
  for (const auto* party : {"RU", "BY", "RU", "KZ"}) {
    TRY_STATUS(stage_.on(party, {"statements", "send"}));
  }
  for (const auto* party : {"RU", "KZ", "BY"}) {
    TRY(const auto held, stage_.on(party, {"records"}));
    bool out_of_use = false;
    for (const auto& record : list(held, "records")) {
      if (record.text("id") != record_) continue;
      stage_.say(fmt::format("{}: {} is {}: {}", party, record_, record.text("state"),
                             record.text("reason")));
      out_of_use = record.text("state") == "quarantined";
    }
    stage_.expect(out_of_use, fmt::format("the copy of {} out of use", party));
  }
  TRY(const auto answers, stage_.on("CN", {"recall", "list"}));
  for (const auto& row : list(answers, "recalls")) {
    stage_.say(fmt::format("{}: {}, passed on {} times, {} awaited", row.text("party"),
                           row.text("state"), number(row, "passed_on"), number(row, "awaiting")));
    stage_.expect(row.text("state") == "confirmed", "a signed confirmation");
  }
  stage_.end_step();
  return {};
}

Status Onward::run() {
  TRY_STATUS(needs_consent());
  TRY_STATUS(consent());
  TRY_STATUS(pass_on());
  TRY_STATUS(own_record());
  return recall();
}

}  // namespace comity::node
