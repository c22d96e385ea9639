#include "node/export_command.h"

#include <fmt/format.h>

#include "exchange/bundle_export.h"
#include "node/command_parts.h"

namespace comity::node {

Result<Outcome> run_export(exchange::Node& node, const json::Object& arguments) {
  const auto party = text_argument(arguments, "to");
  const auto path = text_argument(arguments, "file");
  TRY(const auto report, exchange::export_view(node, party, path));
  const bool nothing = report.objects == 0;
  Outcome outcome;
  outcome.text =
      watermark(node) +
      (nothing ? fmt::format("nothing was released to {} that it may have now: no file\n", party)
               : fmt::format("{}\n{}: {} objects, {} bytes, what {} may have now\n", report.bundle,
                             path, report.objects, report.bytes, party));
  auto data = data_of(node);
  data.set("to", party);
  data.set("bundle", report.bundle);
  data.set("objects", report.objects);
  data.set("bytes", static_cast<std::int64_t>(report.bytes));
  outcome.data = std::move(data);
  outcome.exit_code = nothing ? 1 : 0;
  return outcome;
}

}  // namespace comity::node
