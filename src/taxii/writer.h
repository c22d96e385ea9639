// Writing to a TAXII 2.1 collection of anybody: one batch of objects, and what became of each.
//
// Servers take a batch whole or object by object, at once or later (status resource, TAXII 2.1
// section 4.3), list what they took or only count it, and answer with an error to all of it because
// of one object. What of that an answer says for certain is told here; what is done about the rest
// is for the caller. Posting an object again does no harm: servers know it by id and version. No
// thread but the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "taxii/message.h"

namespace comity::taxii {

// No server is waited for longer than that at its word.
constexpr std::int64_t retry_after_s_max = 3600;
// Of a server's words about one object that are kept.
constexpr std::size_t object_words_bytes_max = 200;

// What a collection and its API root say of writing (sections 4.2 and 5.2).
struct WriteTerms {
  bool can_write = false;
  std::optional<std::int64_t> content_bytes_max;  // of one request
};

class WritableCollection {
 public:
  virtual ~WritableCollection() = default;
  virtual Result<WriteTerms> write_terms() = 0;
  virtual Result<SubmissionStatus> post(const std::string& envelope) = 0;
  virtual Result<SubmissionStatus> status(std::string_view id) = 0;
  // Of the last question: the HTTP status of its answer, 0 when there was none; and for how long
  // the server asked to be left alone.
  virtual int last_status() const = 0;
  virtual std::optional<std::int64_t> retry_after_s() const = 0;
};

enum class Taken {
  Yes,      // the server says that it has it
  No,       // the server says that it does not take it
  Pending,  // the server has not finished with it
  Unsaid    // its answer says nothing of it
};

struct TakenObject {
  Taken taken = Taken::Unsaid;
  std::string words{};  // the server's, where it is not taken
};

struct BatchAnswer {
  std::vector<TakenObject> objects;  // in the order of the batch
  std::string status{};              // the id to ask while something is pending
  // The server took none of it, because of something that is in it: every object is Unsaid. With a
  // `fault` it answered 500: some servers do so to what they cannot hold, others when they fail.
  bool refused = false, fault = false;
  std::string words{};  // the server's, when it refused
};

// Posts objects, of which no two have the same id; `ids` are in the order of the envelope. An Error
// is what has nothing to do with them: no answer, no login, no such collection, a server that is
// busy; it may have taken them all the same.
Result<BatchAnswer> post_batch(WritableCollection& server, const std::string& envelope,
                               const std::vector<std::string>& ids);
// The same of a batch that was pending. NotFound when the server has no such status any more.
Result<BatchAnswer> ask_batch(WritableCollection& server, const std::string& status,
                              const std::vector<std::string>& ids);

}  // namespace comity::taxii
