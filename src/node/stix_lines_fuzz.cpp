// Bytes as requests of `comity stix validate --jsonl`, and as a bundle's objects: every line has
// its answer, and a bundle has the verdict of its text, however its members are ordered.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sstream>

#include "json/parse.h"
#include "node/stix_command.h"
#include "stix/validate.h"

using namespace comity;

namespace {

std::size_t requests_in(std::string_view text) {
  std::size_t out = 0;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    out += line.find_first_not_of(" \t\r") == std::string_view::npos ? 0 : 1;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return out;
}

void check_lines(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::ostringstream out;
  const auto code = node::validate_stix_lines(in, out);
  CHECK(code && (*code == 0 || *code == 2));
  std::istringstream answers(out.str());
  std::string line;
  std::size_t count = 0;
  bool refused = false;
  for (; std::getline(answers, line); ++count) {
    const auto answer = json::parse(line);
    CHECK(answer.has_value());
    CHECK((answer->find("error") != nullptr) != (answer->find("valid") != nullptr));
    refused = refused || answer->find("error") != nullptr;
  }
  CHECK(count == requests_in(text) && refused == (*code == 2));
}

void check_bundle(std::string_view objects) {
  static const auto selection = [] {
    stix::ValidateOptions options;
    options.strict = options.enforce_refs = true;
    return *stix::Selection::of(options);
  }();
  const std::string type = R"("type":"bundle")";
  const std::string list = "\"objects\":[" + std::string(objects) + "]";
  const auto before = stix::validate("{" + type + "," + list + "}", selection);
  const auto behind = stix::validate("{" + list + "," + type + "}", selection);
  CHECK(before.valid == behind.valid);
  CHECK(before.findings.size() <= stix::findings_max);
  for (const auto& finding : before.findings) {
    CHECK(finding.path.starts_with("$") && !finding.rule.empty() && !finding.section.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_lines(text);
  check_bundle(text);
  return 0;
}
