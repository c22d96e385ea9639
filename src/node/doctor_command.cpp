#include "node/doctor_command.h"

#include <fmt/format.h>

#include "exchange/doctor.h"

namespace comity::node {

Result<Outcome> run_doctor(const std::string& directory) {
  TRY(const auto ailments, exchange::examine(directory, system_clock(), system_random()));
  Outcome outcome;
  json::Array rows;
  for (const auto& ailment : ailments) {
    outcome.text += fmt::format("{}: {} – {}. To do: {}.\n", ailment.area, ailment.what,
                                ailment.why, ailment.remedy);
    json::Object row;
    row.set("area", ailment.area);
    row.set("what", ailment.what);
    row.set("why", ailment.why);
    row.set("remedy", ailment.remedy);
    rows.push_back(std::move(row));
  }
  if (ailments.empty()) outcome.text = "nothing is wrong\n";
  json::Object data;
  data.set("healthy", ailments.empty());
  data.set("ailments", std::move(rows));
  outcome.data = std::move(data);
  outcome.exit_code = ailments.empty() ? 0 : 1;
  return outcome;
}

}  // namespace comity::node
