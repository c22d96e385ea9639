#include "stix/language.h"

#include <fmt/format.h>

#include <algorithm>

#include "stix/judge.h"
#include "stix/selector.h"

namespace comity::stix {
namespace {

constexpr std::string_view default_language = "en";

char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same_tag(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char left, char right) {
    return lower_letter(left) == lower_letter(right);
  });
}

const json::Value* texts_in(const json::Object& contents, std::string_view language) {
  for (const auto& [tag, texts] : contents) {
    if (is_same_tag(tag, language)) return &texts;
  }
  return nullptr;
}

void judge_mirror(Judge& judge, const json::Value& translation, const json::Value& original) {
  const auto wrong = [&](std::string_view expected) {
    judge.found(CheckId::LanguageContent, fmt::format("found {}, expected {} as in the original",
                                                      translation.type_name(), expected));
  };
  if (original.string() != nullptr) {
    if (translation.string() == nullptr) wrong("a string");
  } else if (const auto* items = original.array()) {
    const auto* mirrored = translation.array();
    if (mirrored == nullptr) return wrong("a list");
    if (mirrored->size() != items->size()) {
      judge.found(CheckId::LanguageContent, fmt::format("has {} items, the original has {}",
                                                        mirrored->size(), items->size()));
      return;
    }
    for (std::size_t i = 0; i < items->size(); ++i) {
      const Judge::Step step(judge, i);
      judge_mirror(judge, (*mirrored)[i], (*items)[i]);
    }
  } else if (original.object() != nullptr) {
    const auto* mirrored = translation.object();
    if (mirrored == nullptr) return wrong("an object");
    for (const auto& [name, value] : *mirrored) {
      const auto* member = original.find(name);
      if (member == nullptr) continue;
      const Judge::Step step(judge, name);
      judge_mirror(judge, value, *member);
    }
  }
}

}  // namespace

std::string language_at(const json::Value& object, std::string_view selector) {
  std::string out(object.text("lang"));
  std::size_t closest = 0;
  const auto* markings = object.find("granular_markings");
  if (markings != nullptr && markings->array() != nullptr) {
    for (const auto& marking : *markings->array()) {
      const auto language = marking.text("lang");
      const auto covered = covering_length(marking, selector);
      if (language.empty() || covered <= closest) continue;
      closest = covered;
      out = language;
    }
  }
  return out.empty() ? std::string(default_language) : out;
}

bool is_language_of(const json::Value& content, const json::Value& object) {
  if (content.text("type") != "language-content" || object.text("id").empty() ||
      content.text("object_ref") != object.text("id")) {
    return false;
  }
  if (content.find("object_modified") == nullptr) return true;
  const auto wanted = time_of(*content.object(), "object_modified");
  return wanted && wanted == time_of(*object.object(), "modified");
}

const std::string* translated(const json::Value& content, std::string_view selector,
                              std::string_view language) {
  const auto* contents = content.find("contents");
  if (contents == nullptr || contents->object() == nullptr) return nullptr;
  while (!language.empty()) {
    const auto* texts = texts_in(*contents->object(), language);
    const auto* text = texts == nullptr ? nullptr : selected(*texts, selector);
    if (text != nullptr && text->string() != nullptr && !text->string()->empty()) {
      return text->string();
    }
    const auto dash = language.rfind('-');
    language = language.substr(0, dash == std::string_view::npos ? 0 : dash);
    // A subtag of one letter begins what it stands before.
    if (language.size() > 2 && language[language.size() - 2] == '-') language.remove_suffix(2);
  }
  return nullptr;
}

void judge_translations(Judge& judge, const json::Value& content, const json::Value& original) {
  const auto* contents = content.find("contents");
  if (contents == nullptr || contents->object() == nullptr) return;
  const Judge::Step step(judge, "contents");
  for (const auto& [language, texts] : *contents->object()) {
    if (texts.object() == nullptr) continue;
    const Judge::Step tag(judge, language);
    judge_mirror(judge, texts, original);
  }
}

}  // namespace comity::stix
