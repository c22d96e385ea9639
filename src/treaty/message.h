// One message of a catalogue: text with places for values, in the part of ICU MessageFormat that
// docs/formats/messages.md takes. Immutable once read, safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace comity::treaty {

constexpr std::size_t message_depth_max = 8;  // of plurals and selections in one another

// What stands in a place: words that may be put in as they are, or a number to count by.
using MessageValue = std::variant<std::string, std::int64_t>;

class Message {
 public:
  // `language` decides which plural categories there are. Errors name the character.
  static Result<Message> parse(std::string_view text, const std::string& language);

  // The text with its values. `value` gives null for a name that it does not know; then, and when a
  // plural is to count words, the outcome is empty.
  std::string text(const std::function<const MessageValue*(std::string_view name)>& value) const;

 private:
  friend class MessageReader;
  enum class Use { Text, Value, Number, Count, Plural, Ordinal, Select };
  struct Part;
  struct Option {
    std::string selector;
    std::vector<Part> parts;
  };
  struct Part {
    Use use = Use::Text;
    std::string text;  // of Text, else the name of the value
    std::vector<Option> options;
  };
  class Writing;

  std::string language_;
  std::vector<Part> parts_;
};

// "one", "few" …: the plural category of a number that counts, or orders (1st, 2nd).
std::string_view plural_category(std::string_view language, std::int64_t number);
std::string_view ordinal_category(std::string_view language, std::int64_t number);
// Digits in groups of three, as the language writes them; always Western digits.
std::string number_text(std::string_view language, std::int64_t number);

}  // namespace comity::treaty
