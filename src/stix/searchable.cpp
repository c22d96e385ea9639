#include "stix/searchable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/bytes.h"
#include "json/utf8.h"
#include "stix/pattern/normal_form.h"
#include "stix/pattern/parse.h"
#include "stix/values.h"

namespace comity::stix {
namespace {

// How a property becomes a value.
enum class Rule {
  AsKind,    // of the kind that the row names
  ByHash,    // of the algorithm that the last name of the path says
  CveOnly,   // when it is one
  Reference  // an identifier of another catalogue; a vulnerability when it is a CVE
};

// `[]` in a path is every element of a list, `*` every member. A row without type holds for all.
struct Row {
  std::string_view type, path;
  ValueKind kind;
  Rule rule = Rule::AsKind;
};

constexpr auto hash = ValueKind::Hash;
constexpr auto rows = std::to_array<Row>({
    {"artifact", "hashes/*", hash, Rule::ByHash},
    {"artifact", "url", ValueKind::Url},
    {"autonomous-system", "number", ValueKind::As},
    {"directory", "path", ValueKind::Directory},
    {"domain-name", "value", ValueKind::Domain},
    {"email-addr", "value", ValueKind::Email},
    {"email-message", "message_id", ValueKind::MessageId},
    {"file", "hashes/*", hash, Rule::ByHash},
    {"file", "name", ValueKind::File},
    {"file", "extensions/ntfs-ext/alternate_data_streams/[]/hashes/*", hash, Rule::ByHash},
    {"file", "extensions/windows-pebinary-ext/file_header_hashes/*", hash, Rule::ByHash},
    {"file", "extensions/windows-pebinary-ext/imphash", ValueKind::ImpHash},
    {"file", "extensions/windows-pebinary-ext/optional_header/hashes/*", hash, Rule::ByHash},
    {"file", "extensions/windows-pebinary-ext/sections/[]/hashes/*", hash, Rule::ByHash},
    {"ipv4-addr", "value", ValueKind::Address},
    {"ipv6-addr", "value", ValueKind::Address},
    {"mac-addr", "value", ValueKind::Mac},
    {"mutex", "name", ValueKind::Mutex},
    {"network-traffic", "extensions/http-request-ext/request_header/user-agent",
     ValueKind::UserAgent},
    {"network-traffic", "extensions/http-request-ext/request_header/user-agent/[]",
     ValueKind::UserAgent},
    {"process", "command_line", ValueKind::CommandLine},
    {"process", "extensions/windows-service-ext/service_name", ValueKind::Service},
    {"software", "cpe", ValueKind::Cpe},
    {"url", "value", ValueKind::Url},
    {"user-account", "account_login", ValueKind::Account},
    {"user-account", "user_id", ValueKind::Account},
    {"vulnerability", "name", ValueKind::Vulnerability, Rule::CveOnly},
    {"windows-registry-key", "key", ValueKind::RegistryKey},
    {"x509-certificate", "hashes/*", hash, Rule::ByHash},
    {"x509-certificate", "serial_number", ValueKind::SerialNumber},
    {"", "external_references/[]/external_id", ValueKind::ExternalId, Rule::Reference},
});

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto small = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    return small(x) == small(y);
  });
}

// The first name of a path, which is taken off it.
std::string_view take_step(std::string_view& path) {
  const auto end = std::min(path.find('/'), path.size());
  const auto out = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return out;
}

class Collector {
 public:
  bool full() const { return out_.size() >= values_max; }

  void add(ValueKind kind, std::string_view text) {
    if (full()) return;
    auto value = canonical_value(kind, text);
    if (!value) return;
    // The host of a URL is what it is found by most.
    const bool is_url = value->kind == ValueKind::Url;
    const auto host = is_url ? host_of_url(value->value) : std::string_view();
    if (!host.empty()) {
      const auto host_kind = kind_by_form(host);
      add(host_kind && *host_kind == ValueKind::Address ? ValueKind::Address : ValueKind::Domain,
          host);
    }
    if (!full()) out_.insert(*std::move(value));
  }

  // A text found where a row of the table says; `last` is the name of the member that has it.
  void add(const Row& row, std::string_view last, std::string_view text) {
    switch (row.rule) {
      case Rule::AsKind:
        return add(row.kind, text);
      case Rule::ByHash:
        return add(kind_of_hash(last), text);
      case Rule::CveOnly:
        if (is_cve(text)) add(ValueKind::Vulnerability, text);
        return;
      case Rule::Reference:
        return add(is_cve(text) ? ValueKind::Vulnerability : row.kind, text);
    }
  }

  std::vector<SearchValue> take() {
    std::vector<SearchValue> out;
    out.reserve(out_.size());
    while (!out_.empty()) out.push_back(std::move(out_.extract(out_.begin()).value()));
    return out;
  }

 private:
  static std::string_view host_of_url(std::string_view url) {
    const auto begin = url.find("://");
    if (begin == std::string_view::npos) return {};
    url.remove_prefix(begin + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
    if (url.starts_with('[')) return url.substr(1, std::max<std::size_t>(url.find(']'), 1) - 1);
    return url.substr(0, url.find(':'));
  }

  std::set<SearchValue> out_;
};

void visit(const Row& row, std::string_view path, std::string_view last, const json::Value& value,
           Collector& out) {
  if (out.full()) return;
  if (path.empty()) {
    if (value.string() != nullptr) out.add(row, last, *value.string());
    if (value.integer() != nullptr) out.add(row, last, std::to_string(*value.integer()));
    return;
  }
  const auto step = take_step(path);
  if (step == "[]") {
    if (value.array() == nullptr) return;
    for (const auto& element : *value.array()) visit(row, path, last, element, out);
    return;
  }
  if (value.object() == nullptr) return;
  for (const auto& [key, member] : *value.object()) {
    if (step == "*" || same_name(step, key)) visit(row, path, key, member, out);
  }
}

void add_properties(std::string_view type, const json::Value& value, Collector& out) {
  for (const auto& row : rows) {
    if (row.type.empty() || row.type == type) visit(row, row.path, {}, value, out);
  }
}

// --- patterns ------------------------------------------------------------------------------------

// Whether the names of a path, from `first` on, are those of the row: what the row has for elements
// of lists is no name.
bool matches(const Row& row, const std::vector<std::string_view>& names, std::size_t first) {
  auto path = row.path;
  for (auto at = first;; ++at) {
    auto step = take_step(path);
    if (step == "[]") step = take_step(path);
    if (step.empty() || at == names.size()) return step.empty() && at == names.size();
    if (step != "*" && !same_name(step, names[at])) return false;
  }
}

void add_constant(const pattern::Path& path, std::string_view text, Collector& out) {
  std::vector<std::string_view> names;
  std::size_t first = 0;  // behind the last reference
  for (const auto& step : path.steps) {
    if (step.kind != pattern::Step::Kind::Key) continue;
    names.emplace_back(step.key);
    if (step.key.ends_with("_ref") || step.key.ends_with("_refs")) first = names.size();
  }
  if (first == names.size()) return;
  if (first > 0 && names.size() == first + 1 && names[first] == "value") {
    // What the reference names can be of several types, each of which says in its form what it is.
    if (const auto kind = kind_by_form(text)) out.add(*kind, text);
    return;
  }
  for (const auto& row : rows) {
    if (row.type.empty() || (first == 0 && row.type != path.type)) continue;
    if (!matches(row, names, first)) continue;
    return out.add(row, names.back(), text);
  }
}

// LIKE and MATCHES compare with what is no value itself.
bool compares_values(pattern::Operator comparison) {
  using enum pattern::Operator;
  return comparison == Equal || comparison == NotEqual || comparison == In ||
         comparison == IsSubset || comparison == IsSuperset;
}

void add_comparison(const pattern::Comparison& comparison, Collector& out) {
  for (const auto& operand : comparison.operands) add_comparison(operand, out);
  if (comparison.kind != pattern::Comparison::Kind::Test) return;
  const auto& test = comparison.test;
  if (!compares_values(test.comparison)) return;
  for (const auto& constant : test.constants) {
    if (const auto* text = std::get_if<std::string>(&constant.value)) {
      add_constant(test.path, *text, out);
    } else if (const auto* number = std::get_if<std::int64_t>(&constant.value)) {
      add_constant(test.path, std::to_string(*number), out);
    }
  }
}

// The depth of both is bounded by the parser.
void add_observation(const pattern::Observation& observation, Collector& out) {
  for (const auto& operand : observation.operands) add_observation(operand, out);
  if (observation.kind == pattern::Observation::Kind::Simple) {
    add_comparison(observation.comparison, out);
  }
}

// --- text ----------------------------------------------------------------------------------------

// Names of members whose texts nobody wrote to be read.
bool is_no_text(std::string_view name) {
  constexpr auto names = std::to_array<std::string_view>(
      {"id", "type", "spec_version", "pattern_type", "pattern_version", "extension_type",
       "payload_bin", "hashes", "object_marking_refs", "granular_markings", "mime_type", "schema",
       "serial_number", "lang"});
  return std::find(names.begin(), names.end(), name) != names.end() || name.ends_with("_ref") ||
         name.ends_with("_refs") || name.ends_with("_hex") || name.ends_with("_bin");
}

void add_text(const json::Value& value, std::size_t depth, std::string& out) {
  if (out.size() >= text_bytes_max || depth > text_depth_max) return;
  if (const auto* text = value.string()) {
    if (text->empty() || is_stix_timestamp(*text) || is_identifier(*text)) return;
    if (!out.empty()) out += '\n';
    // What is beyond the bound is not brought to its form in vain.
    auto within = text->substr(0, text_bytes_max + 1);
    cut_utf8(within, text_bytes_max);
    out += text_form(within);
  } else if (const auto* array = value.array()) {
    for (const auto& element : *array) add_text(element, depth + 1, out);
  } else if (const auto* object = value.object()) {
    for (const auto& [key, member] : *object) {
      if (!is_no_text(key)) add_text(member, depth + 1, out);
    }
  }
}

// The character at the beginning of valid UTF-8, and its length; a byte that begins none, as
// U+FFFD.
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || size > text.size()) return {0xfffd, 1};
  char32_t out = size == 1 ? lead : lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {0xfffd, 1};
    out = (out << 6U) | (byte(i) & 0x3fU);
  }
  const bool shortest = size < 3 || out >= (size == 3 ? 0x800U : 0x10000U);
  if (!shortest || (out >= 0xd800 && out < 0xe000) || out > 0x10ffff) return {0xfffd, 1};
  return {out, size};
}

struct Range {
  char32_t first, last;
};

bool is_in(const auto& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// Marks that may stand or be left out: Hebrew points, Arabic vowels, and what stretches a word.
constexpr auto left_out = std::to_array<Range>({{0x0591, 0x05bd},
                                                {0x05bf, 0x05bf},
                                                {0x05c1, 0x05c2},
                                                {0x05c4, 0x05c5},
                                                {0x05c7, 0x05c7},
                                                {0x0610, 0x061a},
                                                {0x0640, 0x0640},
                                                {0x064b, 0x065f},
                                                {0x0670, 0x0670},
                                                {0x06d6, 0x06dc},
                                                {0x06df, 0x06e4},
                                                {0x06e7, 0x06e8},
                                                {0x06ea, 0x06ed},
                                                {0x200b, 0x200d},
                                                {0x2060, 0x2060},
                                                {0xfeff, 0xfeff}});
// Scripts without blanks between words.
constexpr auto unspaced = std::to_array<Range>({{0x0e00, 0x0eff},
                                                {0x1000, 0x109f},
                                                {0x1780, 0x17ff},
                                                {0x3040, 0x30ff},
                                                {0x31f0, 0x31ff},
                                                {0x3400, 0x4dbf},
                                                {0x4e00, 0x9fff},
                                                {0xf900, 0xfaff},
                                                {0x20000, 0x3ffff}});

// Whether a tokenizer finds a word in it; what is not ASCII is left to it to say.
bool has_word(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

}  // namespace

std::vector<SearchValue> values_of(const Object& object) {
  Collector out;
  add_properties(object.type, object.value, out);
  if (object.type == "indicator" && object.value.text("pattern_type") == "stix") {
    if (const auto tree = pattern::parse(object.value.text("pattern"))) add_observation(*tree, out);
  }
  // The older form of observed-data, which has its observables in itself (section 4.14).
  if (object.type == "observed-data") {
    const auto* held = object.value.find("objects");
    if (held != nullptr && held->object() != nullptr) {
      for (const auto& [key, member] : *held->object()) {
        add_properties(member.text("type"), member, out);
      }
    }
  }
  return out.take();
}

std::string text_of(const Object& object) {
  std::string out;
  add_text(object.value, 0, out);
  cut_utf8(out, text_bytes_max);
  return out;
}

std::string text_form(std::string_view text) {
  const auto is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string composed;
  if (!is_ascii) {
    auto form = pattern::normal_form_c(text);
    composed = form ? *std::move(form) : std::string(text);
    text = composed;
  }
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [c, size] = first_character(text);
    const auto bytes = text.substr(0, size);
    text.remove_prefix(size);
    if (c < 0x20 || c == 0x7f) {
      out += ' ';
    } else if (c < 0x80 || !is_in(left_out, c)) {
      const bool alone = c >= 0x0e00 && is_in(unspaced, c);
      if (alone) out += ' ';
      out += bytes;
      if (alone) out += ' ';
    }
  }
  return out;
}

Result<std::vector<std::string>> phrases_of(std::string_view query) {
  if (query.size() > query_bytes_max) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("{} bytes; at most {} are looked for", query.size(), query_bytes_max));
  }
  if (!json::is_utf8(query))
    return fail(ErrorKind::InvalidInput, "what is searched for is no UTF-8");
  std::vector<std::string> out;
  while (!query.empty()) {
    const bool quoted = query.front() == '"';
    if (quoted) query.remove_prefix(1);
    // A quotation mark that is not closed ends with the query.
    const auto end =
        std::min(quoted ? query.find('"') : query.find_first_of(" \t\r\n\""), query.size());
    if (has_word(query.substr(0, end))) {
      if (out.size() == phrases_max) {
        return fail(ErrorKind::InvalidInput,
                    fmt::format("more than {} words; search for fewer", phrases_max));
      }
      out.push_back(text_form(query.substr(0, end)));
    }
    query.remove_prefix(end);
    if (!query.empty() && (quoted || query.front() != '"')) query.remove_prefix(1);
  }
  return out;
}

}  // namespace comity::stix
