// A TAXII 2.1 collection in memory to write to, which takes objects as servers take them. Header
// only; every folder above can include it in its tests.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "json/parse.h"
#include "taxii/writer.h"

namespace comity::taxii::test {

struct SinkQuirks {
  bool can_write = true;
  std::optional<std::int64_t> content_bytes_max;
  bool refuses_whole = false;       // answers 400 to all of an envelope because of one object
  bool counts_only = false;         // lists nothing
  int pending_looks = 0;            // a submission is done after so many looks at its status
  bool forgets = false;             // knows no status
  int loses_replies = 0;            // so many, after the envelope was worked on
  int busy = 0;                     // so many answers of 503
  bool failing = false;             // answers 500 to everything
  bool unauthenticated = false;     // answers 401 to everything
  std::set<std::string> refused;    // ids that it does not take
  std::set<std::string> faults;     // ids to which it answers 500
  std::set<std::string> passed_by;  // ids of which its answers say nothing
};

class QuirkySink : public WritableCollection {
 public:
  SinkQuirks quirks;
  // Is called with each envelope before it is worked on.
  std::function<void(const std::vector<std::string>& ids)> before_post;

  // What it holds, in the order in which it came; ids of each envelope that it was sent.
  const std::vector<std::string>& held() const { return held_; }
  const std::vector<std::vector<std::string>>& envelopes() const { return envelopes_; }
  bool holds(const std::string& id) const {
    for (const auto& bytes : held_) {
      if (id_of(bytes) == id) return true;
    }
    return false;
  }
  void forget_envelopes() { envelopes_.clear(); }

  Result<WriteTerms> write_terms() override {
    TRY_STATUS(answers());
    return WriteTerms{quirks.can_write, quirks.content_bytes_max};
  }

  Result<SubmissionStatus> post(const std::string& envelope) override {
    std::vector<std::string> objects, ids;
    const auto read = json::split(envelope, "objects", [&](std::string_view one, std::size_t) {
      objects.emplace_back(one);
      ids.push_back(id_of(one));
      return Status();
    });
    if (!read) return tl::unexpected<Error>(read.error());
    if (before_post) before_post(ids);
    TRY_STATUS(answers());
    envelopes_.push_back(ids);
    const auto most = quirks.content_bytes_max.value_or(INT64_MAX);
    if (static_cast<std::int64_t>(envelope.size()) > most) return wrong(413, "too large");
    for (const auto& id : ids) {
      if (quirks.faults.contains(id)) return wrong(500, "");
      if (quirks.refuses_whole && quirks.refused.contains(id)) return wrong(400, "bad object");
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!quirks.refused.contains(ids[i])) keep(objects[i]);
    }
    if (quirks.loses_replies > 0) {
      --quirks.loses_replies;
      last_status_ = 0;
      return fail(ErrorKind::Unavailable, "the reply is lost");
    }
    last_status_ = 202;
    if (quirks.pending_looks == 0) return done("one", ids);
    const auto name = fmt::format("s{}", submissions_.size());
    submissions_[name] = {ids, quirks.pending_looks};
    return pending(name, ids);
  }

  Result<SubmissionStatus> status(std::string_view id) override {
    TRY_STATUS(answers());
    const auto known = submissions_.find(std::string(id));
    if (quirks.forgets || known == submissions_.end()) return wrong(404, "no such status");
    last_status_ = 200;
    if (--known->second.looks > 0) return pending(known->first, known->second.ids);
    return done(known->first, known->second.ids);
  }

  int last_status() const override { return last_status_; }
  std::optional<std::int64_t> retry_after_s() const override { return retry_after_s_; }

  static std::string id_of(std::string_view bytes) {
    const auto value = json::parse(bytes);
    return value ? std::string(value->text("id")) : std::string();
  }

 private:
  struct Submission {
    std::vector<std::string> ids;
    int looks = 0;
  };

  tl::unexpected<Error> wrong(int status, const std::string& words) {
    last_status_ = status;
    const auto kind = status == 404   ? ErrorKind::NotFound
                      : status == 401 ? ErrorKind::Unauthenticated
                      : status == 413 ? ErrorKind::TooLarge
                      : status >= 500 ? ErrorKind::Unavailable
                                      : ErrorKind::InvalidInput;
    return fail(kind, fmt::format("the server answered {}: {}", status, words));
  }

  Status answers() {
    retry_after_s_.reset();
    if (quirks.unauthenticated) return wrong(401, "who are you?");
    if (quirks.failing) return wrong(500, "it failed");
    if (quirks.busy == 0) return {};
    --quirks.busy;
    retry_after_s_ = 60;
    return wrong(503, "busy");
  }

  void keep(const std::string& bytes) {
    for (const auto& held : held_) {
      if (held == bytes) return;  // the same id and version
    }
    held_.push_back(bytes);
  }

  SubmissionStatus pending(const std::string& name, const std::vector<std::string>& ids) const {
    SubmissionStatus out;
    out.id = name;
    out.pending_count = static_cast<std::int64_t>(ids.size());
    out.success_count = out.failure_count = 0;
    if (!quirks.counts_only) {
      for (const auto& id : ids) out.pending.push_back({id, "", "", false});
    }
    return out;
  }

  SubmissionStatus done(const std::string& name, const std::vector<std::string>& ids) const {
    SubmissionStatus out;
    out.id = name;
    out.success_count = out.failure_count = 0;
    for (const auto& id : ids) {
      if (quirks.passed_by.contains(id)) continue;
      const bool failed = quirks.refused.contains(id);
      ++(failed ? *out.failure_count : *out.success_count);
      if (!quirks.counts_only) out.fates.push_back({id, "", failed ? "not taken" : "", failed});
    }
    return out;
  }

  std::vector<std::string> held_;
  std::vector<std::vector<std::string>> envelopes_;
  std::map<std::string, Submission> submissions_;
  int last_status_ = 0;
  std::optional<std::int64_t> retry_after_s_;
};

}  // namespace comity::taxii::test
