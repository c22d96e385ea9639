// The walk of the validator through one object: where it is, what it found. The rules of the types
// report here. A Judge lives as long as one call of `validate`; one thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "json/value.h"
#include "stix/schema.h"
#include "stix/validate.h"

namespace comity::stix {

class Judge {
 public:
  Judge(Report& report, const Selection& selection) : report_(report), selection_(selection) {}

  // One level of the path for as long as this lives.
  class Step {
   public:
    Step(Judge& judge, std::string_view name) : judge_(judge) { judge_.push({name, 0, false}); }
    Step(Judge& judge, std::size_t index) : judge_(judge) { judge_.push({{}, index, true}); }
    ~Step() { judge_.depth_--; }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Judge& judge_;
  };

  bool runs(CheckId id) const { return selection_.runs(id); }
  // Whether one of what is asked of custom names runs.
  bool judges_custom() const {
    return runs(CheckId::StrictTypes) || runs(CheckId::StrictProperties) ||
           runs(CheckId::ExtensionsUse) || runs(CheckId::CustomPrefix) ||
           runs(CheckId::CustomPrefixLax);
  }
  // What was found at the present path; `section` empty: that of the check.
  void found(CheckId id, std::string_view rule, std::string_view section = {});
  // The same at the member `name` of where it stands.
  void found_at(std::string_view name, CheckId id, std::string_view rule,
                std::string_view section = {});
  std::string path() const;

  // Of the object at hand.
  std::string_view type;
  bool is_observable = false;
  bool is_custom = false;          // its own properties are its maker's business
  bool toplevel_extended = false;  // a toplevel-property-extension covers what no table knows
  // Of embedded observables of STIX 2.0 form (section 4.14): references are keys of this.
  const json::Object* local_objects = nullptr;

 private:
  struct Segment {
    std::string_view name;
    std::size_t index = 0;
    bool is_index = false;
  };
  void push(Segment segment);

  // A level of JSON is one segment; a bundle's two lead to the object.
  static constexpr std::size_t segments_max = 80;
  Report& report_;
  const Selection& selection_;
  std::array<Segment, segments_max> segments_;
  std::size_t depth_ = 0;
};

// One object, whole; `value` is a JSON object. Within a bundle it may be of STIX 2.0.
void judge_object(Judge& judge, const json::Value& value, bool in_bundle);
// `id` of an object of that type, as the rules of identifiers say.
void judge_id(Judge& judge, const json::Value& value);
// Whether the members that identify anything are there and well formed (sections 2.9 and 3.1).
void judge_type_name(Judge& judge, const json::Object& self);

// Judges the members of `self` by `shape` and, at the top of an object, by `common`.
void judge_shape(Judge& judge, const json::Object& self, const Shape& shape,
                 std::span<const Property> common = {});
// A value of one property; lists are judged item by item.
void judge_property(Judge& judge, const Property& property, const json::Value& value);
// The keys of a dictionary (section 2.3).
void judge_dictionary_keys(Judge& judge, const json::Object& entries);
// A member that no table knows: references in it are references all the same.
void judge_unknown(Judge& judge, std::string_view name, const json::Value& value);
void judge_reference(Judge& judge, std::string_view name, std::string_view targets,
                     const json::Value& value);

// "x-" or "x_", something, the separator again, something: a source and a name. The short one has
// no source.
bool has_long_prefix(std::string_view name, char separator);
bool has_short_prefix(std::string_view name, char separator);

// What section 7.3 and 11 say of names that the standard does not define.
void judge_custom_type(Judge& judge, bool extended);
void judge_custom_property(Judge& judge, std::string_view name, bool top);
void judge_extensions(Judge& judge, const json::Value& extensions);
// Whether `extensions` has one of the kinds, words with a blank between.
bool has_extension_kind(const json::Object& self, std::string_view kinds);

// Granular markings: what their selectors point at (section 7.2.3).
void judge_granular_markings(Judge& judge, const json::Value& value);

// A string as one of `Form`: false when it has not the form.
bool has_form(Form form, std::string_view value);
std::string_view form_name(Form form);

// At most so many bytes of a word, and no part of a character.
std::string_view shortened(std::string_view word, std::size_t most);
// At most 80 bytes of a word, in quotes.
std::string quoted(std::string_view word);
// The member as a string or time if it is one.
const std::string* string_of(const json::Object& self, std::string_view name);
std::optional<Instant> time_of(const json::Object& self, std::string_view name);

}  // namespace comity::stix
