#include "exchange/waiting_submissions.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/submission.h"
#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

constexpr std::string_view submissions_waiting_key = "submissions-waiting";

Status keep_waiting(Change& change, const std::vector<WaitingSubmission>& all) {
  json::Array list;
  for (const auto& one : all) {
    json::Object item;
    item.set("id", one.id);
    item.set("party", one.party);
    item.set("token", one.token);
    item.set("envelope", digest_text(one.envelope));
    list.push_back(std::move(item));
  }
  return change.store().set_meta(submissions_waiting_key, json::write(list));
}

json::Object waiting_entry(const char* type, const WaitingSubmission& waiting) {
  json::Object entry;
  entry.set("type", type);
  entry.set("submission", waiting.id);
  entry.set("party", waiting.party);
  entry.set("token", waiting.token);
  entry.set("envelope", digest_text(waiting.envelope));
  return entry;
}

}  // namespace

std::string kept_envelope_key(std::string_view id) { return fmt::format("submission:{}", id); }

Result<std::vector<WaitingSubmission>> waiting_submissions(store::Snapshot& snapshot) {
  std::vector<WaitingSubmission> out;
  TRY(const auto kept, snapshot.meta(submissions_waiting_key));
  if (!kept) return out;
  TRY(const auto value, json::parse(*kept));
  if (value.array() == nullptr) {
    return fail(ErrorKind::Corrupt, "the list of submissions that wait is no list");
  }
  for (const auto& item : *value.array()) {
    TRY(const auto digest, digest_from_text(item.text("envelope")));
    out.push_back({std::string(item.text("id")), std::string(item.text("party")),
                   std::string(item.text("token")), digest});
  }
  return out;
}

Status begin_waiting(Change& change, const WaitingSubmission& waiting, std::string_view envelope) {
  TRY(auto all, waiting_submissions(change.store()));
  const auto of_token = std::count_if(all.begin(), all.end(), [&](const WaitingSubmission& one) {
    return one.token == waiting.token;
  });
  if (all.size() >= submissions_waiting_max ||
      static_cast<std::size_t>(of_token) >= submissions_waiting_of_token) {
    return fail(ErrorKind::Unavailable,
                fmt::format("{} submissions wait to be taken in, {} of them by this token; ask "
                            "again when they are complete",
                            all.size(), of_token));
  }
  all.push_back(waiting);
  TRY_STATUS(keep_waiting(change, all));
  TRY_STATUS(change.store().set_meta(kept_envelope_key(waiting.id), envelope));
  return change.enter(submission_kind, waiting_entry(submission_kept_type, waiting));
}

Status end_waiting(Change& change, const WaitingSubmission& waiting) {
  TRY(auto all, waiting_submissions(change.store()));
  std::erase_if(all, [&](const WaitingSubmission& one) { return one.id == waiting.id; });
  TRY_STATUS(keep_waiting(change, all));
  // The store forgets no key; what was kept is in the records now.
  TRY_STATUS(change.store().set_meta(kept_envelope_key(waiting.id), ""));
  return change.enter(submission_kind, waiting_entry(submission_done_type, waiting));
}

}  // namespace comity::exchange
