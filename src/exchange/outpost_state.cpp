#include "exchange/outpost_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "json/parse.h"
#include "json/write.h"

namespace comity::exchange {
namespace {

std::optional<std::size_t> index_in(const json::Value* value, std::size_t count) {
  if (value == nullptr || value->integer() == nullptr || *value->integer() < 0 ||
      static_cast<std::size_t>(*value->integer()) >= count) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(*value->integer());
}

const json::Array& list_of(const json::Value& value, const char* name) {
  static const json::Array none;
  const auto* found = value.find(name);
  return found == nullptr || found->array() == nullptr ? none : *found->array();
}

json::Object submission_json(const PostState::Submission& submission) {
  json::Array objects;
  for (const auto object : submission.objects) {
    objects.emplace_back(static_cast<std::int64_t>(object));
  }
  json::Object out;
  out.set("id", submission.id);
  out.set("objects", std::move(objects));
  out.set("since", format_rfc3339(submission.since, 6));
  return out;
}

}  // namespace

std::int64_t PostState::count(char letter) const {
  return std::count(objects.begin(), objects.end(), letter);
}

void PostState::refuse(std::size_t object, const std::string& id, const std::string& why) {
  if (objects[object] == refused) return;
  objects[object] = refused;
  faults.erase(object);
  refusals.push_back({object, id, why});
}

std::string post_state_key(std::string_view disclosure) {
  return fmt::format("outpost-state:{}", disclosure);
}

std::string write_post_state(const PostState& state) {
  json::Object out;
  out.set("outpost", state.outpost);
  out.set("objects", state.objects);
  json::Array refusals, faults;
  for (const auto& [object, id, why] : state.refusals) {
    json::Object row;
    row.set("object", static_cast<std::int64_t>(object));
    row.set("id", id);
    row.set("why", why);
    refusals.push_back(std::move(row));
  }
  for (const auto& [object, times] : state.faults) {
    json::Object row;
    row.set("object", static_cast<std::int64_t>(object));
    row.set("times", std::int64_t{times});
    faults.push_back(std::move(row));
  }
  if (!refusals.empty()) out.set("refused", std::move(refusals));
  if (!faults.empty()) out.set("faults", std::move(faults));
  if (state.submission) out.set("submission", submission_json(*state.submission));
  if (state.withdrawn) out.set("withdrawn", true);
  return json::canonical(out);
}

Result<PostState> read_post_state(std::string_view text) {
  TRY(const auto value, json::parse(text));
  PostState out;
  out.outpost = value.text("outpost");
  out.objects = value.text("objects");
  const auto count = out.objects.size();
  for (const auto& row : list_of(value, "refused")) {
    const auto object = index_in(row.find("object"), count);
    if (object) {
      out.refusals.push_back({*object, std::string(row.text("id")), std::string(row.text("why"))});
    }
  }
  for (const auto& row : list_of(value, "faults")) {
    const auto object = index_in(row.find("object"), count);
    const auto times = index_in(row.find("times"), object_faults_max);
    if (object && times) out.faults[*object] = static_cast<int>(*times);
  }
  if (const auto* submission = value.find("submission"); submission != nullptr) {
    PostState::Submission one;
    one.id = submission->text("id");
    for (const auto& item : list_of(*submission, "objects")) {
      if (const auto object = index_in(&item, count)) one.objects.push_back(*object);
    }
    TRY(one.since, parse_rfc3339(submission->text("since")));
    out.submission = std::move(one);
  }
  out.withdrawn = value.find("withdrawn") != nullptr;
  // Written again it must be the same: nothing in it was passed over.
  if (write_post_state(out) != text || count == 0 ||
      out.objects.find_first_not_of(".ar") != std::string::npos) {
    return fail(ErrorKind::Corrupt, "what is kept of a delivery is not of this form");
  }
  return out;
}

Result<std::optional<PostState>> post_state(store::Snapshot& snapshot,
                                            std::string_view disclosure) {
  TRY(const auto kept, snapshot.meta(post_state_key(disclosure)));
  std::optional<PostState> out;
  if (!kept) return out;
  auto read = read_post_state(*kept);
  if (!read) return tl::unexpected<Error>(std::move(read.error()).at(std::string(disclosure)));
  out = *std::move(read);
  return out;
}

Status keep_post_state(Node& node, const Outpost& outpost, const store::ProtocolObject& disclosure,
                       const PostState& state, std::optional<std::string>& before) {
  TRY(const auto change, Change::begin(node));
  const auto key = post_state_key(disclosure.id);
  TRY(const auto kept, change->store().meta(key));
  if (kept != before) {
    return fail(ErrorKind::Conflict, "another delivery has moved this one meanwhile",
                disclosure.id);
  }
  auto text = write_post_state(state);
  TRY_STATUS(change->store().set_meta(key, text));
  TRY(auto status, outpost_status(change->store(), outpost.name));
  status.acknowledged_at = change->at();
  TRY_STATUS(set_outpost_status(*change, outpost.name, status));
  json::Object entry;
  entry.set("type", acknowledged_type);
  entry.set("outpost", outpost.name);
  entry.set("to", outpost.party);
  entry.set("disclosure_digest", digest_text(disclosure.digest));
  entry.set("taken", state.count(PostState::taken));
  entry.set("refused", state.count(PostState::refused));
  entry.set("waiting", state.count(PostState::waits));
  if (state.withdrawn) entry.set("withdrawn", true);
  entry.set("state", digest_text(sha256(text)));
  TRY_STATUS(change->enter(acknowledgement_kind, entry));
  TRY_STATUS(change->commit());
  before = std::move(text);
  return {};
}

}  // namespace comity::exchange
