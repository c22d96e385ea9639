#include "api/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace comity::api {
namespace {

void append(std::vector<Route>& all, std::vector<Route> rows) {
  all.insert(all.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
}

std::string place(std::string_view member) { return fmt::format("$.{}", member); }

Result<std::string> text_of(const json::Value& value, std::string_view member,
                            std::size_t bytes_max) {
  const auto* text = value.string();
  if (text == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found {}, expected a string", value.type_name()), place(member));
  }
  if (text->size() > bytes_max) {
    return fail(
        ErrorKind::TooLarge,
        fmt::format("found {} bytes of text, at most {} are taken", text->size(), bytes_max),
        place(member));
  }
  return *text;
}

}  // namespace

std::string_view Call::path_value(std::string_view name) const {
  const auto found = path.find(name);
  return found == path.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Call::query_value(std::string_view name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::string_view() : std::string_view(found->second);
}

const std::vector<Route>& routes() {
  static const auto table = [] {
    std::vector<Route> all;
    append(all, core_routes());
    append(all, session_routes());
    append(all, node_routes());
    append(all, today_routes());
    append(all, account_routes());
    append(all, agreement_routes());
    append(all, approval_routes());
    append(all, exchange_routes());
    append(all, coverage_routes());
    return all;
  }();
  return table;
}

Result<std::int64_t> page_limit(const Call& call) {
  const auto text = call.query_value("limit");
  if (call.query.find("limit") == call.query.end()) return page_rows_default;
  std::int64_t rows = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (error == std::errc() && end == text.data() + text.size() && rows >= 1 &&
      rows <= page_rows_max) {
    return rows;
  }
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no number of rows; expected 1 to {}", text, page_rows_max),
              "limit");
}

Answer page(json::Array items, std::optional<std::string> next, std::optional<std::int64_t> total) {
  json::Object body;
  body.set("items", std::move(items));
  body.set("next", next ? json::Value(*std::move(next)) : json::Value());
  body.set("total", total ? json::Value(*total) : json::Value());
  Answer answer;
  answer.body = std::move(body);
  return answer;
}

Status members(const Call& call, std::initializer_list<std::string_view> allowed) {
  const auto* object = call.body.object();
  if (object == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found {}, expected an object", call.body.type_name()), "$");
  }
  for (const auto& member : *object) {
    if (std::find(allowed.begin(), allowed.end(), member.first) == allowed.end()) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("there is no such member here; expected {}",
                              fmt::join(allowed.begin(), allowed.end(), ", ")),
                  place(member.first));
    }
  }
  return {};
}

Result<std::string> text_member(const Call& call, std::string_view name, std::size_t bytes_max) {
  const auto* value = call.body.find(name);
  if (value == nullptr) {
    return fail(ErrorKind::InvalidInput, "this member is missing; expected a string", place(name));
  }
  TRY(auto text, text_of(*value, name, bytes_max));
  if (text.empty()) {
    return fail(ErrorKind::InvalidInput, "this text is empty; expected a value", place(name));
  }
  return text;
}

Result<std::string> optional_text(const Call& call, std::string_view name, std::size_t bytes_max) {
  const auto* value = call.body.find(name);
  if (value == nullptr || value->is_null()) return std::string();
  return text_of(*value, name, bytes_max);
}

Result<std::vector<std::string>> texts_member(const Call& call, std::string_view name,
                                              std::size_t count_max, std::size_t bytes_max) {
  const auto* value = call.body.find(name);
  const auto* array = value == nullptr ? nullptr : value->array();
  if (array == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found {}, expected an array of strings",
                            value == nullptr ? "nothing" : value->type_name()),
                place(name));
  }
  if (array->size() > count_max) {
    return fail(ErrorKind::TooLarge,
                fmt::format("found {} entries, at most {} are taken", array->size(), count_max),
                place(name));
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < array->size(); ++i) {
    TRY(auto text, text_of((*array)[i], fmt::format("{}[{}]", name, i), bytes_max));
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace comity::api
