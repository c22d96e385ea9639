#include "treaty/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/file.h"
#include "json/parse.h"

namespace comity::treaty {
namespace {

constexpr std::string_view isolate_start = "\u2068", isolate_end = "\u2069";

// How a language joins a list: before the last of two or more, and between the others.
struct Joints {
  std::string_view language, and_last, or_last, between_and, between_or;
};
constexpr std::array<Joints, 6> joints = {{
    {"en", " and ", " or ", ", ", ", "},
    {"ar", " و", " أو ", " و", " أو "},
    {"fr", " et ", " ou ", ", ", ", "},
    {"es", " y ", " o ", ", ", ", "},
    {"ru", " и ", " или ", ", ", ", "},
    {"zh", "和", "或", "、", "、"},
}};

std::string languages() {
  std::string out;
  for (const auto& one : joints) out += fmt::format("{}{}", out.empty() ? "" : " ", one.language);
  return out;
}

// The code point that begins at `at`, and how many bytes it takes; what is no UTF-8 takes one.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};
Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(at);
  const std::size_t bytes = first < 0x80   ? 1
                            : first < 0xC2 ? 0
                            : first < 0xE0 ? 2
                            : first < 0xF0 ? 3
                            : first < 0xF5 ? 4
                                           : 0;
  if (bytes == 1) return {first, 1};
  if (bytes == 0 || at + bytes > text.size()) return {0xFFFD, 1};
  char32_t code = first & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {0xFFFD, 1};
    code = code << 6 | (byte(at + i) & 0x3FU);
  }
  return {code, bytes};
}

// What can turn round, hide or break text; the pages take the same for deceptive.
bool deceptive(char32_t code) {
  constexpr std::array<std::array<char32_t, 2>, 15> ranges = {{
      {0x00, 0x1F},
      {0x7F, 0x9F},
      {0xAD, 0xAD},
      {0x61C, 0x61C},
      {0x115F, 0x1160},
      {0x17B4, 0x17B5},
      {0x180E, 0x180E},
      {0x200B, 0x200F},
      {0x2028, 0x202E},
      {0x2060, 0x2064},
      {0x2066, 0x206F},
      {0x3164, 0x3164},
      {0xFEFF, 0xFEFF},
      {0xFFA0, 0xFFFD},
      {0xE0000, 0xE007F},
  }};
  return std::any_of(ranges.begin(), ranges.end(), [code](const auto& range) {
    return code >= range[0] && code <= range[1] && !(code > 0xFFA0 && code < 0xFFF9);
  });
}

// "class" of "class.indicator".
std::string_view group_of(std::string_view key) { return key.substr(0, key.find('.')); }
std::string_view name_of(std::string_view key) { return key.substr(key.find('.') + 1); }

}  // namespace

Result<Words> Words::parse(const std::string& language, std::string_view catalogue) {
  if (std::none_of(joints.begin(), joints.end(),
                   [&](const Joints& one) { return one.language == language; })) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found the language '{}', expected one of {}", language, languages()));
  }
  TRY(const auto value, json::parse(catalogue));
  if (value.object() == nullptr) {
    return fail(ErrorKind::InvalidInput, "expected an object of keys");
  }
  Words out;
  out.language_ = language;
  for (const auto& [key, entry] : *value.object()) {
    const auto* text = entry.find("text");
    if (text == nullptr || text->string() == nullptr) {
      return fail(ErrorKind::InvalidInput, "expected an object with the text of the message", key);
    }
    auto message = Message::parse(*text->string(), language);
    if (!message) return tl::unexpected(std::move(message.error()).at(key));
    out.messages_.emplace(key, *std::move(message));
  }
  return out;
}

Result<Words> Words::read(const std::string& directory, const std::string& language) {
  const auto path = directory + "/" + language + ".json";
  // A language is a word of letters: it names a file.
  const bool word = !language.empty() && std::all_of(language.begin(), language.end(),
                                                     [](char c) { return c >= 'a' && c <= 'z'; });
  if (!word || !file_exists(path)) {
    std::string there;
    if (const auto files = list_files(directory, ".json")) {
      for (const auto& file : *files) there += " " + file.substr(0, file.size() - 5);
    }
    return fail(ErrorKind::NotFound,
                fmt::format("no catalogue speaks '{}'; there is{}", language, there));
  }
  TRY(const auto text, read_file(path, catalogue_bytes_max));
  auto words = parse(language, text);
  if (!words) return tl::unexpected(std::move(words.error()).at(path));
  return words;
}

std::string Words::data(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto one = character_at(text, at);
    if (deceptive(one.code)) {
      out += fmt::format("[U+{:04X}]", static_cast<std::uint32_t>(one.code));
    } else {
      out += text.substr(at, one.bytes);
    }
    at += one.bytes;
  }
  return right_to_left() ? fmt::format("{}{}{}", isolate_start, out, isolate_end) : out;
}

std::string Words::text(const Model& model, const Phrase& phrase) const {
  return worded(model, to_json(phrase), 0);
}

std::string Words::text(const Model& model, const json::Value& value) const {
  return worded(model, value, 0);
}

std::string Words::worded(const Model& model, const json::Value& value, std::size_t depth) const {
  if (value.string() != nullptr) return data(*value.string());
  if (value.integer() != nullptr) return fmt::format("{}", *value.integer());
  if (value.find("list") != nullptr) return list_text(model, value, depth);
  return phrase_text(model, value, depth);
}

std::string Words::phrase_text(const Model& model, const json::Value& phrase,
                               std::size_t depth) const {
  if (depth >= phrase_depth_max) return "…";
  const auto key = phrase.text("key");
  const auto message = messages_.find(key);
  if (message == messages_.end()) return unknown(model, key);
  std::map<std::string, MessageValue, std::less<>> values;
  if (const auto* args = phrase.find("args"); args != nullptr && args->object() != nullptr) {
    for (const auto& [name, arg] : *args->object()) {
      if (arg.integer() != nullptr) {
        values.emplace(name, *arg.integer());
      } else {
        values.emplace(name, worded(model, arg, depth + 1));
      }
    }
  }
  auto out = message->second.text([&](std::string_view name) {
    const auto it = values.find(name);
    return it == values.end() ? nullptr : &it->second;
  });
  return out.empty() ? std::string(key) : out;
}

std::string Words::list_text(const Model& model, const json::Value& list, std::size_t depth) const {
  std::vector<std::string> items;
  if (const auto* entries = list.find("items"); entries != nullptr && entries->array() != nullptr) {
    for (const auto& one : *entries->array()) items.push_back(worded(model, one, depth));
  }
  return joined(items, list.text("list") != "or");
}

std::string Words::joined(const std::vector<std::string>& items, bool all) const {
  const auto* const how = std::find_if(
      joints.begin(), joints.end(), [&](const Joints& one) { return one.language == language_; });
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool last = i + 1 == items.size();
    if (i > 0 && last) out += all ? how->and_last : how->or_last;
    if (i > 0 && !last) out += all ? how->between_and : how->between_or;
    out += items[i];
  }
  return out;
}

std::string Words::unknown(const Model& model, std::string_view key) const {
  if (group_of(key) == "party") {
    if (const auto party = model.party(name_of(key))) {
      return data(model.parties[static_cast<std::size_t>(*party)].name);
    }
  }
  return data(name_of(key));
}

std::set<std::string> Words::missing(const json::Value& value) const {
  std::set<std::string> out;
  if (const auto* items = value.find("items"); items != nullptr && items->array() != nullptr) {
    for (const auto& one : *items->array()) out.merge(missing(one));
    return out;
  }
  if (value.object() == nullptr) return out;
  const auto key = value.text("key");
  const auto message = messages_.find(key);
  const auto* args = value.find("args");
  if (args != nullptr && args->object() != nullptr) {
    for (const auto& [name, arg] : *args->object()) out.merge(missing(arg));
  }
  if (message == messages_.end()) {
    out.emplace(key);
    return out;
  }
  // Every name that the text asks for must be there, and what counts must be a number.
  std::map<std::string, MessageValue, std::less<>> values;
  if (args != nullptr && args->object() != nullptr) {
    for (const auto& [name, arg] : *args->object()) {
      if (arg.integer() != nullptr) {
        values.emplace(name, *arg.integer());
      } else {
        values.emplace(name, std::string("x"));
      }
    }
  }
  const auto text = message->second.text([&](std::string_view name) {
    const auto it = values.find(name);
    return it == values.end() ? nullptr : &it->second;
  });
  if (text.empty()) out.emplace(key);
  return out;
}

}  // namespace comity::treaty
