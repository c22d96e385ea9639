#include "exchange/law.h"

#include <fmt/format.h>

#include <algorithm>

#include "treaty/notice.h"
#include "treaty/party_names.h"

namespace comity::exchange {
namespace {

bool is_kebab(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// What the officers of a node enter they know themselves; in an exercise it is invented.
const char* provenance_of(const Node& node) {
  return node.mode() == treaty::Mode::Exercise ? "X" : "K:h";
}

Status check_instrument(const treaty::Model& model, const std::string& instrument) {
  if (model.instrument(instrument)) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no instrument of the register", instrument));
}

Status check_party(const treaty::Model& model, const std::string& instrument,
                   const std::string& party) {
  TRY_STATUS(check_instrument(model, instrument));
  const auto index = model.party(party);
  const auto& which = model.instruments[static_cast<std::size_t>(*model.instrument(instrument))];
  if (index && which.entry(*index) != nullptr) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{0}' is no party of {1}{2}; comity treaty show {1} names its parties",
                          party, instrument, treaty::party_suggestion(model, party)));
}

Status check_day(const std::string& day) {
  if (day.size() == 10 && parse_day_or_instant(day)) return {};
  return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no day; expected 2026-11-23", day));
}

// "<base>-1", or the first number that is free in the folder.
std::string free_name(const treaty::RegisterFiles& files, const char* folder,
                      const std::string& base) {
  for (int number = 1;; ++number) {
    auto name = fmt::format("{}-{}", base, number);
    if (!files.contains(fmt::format("{}/{}.toml", folder, name))) return name;
  }
}

// The end of every change here: approval, register, ledger entry, commit.
Status enter(Node& node, Change& change, std::string_view act, const json::Object& arguments,
             const std::optional<Approval>& approval, const std::string& id,
             const treaty::RegisterFiles& files) {
  json::Object entry;
  entry.set("type", act == "arrange" ? "arrangement" : act);
  entry.set("id", id);
  entry.set("register_before", digest_text(node.law()->model().digest));
  TRY(const auto ignored,
      approve(node, change, act, arguments, approval, ApprovalNeed::Operational, entry));
  TRY_STATUS(change.set_register(files));
  entry.set("register", digest_text(change.register_digest()));
  TRY_STATUS(change.enter("register", entry));
  return change.commit();
}

// The suspension of this party that lasts at `at`; null when there is none.
const treaty::Suspension* lasting(const treaty::Model& model, const NewSuspension& asked,
                                  Instant at) {
  const auto instrument = model.instrument(asked.instrument);
  const auto party = model.party(asked.party);
  for (const auto& one : model.suspensions) {
    if (one.instrument == instrument && one.party == party && one.lasts(at)) return &one;
  }
  return nullptr;
}

std::string suspension_text(const std::string& id, const NewSuspension& suspension, Instant from,
                            std::optional<Instant> until, const std::string& provenance) {
  auto text =
      fmt::format("[[suspension]]\nid = \"{}\"\ninstrument = \"{}\"\nparty = \"{}\"\nfrom = {}\n",
                  id, suspension.instrument, suspension.party, format_rfc3339(from, 6));
  if (until) text += fmt::format("until = {}\n", format_rfc3339(*until, 6));
  return text + fmt::format("provenance = \"{}\"\n", provenance);
}

}  // namespace

json::Object act_arguments(const NewArrangement& arrangement) {
  json::Object out;
  out.set("instrument", arrangement.instrument);
  out.set("kind", arrangement.kind);
  out.set("with", arrangement.with);
  if (!arrangement.from_day.empty()) out.set("from", arrangement.from_day);
  return out;
}

json::Object act_arguments(const NewDesignation& designation) {
  json::Object out;
  out.set("instrument", designation.instrument);
  out.set("party", designation.party);
  out.set("body", designation.body);
  if (!designation.role.empty()) out.set("role", designation.role);
  json::Array areas;
  for (const auto& area : designation.areas) areas.emplace_back(area);
  if (!areas.empty()) out.set("areas", std::move(areas));
  if (!designation.since.empty()) out.set("since", designation.since);
  return out;
}

json::Object act_arguments(const NewSuspension& suspension) {
  json::Object out;
  out.set("instrument", suspension.instrument);
  out.set("party", suspension.party);
  return out;
}

json::Object act_arguments(const NewDenunciation& denunciation) {
  json::Object out;
  out.set("instrument", denunciation.instrument);
  out.set("party", denunciation.party);
  if (!denunciation.effective.empty()) out.set("effective", denunciation.effective);
  return out;
}

Result<std::string> enter_arrangement(Node& node, const NewArrangement& arrangement,
                                      const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  const auto law = node.law();
  const auto& model = law->model();
  TRY_STATUS(check_instrument(model, arrangement.instrument));
  if (arrangement.with == node.party() || !model.party(arrangement.with)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no other party of the register", arrangement.with));
  }
  if (!is_kebab(arrangement.kind)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no kind of arrangement; expected words such as "
                            "format-and-protection",
                            arrangement.kind));
  }
  const auto today = format_day(change->treaty_at().seconds() / seconds_per_day);
  const auto day = arrangement.from_day.empty() ? today : arrangement.from_day;
  TRY_STATUS(check_day(day));
  auto parties = std::minmax(node.party(), arrangement.with);
  const auto id = lower(fmt::format("{}-{}-{}-{}", arrangement.instrument, arrangement.kind,
                                    parties.first, parties.second));
  TRY(auto files, node.register_files());
  const auto path = fmt::format("arrangements/{}.toml", id);
  if (files.contains(path)) {
    return fail(ErrorKind::Conflict, fmt::format("{} stands in the register already", id));
  }
  files[path] = fmt::format(
      "[[arrangement]]\nid = \"{}\"\ninstrument = \"{}\"\nkind = \"{}\"\nparties = [\"{}\", "
      "\"{}\"]\nin_force = {}\nprovenance = \"{}\"\n",
      id, arrangement.instrument, arrangement.kind, parties.first, parties.second, day,
      provenance_of(node));
  TRY_STATUS(enter(node, *change, "arrange", act_arguments(arrangement), approval, id, files));
  return id;
}

Result<std::string> enter_designation(Node& node, const NewDesignation& designation,
                                      const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  TRY_STATUS(check_party(node.law()->model(), designation.instrument, designation.party));
  if (!is_plain_text(designation.body, body_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("--body names the designated body in 1 to {} bytes, without quotes, "
                            "backslashes or control characters",
                            body_bytes_max));
  }
  auto words = designation.areas;
  if (!designation.role.empty()) words.push_back(designation.role);
  for (const auto& word : words) {
    if (!is_kebab(word)) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("'{}' is no role or area; expected a word of vocabulary.toml", word));
    }
  }
  auto text = fmt::format("[[designation]]\ninstrument = \"{}\"\nparty = \"{}\"\nbody = \"{}\"\n",
                          designation.instrument, designation.party, designation.body);
  if (!designation.role.empty()) text += fmt::format("role = \"{}\"\n", designation.role);
  if (!designation.areas.empty()) {
    text += fmt::format("areas = [\"{}\"]\n", fmt::join(designation.areas, "\", \""));
  }
  if (!designation.since.empty()) {
    TRY_STATUS(check_day(designation.since));
    text += fmt::format("since = {}\n", designation.since);
  }
  text += fmt::format("provenance = \"{}\"\n", provenance_of(node));
  TRY(auto files, node.register_files());
  for (const auto& [path, other] : files) {
    if (path.starts_with("designations/") && other == text) {
      return fail(ErrorKind::Conflict, fmt::format("{} says so already", path));
    }
  }
  const auto name =
      free_name(files, "designations",
                lower(fmt::format("{}-{}", designation.instrument, designation.party)));
  files[fmt::format("designations/{}.toml", name)] = std::move(text);
  TRY_STATUS(enter(node, *change, "designate", act_arguments(designation), approval, name, files));
  return name;
}

Result<std::string> suspend(Node& node, const NewSuspension& suspension,
                            const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  const auto law = node.law();
  TRY_STATUS(check_party(law->model(), suspension.instrument, suspension.party));
  if (const auto* other = lasting(law->model(), suspension, change->treaty_at())) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} has suspended {} already since {} ({})", suspension.party,
                            suspension.instrument, format_rfc3339(other->from), other->id));
  }
  TRY(auto files, node.register_files());
  const auto id = free_name(files, "suspensions",
                            lower(fmt::format("{}-{}", suspension.instrument, suspension.party)));
  files[fmt::format("suspensions/{}.toml", id)] =
      suspension_text(id, suspension, change->treaty_at(), std::nullopt, provenance_of(node));
  TRY_STATUS(enter(node, *change, "suspend", act_arguments(suspension), approval, id, files));
  return id;
}

Result<std::string> resume(Node& node, const NewSuspension& suspension,
                           const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  const auto law = node.law();
  TRY_STATUS(check_party(law->model(), suspension.instrument, suspension.party));
  const auto* present = lasting(law->model(), suspension, change->treaty_at());
  if (present == nullptr) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} has not suspended {}", suspension.party, suspension.instrument));
  }
  TRY(auto files, node.register_files());
  const auto file = files.find(fmt::format("suspensions/{}.toml", present->id));
  const auto text = [&](std::optional<Instant> until) {
    return suspension_text(present->id, suspension, present->from, until, present->provenance);
  };
  if (file == files.end() || file->second != text(present->until)) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} was not entered by comity treaty suspend; accept a register in "
                            "which it has an end",
                            present->id));
  }
  // A suspension lasts for an instant at least, also when the clock stands still.
  file->second = text(std::max(change->treaty_at(), Instant{present->from.micros + 1}));
  TRY_STATUS(
      enter(node, *change, "resume", act_arguments(suspension), approval, present->id, files));
  return present->id;
}

Result<Instant> denounce(Node& node, const NewDenunciation& denunciation,
                         const std::optional<Approval>& approval) {
  TRY(const auto change, Change::begin(node));
  const auto law = node.law();
  const auto& model = law->model();
  TRY_STATUS(check_party(model, denunciation.instrument, denunciation.party));
  const auto& instrument =
      model.instruments[static_cast<std::size_t>(*model.instrument(denunciation.instrument))];
  auto effective = treaty::notice_end(instrument, change->treaty_at());
  if (!denunciation.effective.empty()) {
    const auto given = parse_day_or_instant(denunciation.effective);
    if (!given) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("'{}' is no day or instant; expected 2027-02-21 or "
                              "2027-02-21T12:00:00Z",
                              denunciation.effective));
    }
    effective = *given;
  }
  if (!effective) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("how long the notice of {} runs is not known; give --effective with "
                            "the instant from which {} is bound no more",
                            instrument.id, denunciation.party));
  }
  const auto id = lower(fmt::format("{}-{}", instrument.id, denunciation.party));
  TRY(auto files, node.register_files());
  const auto path = fmt::format("denunciations/{}.toml", id);
  if (files.contains(path)) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} has denounced {} already", denunciation.party, instrument.id));
  }
  files[path] = fmt::format(
      "[[denunciation]]\nid = \"{}\"\ninstrument = \"{}\"\nparty = \"{}\"\nnotified = {}\n"
      "effective = {}\nprovenance = \"{}\"\n",
      id, instrument.id, denunciation.party, format_rfc3339(change->treaty_at(), 6),
      format_rfc3339(*effective, 6), provenance_of(node));
  TRY_STATUS(enter(node, *change, "denounce", act_arguments(denunciation), approval, id, files));
  return *effective;
}

}  // namespace comity::exchange
