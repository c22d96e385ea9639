// The first line as Accept, the second as Content-Type, the rest as the query of a GET. What is
// read from a query asks the same when it is written down again, and every refusal is an error
// resource.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "json/parse.h"
#include "taxii/message.h"

using namespace comity;

namespace {

std::string_view take_line(std::string_view& rest) {
  const auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
  return line;
}

void add(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query.append(net::percent_encode(name)).append("=").append(net::percent_encode(value));
}

std::string written(const taxii::Query& query) {
  std::string out;
  if (query.added_after) add(out, "added_after", format_rfc3339(*query.added_after, 6));
  if (query.limit) add(out, "limit", std::to_string(*query.limit));
  if (!query.next.empty()) add(out, "next", query.next);
  for (const auto& id : query.ids) add(out, "match[id]", id);
  for (const auto& type : query.types) add(out, "match[type]", type);
  for (const auto& version : query.versions) add(out, "match[version]", version);
  for (const auto& version : query.spec_versions) add(out, "match[spec_version]", version);
  return out;
}

void check_query(std::string_view text) {
  const auto query = taxii::read_query(text);
  if (!query) {
    const auto refusal = taxii::answer_error(query.error());
    const auto body = json::parse(refusal.body);
    CHECK(refusal.status == 400 && body.has_value() && !body->text("title").empty());
    return;
  }
  CHECK(!query->limit || *query->limit >= 1);
  const auto again = taxii::read_query(written(*query));
  CHECK(again.has_value() && again->added_after == query->added_after &&
        again->limit == query->limit && again->next == query->next);
  CHECK(again->ids == query->ids && again->types == query->types &&
        again->versions == query->versions && again->spec_versions == query->spec_versions);
}

void check_types(std::string_view accept, std::string_view content_type) {
  const bool plain = content_type.find_first_of(",qQ") == std::string_view::npos;
  CHECK(!taxii::is_taxii(content_type) || !plain || taxii::accepts_taxii(content_type));
  if (accept.find_first_not_of(" \t") == std::string_view::npos) {
    CHECK(taxii::accepts_taxii(accept));
  } else if (taxii::accepts_taxii(accept)) {
    // A range that says less decides nothing where another one has decided.
    CHECK(taxii::accepts_taxii(std::string(accept) + ", */*;q=0"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto accept = take_line(rest);
  const auto content_type = take_line(rest);
  check_types(accept, content_type);
  check_query(rest);
  return 0;
}
