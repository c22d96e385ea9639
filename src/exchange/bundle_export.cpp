#include "exchange/bundle_export.h"

#include <fmt/format.h>

#include "base/file.h"
#include "exchange/clock_guard.h"
#include "exchange/grant_change.h"
#include "exchange/named.h"
#include "exchange/signers.h"
#include "exchange/views.h"

namespace comity::exchange {
namespace {

// Who was never paired may have a view, for its tokens; who is a peer no more has none.
Status check_may_have_view(Node& node, const std::string& party) {
  TRY_STATUS(check_other_party(node, party));
  TRY_STATUS(check_clock(node));
  TRY(const auto snapshot, node.store().read());
  TRY(const auto peer, snapshot->peer(party));
  if (peer && !peer->confirmed) return tl::unexpected(not_paired(*snapshot, party));
  return {};
}

Result<std::string> present_circumstances(Node& node) {
  TRY(const auto snapshot, node.store().read());
  return circumstances_text(node, *snapshot);
}

// Appends the objects of a page, byte for byte, one a line.
Status add_page(NewFile& file, const taxii::Page& page, ExportReport& report) {
  std::string text;
  for (const auto& item : page.items) {
    if (report.objects == 0) {
      text += fmt::format(R"({{"type":"bundle","id":"{}","objects":[)", report.bundle);
    }
    text += report.objects == 0 ? "\n" : ",\n";
    text += item.bytes;
    ++report.objects;
  }
  return file.add(text);
}

}  // namespace

Result<ExportReport> export_view(Node& node, const std::string& party, const std::string& path) {
  TRY_STATUS(check_may_have_view(node, party));
  TRY(auto file, NewFile::create(path));
  TRY(const auto before, present_circumstances(node));
  Views views(node, PagesFor::Export);
  const taxii::Caller caller{party};
  ExportReport report;
  report.bundle = "bundle--" + uuid4(node.random());
  taxii::Query query;
  query.limit = taxii::page_objects_max;
  for (bool more = true; more;) {
    if (node.stopping()) return fail(ErrorKind::Unavailable, "the node stops; export again", path);
    TRY(auto page, views.objects(caller, "records", query));
    TRY_STATUS(add_page(file, page, report));
    query.next = std::move(page.next);
    more = page.more;
  }
  if (report.objects == 0) return ExportReport();
  TRY_STATUS(file.add("\n]}\n"));
  TRY(const auto after, present_circumstances(node));
  if (before != after) {
    return fail(ErrorKind::Unavailable,
                fmt::format("what {} may have changed while it was written; export again", party),
                path);
  }
  TRY_STATUS(views.flush_reads(true));
  report.bytes = file.size();
  TRY_STATUS(file.keep());
  return report;
}

}  // namespace comity::exchange
