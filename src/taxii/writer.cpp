#include "taxii/writer.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "taxii/refused.h"

namespace comity::taxii {
namespace {

constexpr const char* no_reason = "it gives no reason";

std::string short_words(std::string_view text) {
  auto out = server_words(text);
  cut_utf8(out, object_words_bytes_max);
  return out;
}

// Whether an answer with this status is about what was sent, and not about who sent it or when.
bool is_about_content(int status) {
  return status == 400 || status == 409 || status == 413 || status == 422 || status == 500;
}

// What a status says of the objects of a batch, by their ids, which are each there once.
BatchAnswer answer_of(const SubmissionStatus& status, const std::vector<std::string>& ids) {
  std::map<std::string, std::string, std::less<>> failed;
  std::set<std::string, std::less<>> taken, pending;
  for (const auto& fate : status.fates) {
    if (fate.failed) {
      failed.try_emplace(fate.id, short_words(fate.message));
    } else {
      taken.insert(fate.id);
    }
  }
  for (const auto& fate : status.pending) pending.insert(fate.id);
  BatchAnswer out;
  std::int64_t yes = 0, no = 0, later = 0;
  for (const auto& id : ids) {
    TakenObject one;
    if (const auto found = failed.find(id); found != failed.end()) {
      one = {Taken::No, found->second.empty() ? no_reason : found->second};
      ++no;
    } else if (pending.contains(id)) {
      one.taken = Taken::Pending;
      ++later;
    } else if (taken.contains(id)) {
      one.taken = Taken::Yes;
      ++yes;
    }
    out.objects.push_back(std::move(one));
  }
  // The lists need not be there. Counts that leave only one place to the others say it as well.
  const auto unsaid = static_cast<std::int64_t>(ids.size()) - yes - no - later;
  const bool none_other_failed = status.failure_count == no;
  const bool none_other_waits = status.pending_count == later;
  Taken rest = Taken::Unsaid;
  if (none_other_failed && none_other_waits && status.success_count == yes + unsaid) {
    rest = Taken::Yes;
  } else if (none_other_waits && status.success_count == yes &&
             status.failure_count == no + unsaid) {
    rest = Taken::No;
  } else if (!status.complete()) {
    rest = Taken::Pending;  // told when it is done
  }
  for (auto& one : out.objects) {
    if (one.taken != Taken::Unsaid) continue;
    one.taken = rest;
    if (rest == Taken::No) one.words = no_reason;
  }
  if (!status.complete()) out.status = status.id;
  return out;
}

}  // namespace

Result<BatchAnswer> post_batch(WritableCollection& server, const std::string& envelope,
                               const std::vector<std::string>& ids) {
  const auto status = server.post(envelope);
  if (status) return answer_of(*status, ids);
  if (!is_about_content(server.last_status())) return tl::unexpected<Error>(status.error());
  BatchAnswer out;
  out.objects.resize(ids.size());
  out.refused = true;
  out.fault = server.last_status() == 500;
  out.words = short_words(status.error().message);
  return out;
}

Result<BatchAnswer> ask_batch(WritableCollection& server, const std::string& status,
                              const std::vector<std::string>& ids) {
  TRY(const auto told, server.status(status));
  return answer_of(told, ids);
}

}  // namespace comity::taxii
