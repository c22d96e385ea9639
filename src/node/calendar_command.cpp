#include "node/calendar_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/verification.h"
#include "node/command_parts.h"
#include "node/treaty_command.h"
#include "treaty/calendar_in_words.h"
#include "treaty/party_names.h"

namespace comity::node {
namespace {

Result<std::int64_t> day_argument(const json::Object& arguments, const char* name,
                                  std::int64_t otherwise) {
  const auto text = text_argument(arguments, name);
  if (text.empty()) return otherwise;
  const auto where = fmt::format("--{}", name);
  if (text.size() != std::string_view("2026-11-23").size()) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no day; expected a form like 2026-11-23", text), where);
  }
  auto at = parse_day_or_instant(text);
  if (!at) return tl::unexpected<Error>(std::move(at).error().at(where));
  return treaty::day_of(*at);
}

Result<treaty::CalendarQuestion> question_of(const treaty::Model& model,
                                             const json::Object& arguments, Instant today) {
  treaty::CalendarQuestion out;
  const auto code = text_argument(arguments, "party");
  if (code.empty()) {
    return fail(ErrorKind::InvalidInput,
                "nobody is named; expected a code of parties.toml, or --data DIR of a node, whose "
                "own party it then is",
                "--party");
  }
  const auto party = model.party(code);
  if (!party) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("'{}' is no party of the register; expected a code of parties.toml{}",
                            code, treaty::party_suggestion(model, code)),
                "--party");
  }
  out.party = *party;
  out.today = treaty::day_of(today);
  TRY(out.from, day_argument(arguments, "from", out.today));
  TRY(out.to, day_argument(arguments, "to", out.from + calendar_days));
  if (out.to < out.from) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} is before {}; expected a day that is not", format_day(out.to),
                            format_day(out.from)),
                "--to");
  }
  return out;
}

Result<treaty::Words> words_for(const json::Object& arguments) {
  TRY(auto asked, words_asked(arguments));
  if (asked) return *std::move(asked);
  return words_of("en");
}

Result<Outcome> answer(const treaty::CompiledRegister& law, const json::Object& arguments,
                       const treaty::CalendarQuestion& question, Instant written) {
  const auto& model = law.model();
  TRY(const auto words, words_for(arguments));
  const auto dates = treaty::calendar(model, question);
  Outcome outcome;
  json::Array rows;
  for (const auto& one : dates) {
    auto row = treaty::to_json(model, one);
    row.set("line", treaty::date_line(model, one, words));
    rows.push_back(std::move(row));
  }
  const auto without = std::count_if(dates.begin(), dates.end(),
                                     [](const treaty::LegalDate& one) { return !one.days; });
  json::Object data;
  data.set("party", model.parties[static_cast<std::size_t>(question.party)].code);
  const bool exercise = law.mode() == treaty::Mode::Exercise;
  data.set("mode", treaty::name(law.mode()));
  data.set("exercise", exercise ? json::Value(model.exercise) : json::Value());
  data.set("from", format_day(question.from));
  data.set("to", format_day(question.to));
  data.set("today", format_day(question.today));
  data.set("language", words.language());
  data.set("register", digest_text(model.digest));
  data.set("without_day", static_cast<std::int64_t>(without));
  data.set("dates", std::move(rows));
  outcome.data = std::move(data);
  if (arguments.find("ics") != nullptr) {
    const auto title = treaty::calendar_title(model, question, words);
    outcome.text =
        treaty::icalendar(exercise ? fmt::format("EXERCISE {}: {}", model.exercise, title) : title,
                          written, treaty::calendar_events(model, question, dates, words));
    return outcome;
  }
  if (exercise) {
    outcome.text =
        words.text(model, treaty::phrase("say.exercise", {{"name", model.exercise}})) + "\n";
  }
  outcome.text += treaty::calendar_text(model, question, dates, words);
  return outcome;
}

}  // namespace

Result<Outcome> calendar(const treaty::CompiledRegister& law, const json::Object& arguments,
                         Instant today, Instant written) {
  TRY(const auto question, question_of(law.model(), arguments, today));
  return answer(law, arguments, question, written);
}

Result<Outcome> run_calendar(exchange::Node& node, const json::Object& given) {
  const auto law = node.law();
  auto arguments = given;
  if (arguments.find("party") == nullptr) arguments.set("party", node.party());
  TRY(auto question, question_of(law->model(), arguments, node.treaty_now()));
  TRY(const auto snapshot, node.store().read());
  TRY(const auto files, node.register_files());
  const auto own = exchange::own_verifications(node, *snapshot, files);
  // What this node has verified says nothing about what another has.
  const bool about_itself =
      law->model().parties[static_cast<std::size_t>(question.party)].code == node.party();
  if (about_itself) question.own = &own;
  return answer(*law, arguments, question, node.now());
}

}  // namespace comity::node
