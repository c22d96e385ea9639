// The words of one language: a message catalogue of register/messages/, and how a phrase (phrase.h)
// becomes a sentence of it. The pages word the same phrases by the same rules (web/src/i18n/);
// docs/formats/messages.md is the form. Immutable once read, safe from any thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "treaty/message.h"
#include "treaty/model.h"
#include "treaty/phrase.h"

namespace comity::treaty {

constexpr std::size_t catalogue_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t phrase_depth_max = 8;  // phrases in one another; what is deeper is "…"

class Words {
 public:
  // The catalogue of a language as text, or from `directory`/<language>.json. Errors name the key.
  static Result<Words> parse(const std::string& language, std::string_view catalogue);
  static Result<Words> read(const std::string& directory, const std::string& language);

  const std::string& language() const { return language_; }
  bool has(std::string_view key) const { return messages_.find(key) != messages_.end(); }
  bool right_to_left() const { return language_ == "ar"; }

  // The phrase in words. A word that the catalogue lacks is shown as it is, a party of `model` by
  // its name; a sentence that it lacks, or whose values are missing, as its key. What is data
  // cannot turn the words around it: characters that turn, hide or break text are spelled out, and
  // in a language that is written from right to left data are isolated.
  std::string text(const Model& model, const Phrase& phrase) const;
  // The same of a value of a phrase: a string, a number, a phrase or a list.
  std::string text(const Model& model, const json::Value& value) const;
  std::string data(std::string_view text) const;

  // The keys that `phrase` asks for and the catalogue lacks, and those whose values are missing.
  std::set<std::string> missing(const json::Value& phrase) const;

 private:
  std::string worded(const Model& model, const json::Value& value, std::size_t depth) const;
  std::string phrase_text(const Model& model, const json::Value& phrase, std::size_t depth) const;
  std::string list_text(const Model& model, const json::Value& list, std::size_t depth) const;
  std::string unknown(const Model& model, std::string_view key) const;
  std::string joined(const std::vector<std::string>& items, bool all) const;

  std::string language_;
  std::map<std::string, Message, std::less<>> messages_;
};

}  // namespace comity::treaty
