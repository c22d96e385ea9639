#include "taxii/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "json/parse.h"
#include "json/texts.h"

namespace comity::taxii {
namespace {

constexpr std::size_t reader_key_bytes = 15;

std::string reader_key(std::string_view text) {
  return std::string(view(sha256(text)).substr(0, reader_key_bytes));
}

std::string version_key(std::string_view id, std::string_view version) {
  return reader_key(fmt::format("{}\n{}", id, version));
}

std::string version_word(const std::optional<Instant>& version) {
  return version ? std::to_string(version->micros) : "none";
}

std::optional<Instant> instant_of(std::string_view text) {
  const auto instant = parse_rfc3339(text);
  return instant ? std::optional(*instant) : std::nullopt;
}

std::optional<Instant> sooner(const std::optional<Instant>& instant, std::int64_t micros) {
  return instant ? std::optional(Instant{instant->micros - micros}) : std::nullopt;
}

// The same question may be asked again: it names its place by date, or has none.
bool may_ask_again(const Error& error, const PageCursor& cursor) {
  return (error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Corrupt) &&
         !cursor.by_next();
}

// A `next` that led nowhere: lost with the reply, ended, or not known to another machine.
bool may_go_round(const Error& error, const PageCursor& cursor) {
  switch (error.kind) {
    case ErrorKind::Unavailable:
    case ErrorKind::InvalidInput:
    case ErrorKind::NotFound:
    case ErrorKind::Conflict:
    case ErrorKind::TooLarge:
    case ErrorKind::Corrupt:
      return cursor.by_next();
    default:
      return false;
  }
}

bool no_answer(const Result<ObjectPage>& page) {
  return !page && page.error().kind == ErrorKind::Unavailable;
}

}  // namespace

json::Object to_json(const ReadState& state) {
  json::Object out;
  if (state.from) out.set("from", format_rfc3339(*state.from, 6));
  if (state.reached) out.set("reached", format_rfc3339(*state.reached, 6));
  if (state.unsorted) out.set("unsorted", true);
  std::vector<std::string> seen;
  seen.reserve(state.seen.size());
  for (const auto& key : state.seen) seen.push_back(base64url(key));
  out.set("seen", json::array_of(seen));
  return out;
}

Result<ReadState> read_state_from_json(const json::Value& value) {
  ReadState out;
  if (value.find("from") != nullptr) {
    TRY(out.from, parse_rfc3339(value.text("from")));
  }
  if (value.find("reached") != nullptr) {
    TRY(out.reached, parse_rfc3339(value.text("reached")));
  }
  out.unsorted = value.find("unsorted") != nullptr;
  for (const auto& text : json::texts_of(value.find("seen"))) {
    TRY(auto key, from_base64url(text));
    out.seen.push_back(std::move(key));
  }
  if (json::Value(to_json(out)) != value) {
    return fail(ErrorKind::Corrupt, "the kept state of reading is not of this form");
  }
  return out;
}

Reader::Reader(ReadableCollection& server, ReadState state, HeldVersion held, Instant now,
               ReaderBounds bounds)
    : server_(server),
      state_(std::move(state)),
      held_(std::move(held)),
      now_(now),
      bounds_(bounds),
      begin_(sooner(state_.from, bounds_.overlap_us)),
      cursor_(bounds_, begin_, bounds_.limit),
      seen_(state_.seen.begin(), state_.seen.end()) {
  if (state_.reached) {
    resumed_ = true;
    cursor_.resume(*state_.reached);
  }
}

bool Reader::full(const ReadBatch& batch) const {
  return batch.objects.size() >= bounds_.batch_objects_max || bytes_ >= bounds_.batch_bytes_max;
}

Result<ReadBatch> Reader::read() {
  ReadBatch batch;
  bytes_ = 0;
  while (!finished_ && !full(batch)) {
    if (pages_ >= bounds_.pages_max) {
      batch.stopped =
          Error{ErrorKind::TooLarge, fmt::format("the server has more after {} pages", pages_), ""};
      break;
    }
    auto page = ask();
    if (page) {
      take(*std::move(page), batch);
    } else if (!go_on_without(page.error())) {
      batch.stopped = std::move(page).error();
      break;
    }
  }
  if (finished_) TRY_STATUS(audit(batch));
  batch.finished = finished_ && !batch.stopped;
  batch.state = state_after();
  return batch;
}

// Goes on when a page did not come; false: that is the end of this reading.
bool Reader::go_on_without(const Error& error) {
  if (may_go_round(error, cursor_) && cursor_.go_round(false)) return true;
  // A page that cannot be read by anyone hides those behind it: what the manifest has is then asked
  // for by its id.
  if (error.kind != ErrorKind::Corrupt && error.kind != ErrorKind::TooLarge) return false;
  unreadable_ = error;
  finished_ = stuck_ = true;
  return true;
}

Result<ObjectPage> Reader::ask() {
  for (int tries = 1;; ++tries) {
    auto page = server_.objects(cursor_.question());
    if (page) return page;
    if (page.error().kind == ErrorKind::TooLarge && cursor_.ask_for_less()) {
      if (!cursor_.by_next()) continue;
      return page;
    }
    if (tries >= bounds_.tries_max || !may_ask_again(page.error(), cursor_)) return page;
  }
}

void Reader::take(ObjectPage page, ReadBatch& batch) {
  ++pages_;
  cursor_.hear(page.first);
  cursor_.hear(page.last);
  std::vector<Key> keys;
  bool fresh = false;
  for (std::size_t i = 0; i < page.objects.size(); ++i) {
    if (take_object(std::move(page.objects[i]), pages_, i, batch, keys)) fresh = true;
  }
  keep_near(std::max(page.first, page.last), std::move(keys));
  if (!page.more) {
    finished_ = true;
  } else if (!cursor_.go_on(page.next, fresh)) {
    finished_ = stuck_ = true;
  }
}

// True when these bytes did not come before in this walk.
bool Reader::take_object(std::string bytes, std::int64_t page, std::size_t index, ReadBatch& batch,
                         std::vector<Key>& keys) {
  auto key = reader_key(bytes);
  keys.push_back(key);
  if (!walk_.insert(key).second) return false;
  // What cannot be read is refused by whoever keeps it, and is in that report.
  if (const auto value = json::parse(bytes)) {
    const auto id = value->text("id");
    auto version = instant_of(value->text("modified"));
    if (!version) version = instant_of(value->text("created"));
    versions_.insert(version_key(id, version_word(version)));
    versions_.insert(version_key(id, "any"));
  }
  if (!seen_.contains(key)) {
    bytes_ += bytes.size();
    batch.objects.push_back({std::move(bytes), page, index});
  }
  return true;
}

// The keys of objects whose date may be within the overlap with the next reading.
void Reader::keep_near(std::optional<Instant> last, std::vector<Key> keys) {
  near_count_ += keys.size();
  near_.push_back({last, std::move(keys)});
  const auto edge = sooner(cursor_.high(), 2 * bounds_.overlap_us);
  while (!near_.empty()) {
    const auto& oldest = near_.front();
    const bool far = oldest.last && edge && *oldest.last < *edge;
    if (!far && near_count_ <= bounds_.seen_max) break;
    near_count_ -= oldest.keys.size();
    near_.pop_front();
  }
}

Result<bool> Reader::known(const std::string& id, const std::string& version) {
  const auto instant = instant_of(version);
  if (!instant) {
    if (versions_.contains(version_key(id, "any"))) return true;
    return held_(id, std::nullopt);
  }
  if (versions_.contains(version_key(id, version_word(instant))) ||
      versions_.contains(version_key(id, "none"))) {
    return true;
  }
  return held_(id, instant);
}

// Asks the manifest whether something was left out, wherever that could be.
Status Reader::audit(ReadBatch& batch) {
  const bool doubtful = cursor_.broken() || stuck_ || resumed_;
  if (pages_ <= 1 && !doubtful) return {};
  std::vector<Missing> missing;
  TRY(const auto comparison, compare_manifest(missing));
  uncompared_ = doubtful && comparison == Comparison::NoAnswer;
  TRY_STATUS(ask_for(missing, batch));
  TRY_STATUS(report(missing, batch));
  if (comparison == Comparison::Unusable && doubtful && !unasked_) {
    if (pages_ == 0) {
      batch.stopped = unreadable_;
      return {};
    }
    batch.lost_unknown = true;
    // Dates may be cut: what is said to be of the last date may be of somewhat later.
    lose({"", "", begin_, stuck_ ? std::nullopt : sooner(cursor_.high(), -bounds_.overlap_us),
          stuck_ ? "the server says that it has more and no question brings it, and its manifest "
                   "could not be read to its end"
                 : "the pages had to be read by date, and the manifest that would tell what was "
                   "left out could not be read to its end"},
         batch);
  }
  return {};
}

Result<ManifestPage> Reader::ask_manifest(PageCursor& cursor) {
  for (int tries = 1;; ++tries) {
    auto page = server_.manifest(cursor.question());
    if (page) return page;
    if (page.error().kind == ErrorKind::TooLarge && !cursor.by_next() && cursor.ask_for_less()) {
      continue;
    }
    if (tries >= bounds_.tries_max || !may_ask_again(page.error(), cursor)) return page;
  }
}

Result<Reader::Comparison> Reader::compare_manifest(std::vector<Missing>& missing) {
  PageCursor cursor(bounds_, begin_, bounds_.limit_max);
  std::unordered_set<Key> entries;
  bool by_date = false, around_a_break = false;
  for (std::int64_t pages = 0; pages < bounds_.manifest_pages_max; ++pages) {
    const auto page = ask_manifest(cursor);
    if (!page) {
      if (may_go_round(page.error(), cursor)) {
        around_a_break = goes_on_by_date(cursor);
        by_date = around_a_break;
        if (cursor.go_round(!around_a_break)) continue;
        return Comparison::NoAnswer;
      }
      return page.error().kind == ErrorKind::Unavailable ? Comparison::NoAnswer
                                                         : Comparison::Unusable;
    }
    bool fresh = false;
    for (const auto& entry : page->entries) cursor.hear(entry.date_added);
    TRY_STATUS(note_missing(*page, entries, missing, fresh));
    if (!page->more) {
      if (cursor.skipped()) return Comparison::Unusable;
      // By date an unsorted list is not whole.
      if (!by_date || !cursor.unsorted()) return Comparison::Whole;
      if (!around_a_break) return Comparison::Unusable;
      if (!cursor.go_round(true)) return Comparison::NoAnswer;
      by_date = around_a_break = false;
      continue;
    }
    if (missing.size() >= bounds_.missing_max) return Comparison::Unusable;
    if (!cursor.go_on(page->next, fresh)) return Comparison::Unusable;
    if (!cursor.by_next()) by_date = true;
  }
  return Comparison::Unusable;
}

// After a `next` of the manifest that has no answer: by date something could be left out here as
// well, so it is read from its beginning. One that is longer than its server answers without a loss
// would never be read to its end by that: where it is sorted, it goes on by date.
bool Reader::goes_on_by_date(const PageCursor& manifest) const {
  const bool unsorted = state_.unsorted || cursor_.unsorted();
  return manifest.breaks() >= bounds_.tries_max && manifest.surely_sorted() && !unsorted;
}

Status Reader::note_missing(const ManifestPage& page, std::unordered_set<Key>& entries,
                            std::vector<Missing>& missing, bool& fresh) {
  for (const auto& entry : page.entries) {
    const auto date = version_word(entry.date_added);
    if (!entries.insert(version_key(entry.id, entry.version + "\n" + date)).second) continue;
    fresh = true;
    // What was added since is for the next reading.
    const auto& high = cursor_.high();
    if (!stuck_ && high && entry.date_added && *entry.date_added > *high) continue;
    TRY(const bool came, known(entry.id, entry.version));
    if (!came) missing.push_back({entry.id, entry.version, entry.date_added});
  }
  return {};
}

Status Reader::ask_for(const std::vector<Missing>& missing, ReadBatch& batch) {
  std::vector<Key> keys;
  int unanswered = 0;
  for (const auto& item : missing) {
    if (asked_.contains(item.id)) continue;
    TRY(const bool came, known(item.id, item.version));
    if (came) continue;
    if (asked_.size() >= bounds_.asked_max || bytes_ >= bounds_.batch_bytes_max ||
        unanswered >= bounds_.tries_max) {
      unasked_ = true;
      break;
    }
    auto page = server_.object(item.id);
    for (int tries = 1; tries < bounds_.tries_max && no_answer(page); ++tries) {
      page = server_.object(item.id);
    }
    if (no_answer(page)) {
      ++unanswered;
      unasked_ = true;
      continue;
    }
    unanswered = 0;
    asked_.insert(item.id);
    if (!page) continue;
    for (std::size_t i = 0; i < page->objects.size(); ++i) {
      take_object(std::move(page->objects[i]), 0, i, batch, keys);
    }
  }
  return {};
}

Status Reader::report(const std::vector<Missing>& missing, ReadBatch& batch) {
  if (uncompared_) {
    batch.stopped = Error{ErrorKind::Unavailable,
                          "the manifest that would tell what was left out has no answer", ""};
    return {};
  }
  if (unasked_) {
    // The walk is made again, and what came by now does not lack then.
    batch.stopped =
        Error{ErrorKind::Unavailable,
              fmt::format("the manifest names {} objects that the pages left out; {} of them were "
                          "asked for, the others are at the next reading",
                          missing.size(), asked_.size()),
              ""};
    return {};
  }
  for (const auto& item : missing) {
    TRY(const bool came, known(item.id, item.version));
    if (came) continue;
    ++batch.lost;
    lose({item.id, item.version, sooner(item.date, 1), item.date,
          "the manifest names it, the pages left it out, and it was not given when it was asked "
          "for by its id"},
         batch);
  }
  return {};
}

void Reader::lose(ReadLoss loss, ReadBatch& batch) const {
  if (batch.losses.size() < bounds_.losses_listed_max) batch.losses.push_back(std::move(loss));
}

ReadState Reader::state_after() const {
  if (pages_ == 0) return state_;
  ReadState out;
  out.from = state_.from;
  out.unsorted = state_.unsorted || cursor_.unsorted() || unasked_;
  for (const auto& page : near_)
    out.seen.insert(out.seen.end(), page.keys.begin(), page.keys.end());
  if (near_count_ == 0) out.seen = state_.seen;
  const auto& high = cursor_.high();
  if (finished_ && !unasked_ && !uncompared_) {
    if (high) out.from = std::max(out.from, std::optional(std::min(*high, now_)));
  } else if (!out.unsorted && !stuck_) {
    out.reached = high;
  }
  return out;
}

}  // namespace comity::taxii
