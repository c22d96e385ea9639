#include <fmt/format.h>

#include <algorithm>

#include "exchange/feed.h"
#include "exchange/feed_access.h"
#include "json/parse.h"
#include "json/write.h"
#include "taxii/refused.h"

namespace comity::exchange {
namespace {

std::string feed_status_key(std::string_view name) { return fmt::format("feed:{}", name); }

std::string status_text(const FeedStatus& status) {
  json::Object out;
  out.set("state", taxii::to_json(status.state));
  if (status.read_at) out.set("read_at", format_rfc3339(*status.read_at, 6));
  out.set("added", status.added);
  out.set("refused", status.refused);
  out.set("lost", status.lost);
  if (status.lost_unknown) out.set("lost_unknown", true);
  if (status.failed_at) {
    out.set("failed", status.failed);
    out.set("failed_at", format_rfc3339(*status.failed_at, 6));
  }
  return json::write(out);
}

std::int64_t count_in(const json::Value& value, std::string_view member) {
  const auto* found = value.find(member);
  return found == nullptr || found->integer() == nullptr ? 0 : *found->integer();
}

Result<FeedStatus> status_from(const std::string& text) {
  TRY(const auto value, json::parse(text));
  FeedStatus out;
  const auto* state = value.find("state");
  if (state == nullptr) return fail(ErrorKind::Corrupt, "the kept state of a feed has no state");
  TRY(out.state, taxii::read_state_from_json(*state));
  if (value.find("read_at") != nullptr) {
    TRY(out.read_at, parse_rfc3339(value.text("read_at")));
  }
  out.added = count_in(value, "added");
  out.refused = count_in(value, "refused");
  out.lost = count_in(value, "lost");
  out.lost_unknown = value.find("lost_unknown") != nullptr;
  if (value.find("failed_at") != nullptr) {
    out.failed = value.text("failed");
    TRY(out.failed_at, parse_rfc3339(value.text("failed_at")));
  }
  return out;
}

std::string date_words(const std::optional<Instant>& instant, const char* otherwise) {
  return instant ? format_rfc3339(*instant, 6) : std::string(otherwise);
}

// A loss of reading as a line of the loss report.
Loss as_loss(const taxii::ReadLoss& loss) {
  const auto where = fmt::format("added between {} and {}", date_words(loss.after, "the beginning"),
                                 date_words(loss.until, "now"));
  auto id = taxii::server_words(loss.id);
  if (!loss.version.empty()) id += fmt::format(" ({})", taxii::server_words(loss.version));
  return {"lost", where, id, loss.id.empty() ? "how many is not known: " + loss.why : loss.why};
}

// One pull: batch after batch, each with the state that belongs to it.
class FeedReading {
 public:
  FeedReading(Node& node, Feed feed, FeedStatus status, std::string kept)
      : node_(node), feed_(std::move(feed)), status_(std::move(status)), kept_(std::move(kept)) {
    report_.import_id = feed_.import_id;
  }

  Result<FeedPull> run(taxii::ReadableCollection& server, const taxii::ReaderBounds& bounds) {
    taxii::Reader reader(
        server, status_.state,
        [this](const auto& id, const auto& version) { return held(id, version); }, node_.now(),
        bounds);
    for (;;) {
      TRY(const auto batch, reader.read());
      snapshot_.reset();
      TRY_STATUS(keep(batch));
      if (batch.finished || batch.stopped) break;
    }
    return std::move(report_);
  }

 private:
  Status keep(const taxii::ReadBatch& batch);
  Status at_last(Change& change);
  void note(Loss loss);
  Result<bool> held(const std::string& id, const std::optional<Instant>& version);

  Node& node_;
  Feed feed_;
  FeedStatus status_;
  std::string kept_;  // as the store has it
  FeedPull report_;
  std::unique_ptr<store::Snapshot> snapshot_;  // while a batch is read
};

void FeedReading::note(Loss loss) {
  ++report_.loss_count;
  if (report_.losses.size() < losses_listed_max) report_.losses.push_back(std::move(loss));
}

Result<bool> FeedReading::held(const std::string& id, const std::optional<Instant>& version) {
  if (!snapshot_) {
    TRY(snapshot_, node_.store().read());
  }
  TRY(const auto records, snapshot_->records_by_stix_id(id, false));
  return std::any_of(records.begin(), records.end(), [&](const store::Record& record) {
    return record.source == feed_.import_id &&
           (!version || !record.version || *record.version == *version);
  });
}

Status FeedReading::keep(const taxii::ReadBatch& batch) {
  status_.state = batch.state;
  status_.lost += batch.lost;
  status_.lost_unknown = status_.lost_unknown || batch.lost_unknown;
  status_.failed = batch.stopped ? batch.stopped->text() : std::string();
  status_.failed_at = batch.stopped ? std::optional(node_.now()) : std::nullopt;
  if (batch.finished) status_.read_at = node_.now();

  LooseObjects loose;
  loose.import_id = feed_.import_id;
  for (const auto& object : batch.objects) loose.objects.emplace_back(object.bytes);
  loose.place = [&](std::size_t i) {
    const auto& object = batch.objects[i];
    return object.page == 0 ? std::string("asked for by its id")
                            : fmt::format("page {} $.objects[{}]", object.page, object.index);
  };
  loose.at_last = [&](Change& change, const ImportReport& report) {
    status_.added += report.added;
    status_.refused += report.refused;
    return at_last(change);
  };
  TRY(const auto report, import_loose(node_, loose, feed_.options));
  report_.read += report.objects;
  report_.added += report.added;
  report_.existed += report.existed;
  report_.refused += report.refused;
  report_.warnings += report.warnings;
  report_.lost += batch.lost;
  report_.lost_unknown = report_.lost_unknown || batch.lost_unknown;
  report_.stopped = batch.stopped;
  for (const auto& loss : report.losses) note(loss);
  for (const auto& loss : batch.losses) note(as_loss(loss));
  // Those that stand in neither list.
  report_.loss_count +=
      report.refused + report.warnings - static_cast<std::int64_t>(report.losses.size());
  report_.loss_count +=
      batch.lost + (batch.lost_unknown ? 1 : 0) - static_cast<std::int64_t>(batch.losses.size());
  return {};
}

// In the change that keeps the last objects of a batch: the state that says so.
Status FeedReading::at_last(Change& change) {
  TRY(const auto feed, live_feed(change.store(), feed_.name));
  TRY(const auto kept, change.store().meta(feed_status_key(feed_.name)));
  if (kept.value_or("") != kept_) {
    return fail(ErrorKind::Conflict,
                fmt::format("another pull of {} is at work; this one ends here", feed_.name));
  }
  kept_ = status_text(status_);
  return change.store().set_meta(feed_status_key(feed_.name), kept_);
}

}  // namespace

Result<FeedStatus> feed_status(store::Snapshot& snapshot, std::string_view name) {
  TRY(const auto kept, snapshot.meta(feed_status_key(name)));
  if (!kept) return FeedStatus{};
  return status_from(*kept);
}

Result<FeedPull> pull_feed(Node& node, const std::string& name, bool again) {
  taxii::RemoteAccess access;
  std::string collection;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(const auto feed, live_feed(*snapshot, name));
    TRY(access, access_of(node, *snapshot, feed));
    // The party may have been paired since.
    TRY_STATUS(check_no_peer(node, *snapshot, feed.collection, feed.pin, access.authorities_pem));
    collection = feed.collection;
  }
  taxii::Remote remote(std::move(access));
  remote.read_from(std::move(collection));
  return pull_feed_from(node, name, remote, again);
}

Result<FeedPull> pull_feed_from(Node& node, const std::string& name,
                                taxii::ReadableCollection& server, bool again,
                                const taxii::ReaderBounds& bounds) {
  Feed feed;
  FeedStatus status;
  std::string kept;
  {
    TRY(const auto snapshot, node.store().read());
    TRY(feed, live_feed(*snapshot, name));
    TRY(const auto text, snapshot->meta(feed_status_key(name)));
    TRY(status, feed_status(*snapshot, name));
    kept = text.value_or("");
  }
  if (again) {
    status.state = {};
    status.lost = 0;
    status.lost_unknown = false;
  }
  return FeedReading(node, std::move(feed), std::move(status), std::move(kept)).run(server, bounds);
}

Status examine_feeds(const Node& node, std::vector<Ailment>& out) {
  TRY(const auto snapshot, node.store().read());
  TRY(const auto all, feeds(*snapshot));
  for (const auto& feed : all) {
    if (feed.ended) continue;
    TRY(const auto status, feed_status(*snapshot, feed.name));
    if (status.failed_at) {
      out.push_back({"feed",
                     fmt::format("the feed {} was not read to its end at {}: {}", feed.name,
                                 format_rfc3339(*status.failed_at), status.failed),
                     "what came before is kept; what is new behind it is not here",
                     fmt::format("see that {} answers and that the credentials hold, then comity "
                                 "feed pull {}",
                                 feed.url, feed.name)});
    }
    if (status.lost > 0 || status.lost_unknown) {
      out.push_back(
          {"feed",
           fmt::format("the feed {} has not given {}{} of what its server has", feed.name,
                       status.lost, status.lost_unknown ? " or more objects" : " objects"),
           "the server names objects and does not give them, or its pages leave some out",
           fmt::format("tell who runs {}; then read it from the beginning (comity feed "
                       "pull {} --again)",
                       feed.url, feed.name)});
    }
    const auto since = status.read_at.value_or(feed.created);
    if (!status.failed_at && node.now().seconds() - since.seconds() > feed_due_s) {
      out.push_back(
          {"feed",
           fmt::format("the feed {} was not read since {}", feed.name, format_rfc3339(since)),
           "what is new there is not here",
           fmt::format("comity feed pull {}, by a timer of this machine; or comity feed "
                       "end {}",
                       feed.name, feed.name)});
    }
  }
  return {};
}

}  // namespace comity::exchange
