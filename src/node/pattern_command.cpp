#include "node/pattern_command.h"

#include <fmt/format.h>

#include "base/file.h"
#include "json/parse.h"
#include "json/write.h"
#include "node/lines.h"
#include "stix/pattern/check.h"
#include "stix/pattern/match.h"
#include "stix/pattern/parse.h"
#include "stix/pattern/print.h"

namespace comity::node {
namespace {

namespace pattern_language = stix::pattern;

json::Object validity_of(std::string_view pattern,
                         const std::vector<pattern_language::Problem>& found) {
  json::Object out;
  out.set("valid", found.empty());
  if (found.empty()) {
    if (const auto tree = pattern_language::parse(pattern)) {
      out.set("canonical", pattern_language::print(*tree));
    }
    return out;
  }
  json::Array errors;
  for (const auto& problem : found) {
    json::Object row;
    row.set("line", static_cast<std::int64_t>(problem.line));
    row.set("column", static_cast<std::int64_t>(problem.column));
    row.set("message", problem.message);
    errors.emplace_back(std::move(row));
  }
  out.set("errors", std::move(errors));
  return out;
}

Result<bool> matches(std::string_view pattern, const json::Value& observations) {
  const auto tree = pattern_language::parse(pattern);
  if (!tree) {
    return fail(ErrorKind::InvalidInput, pattern_language::show(pattern, tree.error()), "pattern");
  }
  auto observed = pattern_language::read_observations(observations);
  if (!observed) return tl::unexpected<Error>(std::move(observed).error().at("observations"));
  return pattern_language::match(*tree, *observed);
}

json::Object refused(const Error& error) {
  json::Object out;
  out.set("error", error.text());
  return out;
}

// A request with the member "pattern"; errors name the line.
Result<json::Value> request_of(const std::string& line, std::int64_t number) {
  const auto place = fmt::format("line {}", number);
  if (line.size() > pattern_line_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("more than {} bytes", pattern_line_bytes_max),
                place);
  }
  auto value = json::parse(line);
  if (!value) return tl::unexpected<Error>(std::move(value).error().at(place));
  const auto* pattern = value->find("pattern");
  if (pattern == nullptr || pattern->string() == nullptr) {
    return fail(ErrorKind::InvalidInput, "found no text in \"pattern\", expected a STIX pattern",
                place);
  }
  return *std::move(value);
}

// `answer` makes one of each request.
template <typename Answer>
Result<int> answer_lines(std::istream& in, std::ostream& out, Answer answer) {
  int code = 0;
  std::string line;
  for (std::int64_t number = 1; read_line(in, line, pattern_line_bytes_max); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto request = request_of(line, number);
    if (!request) code = 2;
    out << json::write(request ? answer(*request) : refused(request.error())) << '\n';
  }
  out.flush();
  if (!out) return fail(ErrorKind::Unavailable, "cannot write the answers");
  return code;
}

}  // namespace

Outcome validate_pattern(std::string_view pattern) {
  const auto found = pattern_language::problems(pattern);
  Outcome outcome;
  outcome.exit_code = found.empty() ? 0 : 1;
  auto data = validity_of(pattern, found);
  for (const auto& problem : found) {
    outcome.text += pattern_language::show(pattern, problem) + "\n";
  }
  if (found.empty()) outcome.text = fmt::format("valid\n{}\n", *data.find("canonical")->string());
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> match_pattern(std::string_view pattern, const std::vector<std::string>& files) {
  json::Array bundles;
  for (const auto& file : files) {
    TRY(const auto text, read_file(file == "-" ? "/dev/stdin" : file, bundle_file_bytes_max));
    auto value = json::parse(text);
    if (!value) return tl::unexpected<Error>(std::move(value).error().at(file));
    bundles.push_back(*std::move(value));
  }
  TRY(const auto matched, matches(pattern, bundles));
  Outcome outcome;
  outcome.exit_code = matched ? 0 : 1;
  outcome.text = matched ? "match\n" : "no match\n";
  json::Object data;
  data.set("match", matched);
  outcome.data = std::move(data);
  return outcome;
}

Result<int> validate_pattern_lines(std::istream& in, std::ostream& out) {
  return answer_lines(in, out, [](const json::Value& request) {
    const auto pattern = request.text("pattern");
    return validity_of(pattern, pattern_language::problems(pattern));
  });
}

Result<int> match_pattern_lines(std::istream& in, std::ostream& out) {
  return answer_lines(in, out, [](const json::Value& request) {
    const auto* observations = request.find("observations");
    const auto matched =
        matches(request.text("pattern"), observations == nullptr ? json::Value() : *observations);
    if (!matched) return refused(matched.error());
    json::Object answer;
    answer.set("match", *matched);
    return answer;
  });
}

}  // namespace comity::node
