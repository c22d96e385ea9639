// Feeds: what this node reads from TAXII 2.1 servers of others, with the means that those give to
// any client. Form and bounds: docs/formats/feed.md.
//
// What a feed brings is an import: of the node's own party, kept by the same rules, and free to go
// on no further than if an officer had fetched and imported it. It carries no disclosure, so it
// is not read from a paired party. How far it was read is kept in the change that keeps the
// objects. Functions are thread-safe as far as their node is; of two pulls of one feed at once, one
// ends with Conflict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/doctor.h"
#include "exchange/import.h"
#include "exchange/node.h"
#include "taxii/reader.h"

namespace comity::exchange {

constexpr std::size_t feeds_max = 64;  // of one node, ended ones included
constexpr std::size_t feed_name_bytes_max = 64;
constexpr std::size_t feed_file_bytes_max = std::size_t{64} * 1024;  // credentials, authorities
// A feed that was not read for so long is told by the doctor.
constexpr std::int64_t feed_due_s = 7 * seconds_per_day;

struct Feed {
  std::string name;                   // never used twice in a node
  std::string url;                    // as the officer gave it
  std::string collection;             // the URL of the collection that was found there
  std::string title;                  // of the collection, in the words of the server
  std::string credentials;            // the path of the file; empty: none are shown
  std::optional<Digest> pin;          // of the server's certificate
  std::optional<Digest> authorities;  // of their PEM text, which the store has
  ImportOptions options;              // never `published`
  std::string import_id;              // the source of its records
  Instant created;
  std::optional<Instant> ended;
};

struct NewFeed {
  std::string name, url, collection;  // its id or alias
  std::string credentials;            // path
  std::string authorities;            // path of a PEM file; not with a pin
  std::string pin;                    // "sha256:…"
  ImportOptions options;
};

// How far a feed was read, and what became of it.
struct FeedStatus {
  taxii::ReadState state;
  std::optional<Instant> read_at;  // when its end was reached last
  std::int64_t added = 0, refused = 0;
  std::int64_t lost = 0;      // objects that the server has and did not give
  bool lost_unknown = false;  // others may lack
  std::string failed;         // why the last pull ended early; empty: it did not
  std::optional<Instant> failed_at;
};

// What one pull did.
struct FeedPull {
  std::string import_id;
  std::int64_t read = 0, added = 0, existed = 0, refused = 0, warnings = 0, lost = 0;
  bool lost_unknown = false;
  std::vector<Loss> losses;  // the first losses_listed_max; severity may be "lost"
  std::int64_t loss_count = 0;
  std::optional<Error> stopped;  // it did not come to the end; what came before is kept
};

// Of this node, ended ones too, in the order in which they were made.
Result<std::vector<Feed>> feeds(store::Snapshot& snapshot);
Result<FeedStatus> feed_status(store::Snapshot& snapshot, std::string_view name);

// Finds the collection at the server, and enters the feed; nothing is read yet.
Result<Feed> add_feed(Node& node, const NewFeed& wanted);
// It is not read any more. What it has brought stays.
Status end_feed(Node& node, const std::string& name);
// Reads on to the end. `again`: from the beginning; what is held already is not added twice. An
// Error when nothing could be begun or the store fails; a server that fails is `stopped`.
Result<FeedPull> pull_feed(Node& node, const std::string& name, bool again);
// The same from a collection at hand.
Result<FeedPull> pull_feed_from(Node& node, const std::string& name,
                                taxii::ReadableCollection& server, bool again,
                                const taxii::ReaderBounds& bounds = {});

// What of the kept feeds is not as the ledger has it.
Result<std::vector<std::string>> feed_findings(store::Snapshot& snapshot);
// Feeds that fail, that have lost something, or that nobody reads.
Status examine_feeds(const Node& node, std::vector<Ailment>& out);

}  // namespace comity::exchange
