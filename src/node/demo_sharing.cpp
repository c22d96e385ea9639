#include <fmt/format.h>

#include "node/demo_acts.h"

namespace comity::node {

Status Sharing::import_incident() {
  stage_.step("CN imports a public incident (WannaCry, 2017)");
  TRY(incident_, stage_.import_example("CN", "wannacry-2017.json"));
  records_ = stage_.imported();
  stage_.end_step();
  return {};
}

Status Sharing::ask(const std::string& title, bool with_arrangement) {
  stage_.step(title);
  TRY(const auto preview, stage_.on("CN", {"preview", incident_}));
  for (const auto* party : {"RU", "KZ", "VN"}) {
    const auto* verdict = verdict_of(preview, party);
    if (verdict == nullptr)
      return fail(ErrorKind::Corrupt, fmt::format("no verdict for {}", party));
    stage_.say_verdict(party, *verdict);
  }
  const auto& ru = *verdict_of(preview, "RU");
  const auto& kz = *verdict_of(preview, "KZ");
  const auto& vn = *verdict_of(preview, "VN");
  stage_.expect(
      ru.text("verdict") == "permitted" &&
          first(ru, "basis", "instrument") == (with_arrangement ? "ru-cn-2015" : "sco-2009"),
      with_arrangement ? "RU permitted, bilaterally first" : "RU permitted under SCO alone");
  stage_.expect(any(ru, "reasons", "code", "needs-arrangement") != with_arrangement,
                with_arrangement ? "no arrangement missing with RU"
                                 : "the bilateral agreement to need an arrangement");
  stage_.expect(kz.text("verdict") == "permitted" && first(kz, "basis", "instrument") == "sco-2009",
                "KZ permitted under SCO");
  stage_.expect(vn.text("verdict") == "no-basis" && any(vn, "advice", "instrument", "un-poc"),
                "no basis with VN, and the UN contact directory as advice");
  stage_.end_step();
  return {};
}

// Parties that are only asked about: soft instruments advise and are never a basis.
Status Sharing::advice_only() {
  stage_.step("CN asks about BR and the United Nations: advice, and no basis");
  TRY(const auto preview, stage_.on("CN", {"preview", incident_}));
  for (const auto* party : {"BR", "UNO"}) {
    const auto* verdict = verdict_of(preview, party);
    if (verdict == nullptr)
      return fail(ErrorKind::Corrupt, fmt::format("no verdict for {}", party));
    stage_.say_verdict(party, *verdict);
    stage_.expect(verdict->text("verdict") == "no-basis",
                  fmt::format("no basis with {} for the incident", party));
  }
  stage_.say("and a paper on norms to BR:");
  TRY(const auto paper,
      stage_.on("CN", {"treaty", "decide", "--from", "CN", "--to", "BR", "--info", "policy-paper",
                       "--area", "international-law", "--purpose", "cbm", "--tlp", "green"}));
  stage_.say_verdict("BR", paper);
  stage_.expect(
      paper.text("verdict") == "no-basis" && any(paper, "advice", "instrument", "brics-2020-decl"),
      "the BRICS declaration to advise and to be no basis");
  stage_.end_step();
  return {};
}

Status Sharing::content_class() {
  stage_.step("a content-class record: refused under everything");
  TRY(const auto content, stage_.import_example("CN", "content-class.json", {"--tlp", "clear"}));
  TRY(const auto preview, stage_.on("CN", {"preview", content}));
  int forbidden = 0, all = 0;
  for (const auto& row : list(preview, "parties")) {
    ++all;
    const auto* verdict = row.find("verdict");
    if (verdict != nullptr && verdict->text("verdict") == "forbidden" &&
        any(*verdict, "reasons", "code", "content-gate")) {
      ++forbidden;
    }
  }
  stage_.say(fmt::format("{} of {} parties: forbidden by the content gate", forbidden, all));
  stage_.expect(all > 0 && forbidden == all, "forbidden to every party");
  TRY(const auto tried, stage_.on("CN", {"release", content, "--to", "RU,KZ"}));
  std::int64_t left = 0;
  for (const auto& row : list(tried, "parties")) left += number(row, "disclosed");
  stage_.say(fmt::format("CN tries to release it to RU and KZ: {} records left the node", left));
  stage_.expect(list(tried, "parties").size() == 2 && left == 0, "nothing to leave");
  stage_.end_step();
  return {};
}

Status Sharing::arrange() {
  stage_.step("CN and RU each enter their arrangement on format and protection");
  for (const auto& [party, other] : {std::pair("CN", "RU"), std::pair("RU", "CN")}) {
    TRY(const auto entered, stage_.on(party, {"treaty", "arrange", "--instrument", "ru-cn-2015",
                                              "--kind", "format-and-protection", "--with", other}));
    stage_.say(fmt::format("{}: {} – register {}", party, entered.text("arrangement"),
                           entered.text("register")));
    stage_.expect(!entered.text("arrangement").empty(), "an arrangement entered");
  }
  stage_.end_step();
  return {};
}

Status Sharing::release() {
  stage_.step("CN releases the incident to RU, KZ and VN");
  TRY(const auto released, stage_.on("CN", {"release", incident_, "--to", "RU,KZ,VN"}));
  for (const auto& row : list(released, "parties")) {
    stage_.say_release(row);
    const auto party = row.text("party");
    for (const auto& sent : list(row, "sent")) {
      stage_.expect(
          first(sent, "basis", "instrument") == (party == "RU" ? "ru-cn-2015" : "sco-2009"),
          "the disclosure under the preferred basis");
    }
    if (party == "VN") {
      stage_.expect(accepted(row) == 0 && number(row, "held_back") == records_,
                    "nothing for VN: no basis");
    } else {
      stage_.expect(accepted(row) == records_ && number(row, "held_back") == 0,
                    "a receipt for every record");
    }
  }
  stage_.end_step();
  return {};
}

Status Sharing::run() {
  TRY_STATUS(import_incident());
  TRY_STATUS(ask("CN asks who may receive it today, and why", false));
  TRY_STATUS(advice_only());
  TRY_STATUS(content_class());
  TRY_STATUS(arrange());
  TRY_STATUS(ask("CN asks again", true));
  return release();
}

}  // namespace comity::node
