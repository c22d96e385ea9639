#include "exchange/law.h"

#include <fmt/format.h>

#include <algorithm>

namespace comity::exchange {
namespace {

bool is_kebab(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Result<std::string> enter_arrangement(Node& node, const NewArrangement& arrangement) {
  if (node.mode() == treaty::Mode::Operational) {
    return fail(
        ErrorKind::NotPermitted,
        "an operational register is changed by two officers with their keys; this version has no "
        "officer keys yet");
  }
  const auto law = node.law();
  const auto& model = law->model();
  if (!model.instrument(arrangement.instrument)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no instrument of the register", arrangement.instrument));
  }
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
  TRY(const auto change, Change::begin(node));
  const auto today = format_rfc3339(change->at()).substr(0, 10);
  const auto day = arrangement.from_day.empty() ? today : arrangement.from_day;
  const auto parsed = parse_day_or_instant(day);
  if (!parsed || day.size() != 10) {
    return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no day; expected 2026-11-23", day));
  }
  auto parties = std::minmax(node.party(), arrangement.with);
  std::string id = fmt::format("{}-{}-{}-{}", arrangement.instrument, arrangement.kind,
                               parties.first, parties.second);
  std::transform(id.begin(), id.end(), id.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  TRY(auto files, node.register_files());
  const auto path = fmt::format("arrangements/{}.toml", id);
  if (files.contains(path)) {
    return fail(ErrorKind::Conflict, fmt::format("{} stands in the register already", id));
  }
  files[path] = fmt::format(
      "[[arrangement]]\nid = \"{}\"\ninstrument = \"{}\"\nkind = \"{}\"\nparties = [\"{}\", "
      "\"{}\"]\n"
      "in_force = {}\nprovenance = \"X\"\n",
      id, arrangement.instrument, arrangement.kind, parties.first, parties.second, day);
  TRY_STATUS(change->set_register(files));
  json::Object entry;
  entry.set("type", "arrangement");
  entry.set("id", id);
  entry.set("register_before", digest_text(model.digest));
  TRY_STATUS(change->enter("register", entry));
  TRY_STATUS(change->commit());
  return id;
}

}  // namespace comity::exchange
