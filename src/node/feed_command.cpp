#include "node/feed_command.h"

#include <fmt/format.h>

#include "exchange/feed.h"
#include "node/command_parts.h"

namespace comity::node {
namespace {

// A feed and how far it was read, as lists show it.
struct FeedRow {
  exchange::Feed feed;
  exchange::FeedStatus status;
};

const char* feed_state(const FeedRow& row) {
  if (row.feed.ended) return "ended";
  return row.status.failed_at ? "failed" : row.status.read_at ? "read" : "not read";
}

json::Object feed_data(const FeedRow& row) {
  const auto& [feed, status] = row;
  json::Object out;
  out.set("name", feed.name);
  out.set("url", feed.url);
  out.set("collection", feed.collection);
  out.set("title", feed.title);
  out.set("credentials", feed.credentials);
  if (feed.pin) out.set("pin", digest_text(*feed.pin));
  if (feed.authorities) out.set("authorities", digest_text(*feed.authorities));
  out.set("tlp", feed.options.tlp);
  out.set("area", feed.options.area);
  out.set("purpose", feed.options.purpose);
  out.set("import", feed.import_id);
  out.set("created", format_rfc3339(feed.created));
  if (feed.ended) out.set("ended", format_rfc3339(*feed.ended));
  out.set("state", feed_state(row));
  if (status.read_at) out.set("read_at", format_rfc3339(*status.read_at));
  if (status.state.from) out.set("read_to", format_rfc3339(*status.state.from, 6));
  out.set("added", status.added);
  out.set("refused", status.refused);
  out.set("lost", status.lost);
  out.set("lost_unknown", status.lost_unknown);
  if (status.failed_at) out.set("error", status.failed);
  return out;
}

std::string feed_text(const FeedRow& row) {
  const auto& [feed, status] = row;
  auto out = fmt::format(
      "{}  {}  {}\n    {}  tlp {}  {} added, {} refused, {}{} lost{}\n", feed.name, feed_state(row),
      feed.collection, feed.import_id, feed.options.tlp.empty() ? "-" : feed.options.tlp,
      status.added, status.refused, status.lost, status.lost_unknown ? " or more" : "",
      status.read_at ? "  read " + format_rfc3339(*status.read_at) : std::string());
  if (status.failed_at) out += fmt::format("    {}\n", status.failed);
  return out;
}

}  // namespace

Result<Outcome> run_feed_add(exchange::Node& node, const json::Object& arguments) {
  exchange::NewFeed wanted;
  wanted.name = text_argument(arguments, "name");
  wanted.url = text_argument(arguments, "url");
  wanted.collection = text_argument(arguments, "collection");
  wanted.credentials = text_argument(arguments, "credentials");
  wanted.authorities = text_argument(arguments, "authorities");
  wanted.pin = text_argument(arguments, "pin");
  wanted.options.tlp = text_argument(arguments, "tlp");
  if (const auto area = text_argument(arguments, "area"); !area.empty()) wanted.options.area = area;
  if (const auto purpose = text_argument(arguments, "purpose"); !purpose.empty()) {
    wanted.options.purpose = purpose;
  }
  TRY(const auto feed, exchange::add_feed(node, wanted));
  Outcome outcome;
  outcome.text = watermark(node) + feed_text({feed, {}}) +
                 fmt::format("nothing is read yet: comity feed pull {}\n", feed.name);
  auto data = data_of(node);
  data.set("feed", feed_data({feed, {}}));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> run_feed_list(exchange::Node& node, const json::Object&) {
  TRY(const auto snapshot, node.store().read());
  TRY(auto all, exchange::feeds(*snapshot));
  std::vector<FeedRow> rows;
  for (auto& feed : all) {
    TRY(auto status, exchange::feed_status(*snapshot, feed.name));
    rows.push_back({std::move(feed), std::move(status)});
  }
  return listed(node, "feeds", rows, feed_text, feed_data, "no feeds: comity feed add --help\n");
}

Result<Outcome> run_feed_pull(exchange::Node& node, const json::Object& arguments) {
  const auto name = text_argument(arguments, "name");
  TRY(const auto pull, exchange::pull_feed(node, name, arguments.find("again") != nullptr));
  Outcome outcome;
  outcome.text = watermark(node) +
                 fmt::format(
                     "{}\n{}: {} objects read, {} added, {} held already, {} refused, {} warnings, "
                     "{}{} lost\n",
                     pull.import_id, name, pull.read, pull.added, pull.existed, pull.refused,
                     pull.warnings, pull.lost, pull.lost_unknown ? " or more" : "");
  auto data = data_of(node);
  data.set("feed", name);
  data.set("import", pull.import_id);
  data.set("objects", pull.read);
  data.set("added", pull.added);
  data.set("existed", pull.existed);
  data.set("refused", pull.refused);
  data.set("warnings", pull.warnings);
  data.set("lost", pull.lost);
  data.set("lost_unknown", pull.lost_unknown);
  data.set("finished", !pull.stopped);
  add_losses(outcome, data, pull.losses, pull.loss_count);
  if (pull.stopped) {
    outcome.text += fmt::format("NOT READ TO THE END: {}\n", pull.stopped->text());
    data.set("error", pull.stopped->text());
  }
  outcome.data = std::move(data);
  const bool lacks = pull.refused > 0 || pull.lost > 0 || pull.lost_unknown;
  outcome.exit_code = pull.stopped ? exit_code(pull.stopped->kind) : lacks ? 1 : 0;
  return outcome;
}

Result<Outcome> run_feed_end(exchange::Node& node, const json::Object& arguments) {
  const auto name = text_argument(arguments, "name");
  TRY_STATUS(exchange::end_feed(node, name));
  Outcome outcome;
  outcome.text = watermark(node) +
                 fmt::format("ended {}: it is not read any more; what it brought stays\n", name);
  auto data = data_of(node);
  data.set("ended", name);
  outcome.data = std::move(data);
  return outcome;
}

}  // namespace comity::node
