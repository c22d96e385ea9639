// Reads a collection of any TAXII 2.1 server so that nothing is lost without a word (TAXII 2.1
// sections 3.3 to 3.5: results are sorted by the date added; `next` or `added_after` lead on).
//
// Servers do what the standard does not expect: many objects share one date, a `next` works once
// and is gone with the reply, `more` comes without `next`, pages are not sorted or come again and
// again, dates are cut to seconds. So a walk over the pages goes on from just before the last date
// and drops what it has seen; when it had to go by date, or has more than one page, the manifest
// is asked whether something was left out, and what was is asked for by its id. What then still
// lacks is a ReadLoss. Every loop ends by a bound of ReaderBounds.
//
// A Reader is used by one thread; the collection outlives it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "json/value.h"
#include "taxii/page_cursor.h"

namespace comity::taxii {

struct ObjectPage {
  std::vector<std::string> objects;  // byte for byte
  bool more = false;
  std::string next;
  std::optional<Instant> first, last;  // X-TAXII-Date-Added-First and -Last
};

struct ManifestEntry {
  std::string id, version;  // the text of the server
  std::optional<Instant> date_added;
};

struct ManifestPage {
  std::vector<ManifestEntry> entries;
  bool more = false;
  std::string next;
};

// One collection of a server, every version of its objects. Errors: Unavailable when there was no
// answer, or one that may be another next time; Corrupt when the answer cannot be read; TooLarge
// when it passes the bound of the caller; everything else is the server's word about the question.
class ReadableCollection {
 public:
  virtual ~ReadableCollection() = default;
  virtual Result<ObjectPage> objects(const PageQuery& query) = 0;
  virtual Result<ManifestPage> manifest(const PageQuery& query) = 0;
  virtual Result<ObjectPage> object(std::string_view id) = 0;
};

// What has to be kept between two readings.
struct ReadState {
  // Everything with an earlier date was read; none: nothing yet.
  std::optional<Instant> from;
  // Of a walk that is not at its end: so far it has come.
  std::optional<Instant> reached;
  // The server does not sort by date (section 3.3), so a walk that was cut off begins again.
  bool unsorted = false;
  // By which objects near the last date are known again: the first bytes of their SHA-256.
  std::vector<std::string> seen;

  bool operator==(const ReadState&) const = default;
};

json::Object to_json(const ReadState& state);
Result<ReadState> read_state_from_json(const json::Value& value);

struct ReadObject {
  std::string bytes;
  std::int64_t page = 0;  // of the walk, from 1; 0: asked for by its id
  std::size_t index = 0;  // within the page
};

// Something that the server has, or may have, and did not give.
struct ReadLoss {
  std::string id, version;              // empty: which objects is not known
  std::optional<Instant> after, until;  // between which dates they were added; none: not known
  std::string why;
};

struct ReadBatch {
  std::vector<ReadObject> objects;
  ReadState state;               // to be kept together with the objects
  std::vector<ReadLoss> losses;  // the first losses_listed_max
  std::int64_t lost = 0;         // objects that are named, or would be in a longer list
  bool lost_unknown = false;     // something else may lack
  bool finished = false;         // the walk is at its end
  // What stopped the walk. What came before is in `objects`, and `state` goes with it.
  std::optional<Error> stopped;
};

// Whether an object came in an earlier batch with this version or without one; asked without
// version: whether it came at all.
using HeldVersion =
    std::function<Result<bool>(const std::string& id, const std::optional<Instant>& version)>;

class Reader {
 public:
  // `now` is our own clock: a date of the server that is later does not become a beginning, because
  // what is added when its clock is right again would lie before it.
  Reader(ReadableCollection& server, ReadState state, HeldVersion held, Instant now,
         ReaderBounds bounds = {});
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next batch. Not after one that is finished or was stopped. An Error only of `held`.
  Result<ReadBatch> read();

 private:
  using Key = std::string;  // 15 bytes, which a string holds without memory of its own
  struct Missing {
    std::string id, version;
    std::optional<Instant> date;
  };
  // Whether the manifest was read to its end; NoAnswer: it may be another time.
  enum class Comparison { Whole, NoAnswer, Unusable };
  struct NearPage {
    std::optional<Instant> last;
    std::vector<Key> keys;
  };

  Result<ObjectPage> ask();
  bool go_on_without(const Error& error);
  bool full(const ReadBatch& batch) const;
  void take(ObjectPage page, ReadBatch& batch);
  bool take_object(std::string bytes, std::int64_t page, std::size_t index, ReadBatch& batch,
                   std::vector<Key>& keys);
  void keep_near(std::optional<Instant> last, std::vector<Key> keys);
  Result<bool> known(const std::string& id, const std::string& version);
  Status audit(ReadBatch& batch);
  // What the manifest has and did not come.
  Result<Comparison> compare_manifest(std::vector<Missing>& missing);
  Result<ManifestPage> ask_manifest(PageCursor& cursor);
  bool goes_on_by_date(const PageCursor& manifest) const;
  Status note_missing(const ManifestPage& page, std::unordered_set<Key>& entries,
                      std::vector<Missing>& missing, bool& fresh);
  Status ask_for(const std::vector<Missing>& missing, ReadBatch& batch);
  Status report(const std::vector<Missing>& missing, ReadBatch& batch);
  void lose(ReadLoss loss, ReadBatch& batch) const;
  ReadState state_after() const;

  ReadableCollection& server_;
  ReadState state_;
  HeldVersion held_;
  Instant now_;
  ReaderBounds bounds_;
  std::optional<Instant> begin_;  // of this walk
  PageCursor cursor_;
  bool resumed_ = false, finished_ = false, stuck_ = false;
  std::optional<Error> unreadable_;  // of a page that hides those behind it
  bool unasked_ = false;             // more lacks than was asked for
  bool uncompared_ = false;          // the manifest had no answer
  std::int64_t pages_ = 0;
  std::size_t bytes_ = 0;             // of the batch
  std::unordered_set<Key> seen_;      // of the state
  std::unordered_set<Key> walk_;      // objects of this walk, by their bytes
  std::unordered_set<Key> versions_;  // and by id and version
  std::deque<NearPage> near_;
  std::size_t near_count_ = 0;
  std::unordered_set<std::string> asked_;  // ids
};

}  // namespace comity::taxii
