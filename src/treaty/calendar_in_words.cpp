#include "treaty/calendar_in_words.h"

#include <fmt/format.h>

namespace comity::treaty {
namespace {

const Instrument& instrument_of(const Model& model, const LegalDate& date) {
  return model.instruments[static_cast<std::size_t>(date.instrument)];
}

// What stands under a date: the sentence of its clause, what the register tells of it, and what it
// rests on.
std::vector<std::string> remarks(const Model& model, const LegalDate& date, const Words& words) {
  std::vector<std::string> out;
  const auto add = [&](const Phrase& one) { out.push_back(words.text(model, one)); };
  if (date.clause != nullptr) {
    add(sentence_phrase(model, instrument_of(model, date), *date.clause));
    if (!date.clause->says.empty()) add(phrase("sheet.says", {{"text", date.clause->says}}));
  }
  if (date.review != nullptr && !date.review->says.empty()) {
    add(phrase("sheet.says", {{"text", date.review->says}}));
  }
  if (date.suspended) add(phrase("calendar.suspended"));
  if (!date.met.empty() && date.kind != DateKind::Designation) {
    add(phrase("calendar.met", {{"body", date.met}}));
  }
  for (const auto& one : date.rests_on) add(one);
  return out;
}

}  // namespace

std::string date_line(const Model& model, const LegalDate& date, const Words& words) {
  const auto what = date_phrase(model, date);
  const auto article = article_of(date);
  if (article.empty()) return words.text(model, what);
  return words.text(model, phrase("calendar.line", {{"main", to_json(what)},
                                                    {"instrument", instrument_of(model, date).id},
                                                    {"article", article}}));
}

std::string calendar_title(const Model& model, const CalendarQuestion& question,
                           const Words& words) {
  const auto& party = model.parties[static_cast<std::size_t>(question.party)];
  return words.text(model,
                    phrase("calendar.title", {{"party", to_json(word_phrase("party", party.code))},
                                              {"from", format_day(question.from)},
                                              {"to", format_day(question.to)}}));
}

std::string calendar_text(const Model& model, const CalendarQuestion& question,
                          const std::vector<LegalDate>& dates, const Words& words) {
  auto out = calendar_title(model, question, words) + "\n";
  if (dates.empty()) return out + words.text(model, phrase("calendar.none")) + "\n";
  bool without_day = false;
  for (const auto& date : dates) {
    if (!date.days && !without_day) {
      out += "\n" + words.text(model, phrase("calendar.no-day")) + "\n";
      without_day = true;
    }
    out += date.days ? days_text(date.days) + "  " : "  ";
    out += date_line(model, date, words);
    if (date.late) out += fmt::format(" [{}]", words.text(model, phrase("calendar.late")));
    out += "\n";
    for (const auto& one : remarks(model, date, words)) out += "    " + one + "\n";
  }
  return out;
}

std::vector<CalendarEvent> calendar_events(const Model& model, const CalendarQuestion& question,
                                           const std::vector<LegalDate>& dates,
                                           const Words& words) {
  const auto& party = model.parties[static_cast<std::size_t>(question.party)].code;
  // What is assumed must not be taken for real in somebody's calendar.
  const bool exercise = !model.exercise.empty();
  const auto place = exercise ? model.exercise + ".exercise.comity" : std::string("comity");
  const auto mark = exercise ? fmt::format("EXERCISE {}: ", model.exercise) : std::string();
  std::vector<CalendarEvent> out;
  for (const auto& date : dates) {
    if (!date.days) continue;
    CalendarEvent event;
    event.uid = fmt::format("{}.for.{}@{}", date.id, party, place);
    event.first = date.days->first;
    event.last = date.days->last;
    event.summary = mark + date_line(model, date, words);
    event.description = words.data(instrument_of(model, date).title);
    for (const auto& one : remarks(model, date, words)) event.description += "\n" + one;
    event.categories = {name(date.kind)};
    event.tentative = !date.days->exact() || !date.rests_on.empty();
    out.push_back(std::move(event));
  }
  return out;
}

}  // namespace comity::treaty
