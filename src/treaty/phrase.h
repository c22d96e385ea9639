// Sentences without a language: what a clause or a verdict says, as a key of the message
// catalogues (register/messages/, docs/formats/messages.md) and the values that stand in it. The
// one who shows it puts it into words.
//
// A value is a string (data of the register or of a person, shown as it is), a number, another
// phrase, or {"list": "and" | "or", "items": [string or phrase]}. A word of a closed vocabulary is
// the phrase "<group>.<word>" without values ("class.indicator", "party.CN"); where a catalogue
// lacks it, the word itself is shown.
//
// Verdicts carry text: these functions read again what phrases.cpp and the exchange wrote. What
// they do not know becomes "….other" or "….text" with the text as it is, never another meaning.
// Pure functions, safe from any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "json/value.h"
#include "treaty/model.h"
#include "treaty/verdict.h"

namespace comity::treaty {

struct Phrase {
  std::string key;
  json::Object args = {};

  bool operator==(const Phrase&) const = default;
};

// {"key": …, "args": {…}}, without "args" where there are none.
json::Value to_json(const Phrase& of);

Phrase phrase(std::string_view key,
              std::initializer_list<std::pair<std::string_view, json::Value>> args = {});
// A word of a vocabulary: word_phrase("class", "indicator").
Phrase word_phrase(std::string_view group, std::string_view name);
// {"list": "and", "items": [phrases]} of the words of `bits`, in the order of the vocabulary.
json::Value words_value(std::string_view group, const Names& names, Bits bits,
                        std::string_view joined_by = "and");

// The whole clause: who may, shall or shall not do what with which information, for what, and
// under which conditions.
Phrase sentence_phrase(const Model& model, const Instrument& instrument, const Clause& clause);
// The same of a rule of a national overlay.
Phrase rule_phrase(const Model& model, const Overlay& overlay, const OverlayRule& rule);

// What is missing, and who can supply it.
Phrase need_phrase(const NeedEntry& need);
Phrase from_phrase(const NeedEntry& need);
Phrase reason_phrase(const Reason& reason);
// What the clause demands; its text in the register stands in the citation.
Phrase duty_phrase(const Model& model, const Duty& duty);
Phrase advice_phrase(const Model& model, const Advice& advice);
Phrase assertion_phrase(const Assertion& assertion);
Phrase assumed_phrase(const Model& model, const Assumed& assumed);

}  // namespace comity::treaty
