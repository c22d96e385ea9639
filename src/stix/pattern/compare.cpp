#include "stix/pattern/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <compare>

#include "base/bytes.h"
#include "stix/pattern/characters.h"
#include "stix/pattern/like.h"
#include "stix/pattern/normal_form.h"
#include "stix/pattern/print.h"

namespace comity::stix::pattern {
namespace {

using Order = std::partial_ordering;

constexpr std::size_t shown_value_bytes_max = 60;

// Exact for 64-bit integers beside doubles: x86-64 and the others that we build for have at least
// 64 bits of fraction in a long double.
Order order_of(const json::Value& value, long double constant) {
  if (const auto* integer = value.integer()) return static_cast<long double>(*integer) <=> constant;
  if (const auto* number = value.number()) return static_cast<long double>(*number) <=> constant;
  return Order::unordered;
}

int compared(std::string_view a, std::string_view b) { return a.compare(b); }

// Texts by code points, which is the order of their UTF-8; texts and bytes by bytes.
Order order_of_texts(const std::string* text, const std::string* bytes, const std::string& constant,
                     bool constant_is_bytes) {
  if (text != nullptr && !constant_is_bytes) return compared(*text, constant) <=> 0;
  if (bytes != nullptr && constant_is_bytes) return compared(*bytes, constant) <=> 0;
  const auto& characters = constant_is_bytes ? *text : constant;
  const auto converted = as_bytes(characters);
  if (!converted) return Order::unordered;
  return constant_is_bytes ? compared(*converted, constant) <=> 0
                           : compared(*bytes, *converted) <=> 0;
}

Result<Order> order_of_times(const std::string* text, const Timestamp& constant) {
  if (text == nullptr) return Order::unordered;
  const auto read = read_timestamp(*text);
  if (!read) {
    auto shown = text->substr(0, shown_value_bytes_max);
    cut_utf8(shown, shown_value_bytes_max - 1);
    return fail(ErrorKind::InvalidInput,
                fmt::format("found '{}', which is no timestamp, where one is compared with {}",
                            shown, text_of(constant)));
  }
  return *read <=> constant;
}

// Unordered when the types do not fit.
Result<Order> order_of(const json::Value* value, const std::string* bytes,
                       const Constant& constant) {
  const auto* text = bytes == nullptr && value != nullptr ? value->string() : nullptr;
  const bool is_text = text != nullptr || bytes != nullptr;
  if (const auto* wanted = std::get_if<Timestamp>(&constant.value)) {
    return order_of_times(text, *wanted);
  }
  if (const auto* wanted = std::get_if<std::string>(&constant.value)) {
    return is_text ? order_of_texts(text, bytes, *wanted, false) : Order::unordered;
  }
  if (const auto* wanted = std::get_if<Binary>(&constant.value)) {
    return is_text ? order_of_texts(text, bytes, wanted->bytes, true) : Order::unordered;
  }
  if (bytes != nullptr || value == nullptr) return Order::unordered;
  if (const auto* wanted = std::get_if<bool>(&constant.value)) {
    const auto* given = value->boolean();
    // Only whether they are the same has a meaning.
    if (given == nullptr) return Order::unordered;
    return *given == *wanted ? Order::equivalent : Order::unordered;
  }
  if (const auto* wanted = std::get_if<std::int64_t>(&constant.value)) {
    return order_of(*value, static_cast<long double>(*wanted));
  }
  return order_of(*value, static_cast<long double>(std::get<double>(constant.value)));
}

bool agrees(Operator comparison, Order order) {
  switch (comparison) {
    case Operator::Equal:
    case Operator::In:
      return order == 0;
    case Operator::NotEqual:
      return !(order == 0);
    case Operator::Less:
      return order < 0;
    case Operator::LessOrEqual:
      return order <= 0;
    case Operator::Greater:
      return order > 0;
    case Operator::GreaterOrEqual:
      return order >= 0;
    default:
      return false;
  }
}

tl::unexpected<Error> no_reference(const std::string& property, const char* expected,
                                   const json::Value& found) {
  return fail(ErrorKind::InvalidInput,
              fmt::format("found {} in '{}', expected {}", found.type_name(), property, expected));
}

}  // namespace

// --- paths --------------------------------------------------------------------------------------

Result<std::optional<Comparer::Selected>> Comparer::member(const std::string& key,
                                                           const json::Value& value,
                                                           const ObservedData& observation) {
  const auto* found = value.find(key);
  if (found == nullptr) return std::optional<Selected>();
  Selected out;
  out.value = found;
  const auto* text = found->string();
  const bool is_hex = key.ends_with("_hex");
  if (text != nullptr && (is_hex || key.ends_with("_bin"))) {
    std::string lower(*text);
    for (auto& c : lower) {
      if (is_hex && c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    auto bytes = is_hex ? from_hex(lower) : from_base64(*text);
    if (!bytes) {
      return fail(ErrorKind::InvalidInput, fmt::format("the value of '{}' is no {}", key,
                                                       is_hex ? "hexadecimal" : "base64"));
    }
    out.bytes = *std::move(bytes);
    return std::optional(std::move(out));
  }
  if (key.ends_with("_ref")) {
    if (text == nullptr) return no_reference(key, "the id of an object", *found);
    out.value = observation.find(*text);
    if (out.value == nullptr) return std::optional<Selected>();
  } else if (key.ends_with("_refs")) {
    const auto* list = found->array();
    if (list == nullptr) return no_reference(key, "an array of ids", *found);
    for (const auto& reference : *list) {
      const auto* name = reference.string();
      if (name == nullptr) return no_reference(key, "ids of objects", reference);
      const auto* object = observation.find(*name);
      if (object != nullptr) out.referred.push_back(object);
    }
    out.is_list = true;
    if (out.referred.empty()) return std::optional<Selected>();
  }
  return std::optional(std::move(out));
}

Result<std::vector<Comparer::Selected>> Comparer::step(const Step& step,
                                                       const std::vector<Selected>& from,
                                                       const ObservedData& observation) {
  std::vector<Selected> out;
  const auto add = [&out](const json::Value* value) {
    Selected one;
    one.value = value;
    out.push_back(std::move(one));
  };
  const auto wanted = [&step](std::size_t index) {
    return step.kind == Step::Kind::Every ||
           (step.index >= 0 && index == static_cast<std::size_t>(step.index));
  };
  for (const auto& one : from) {
    if (step.kind == Step::Kind::Key) {
      if (one.bytes || one.is_list || one.value->object() == nullptr) continue;
      TRY(auto next, member(step.key, *one.value, observation));
      if (next) out.push_back(*std::move(next));
    } else if (one.is_list) {
      for (std::size_t at = 0; at < one.referred.size(); ++at) {
        if (wanted(at)) add(one.referred[at]);
      }
    } else if (const auto* list = one.bytes ? nullptr : one.value->array(); list != nullptr) {
      for (std::size_t at = 0; at < list->size(); ++at) {
        if (wanted(at)) add(&(*list)[at]);
      }
    }
    if (out.size() > path_values_max) {
      return fail(ErrorKind::TooLarge,
                  fmt::format("a path selects more than {} values", path_values_max));
    }
  }
  return out;
}

Result<std::vector<Comparer::Selected>> Comparer::select(const Path& path, const json::Value& root,
                                                         const ObservedData& observation) {
  std::vector<Selected> selected(1);
  selected.front().value = &root;
  for (const auto& one : path.steps) {
    TRY(selected, step(one, selected, observation));
  }
  return selected;
}

// --- values -------------------------------------------------------------------------------------

Result<const Comparer::Prepared*> Comparer::prepared(const Test& test) {
  const auto known = prepared_.find(&test);
  if (known != prepared_.end()) return &known->second;
  const auto& constant = std::get<std::string>(test.constants.front().value);
  Prepared out;
  if (test.comparison == Operator::IsSubset || test.comparison == Operator::IsSuperset) {
    out.network = read_network(constant);
    if (!out.network) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("found {} in {}, expected an IPv4 or IPv6 address or block",
                              print(test.constants.front()), print(test.path)));
    }
  } else {
    TRY(out.text, normal_form_c(constant));
    out.bytes = as_bytes(out.text);
    if (test.comparison == Operator::Matches) {
      TRY(out.of_text, Regex::compile(out.text, true));
      if (out.bytes) {
        TRY(out.of_bytes, Regex::compile(*out.bytes, false));
      }
    }
  }
  return &prepared_.emplace(&test, std::move(out)).first->second;
}

Status Comparer::prepare(const Comparison& comparison) {
  for (const auto& operand : comparison.operands) TRY_STATUS(prepare(operand));
  const auto& test = comparison.test;
  const bool needs = comparison.kind == Comparison::Kind::Test &&
                     test.comparison >= Operator::Like && test.comparison != Operator::Exists;
  if (!needs) return {};
  TRY(const auto* const ready, prepared(test));
  static_cast<void>(ready);
  return {};
}

Result<bool> Comparer::compare_text(const Test& test, const Selected& selected) {
  TRY(const auto* const with, prepared(test));
  const bool is_value = !selected.bytes && !selected.is_list;
  const auto* text = is_value ? selected.value->string() : nullptr;
  if (with->network) {
    const auto network = text == nullptr ? std::nullopt : read_network(*text);
    if (!network) return false;
    return test.comparison == Operator::IsSubset ? contains(*with->network, *network)
                                                 : contains(*network, *with->network);
  }
  if (selected.bytes) {
    if (!with->bytes) return false;
    if (test.comparison == Operator::Like) return is_like(*selected.bytes, *with->bytes, false);
    return with->of_bytes->found_in(*selected.bytes);
  }
  if (text == nullptr) return false;
  TRY(const auto normal, normal_form_c(*text));
  if (test.comparison == Operator::Like) return is_like(normal, with->text, true);
  return with->of_text->found_in(normal);
}

Result<bool> Comparer::compare(const Test& test, const Selected& selected) {
  if (test.comparison >= Operator::Like) return compare_text(test, selected);
  const auto* value = selected.is_list ? nullptr : selected.value;
  const auto* bytes = selected.bytes ? &*selected.bytes : nullptr;
  for (const auto& constant : test.constants) {
    TRY(const auto order, order_of(value, bytes, constant));
    if (agrees(test.comparison, order)) return true;
  }
  return false;
}

Result<bool> Comparer::test(const Test& test, const ObservedObject& object,
                            const ObservedData& observation) {
  if (object.value->text("type") != test.path.type) return false;
  TRY(const auto selected, select(test.path, *object.value, observation));
  if (test.comparison == Operator::Exists) return selected.empty() == test.negated;
  for (const auto& one : selected) {
    TRY(const auto agreed, compare(test, one));
    if (agreed != test.negated) return true;
  }
  return false;
}

// --- expressions --------------------------------------------------------------------------------

Result<bool> Comparer::holds_for(const Comparison& comparison, const ObservedObject& object,
                                 const ObservedData& observation) {
  if (comparison.kind == Comparison::Kind::Test) {
    return test(comparison.test, object, observation);
  }
  const bool is_and = comparison.kind == Comparison::Kind::And;
  bool out = is_and;
  for (const auto& operand : comparison.operands) {
    TRY(const auto one, holds_for(operand, object, observation));
    out = is_and ? out && one : out || one;
  }
  return out;
}

Result<bool> Comparer::holds(const Comparison& comparison, const ObservedData& observation) {
  bool out = false;
  for (const auto& object : observation.objects) {
    auto one = holds_for(comparison, object, observation);
    if (!one) return tl::unexpected<Error>(std::move(one).error().at(std::string(observation.id)));
    out = out || *one;
  }
  return out;
}

}  // namespace comity::stix::pattern
