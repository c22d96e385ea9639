#include "node/stix_command.h"

#include <fmt/format.h>

#include <istream>
#include <ostream>

#include "base/bytes.h"
#include "json/parse.h"
#include "json/stream.h"
#include "json/write.h"
#include "node/input_text.h"
#include "node/lines.h"
#include "stix/validate.h"

namespace comity::node {
namespace {

json::Value finding_data(const stix::Finding& finding) {
  json::Object out;
  out.set("path", finding.path);
  out.set("rule", finding.rule);
  out.set("section", finding.section);
  out.set("check", stix::check(finding.check).name);
  return out;
}

json::Object report_data(const stix::Report& report) {
  json::Array errors, warnings;
  for (const auto& finding : report.findings) {
    (finding.decides ? errors : warnings).push_back(finding_data(finding));
  }
  json::Object out;
  out.set("valid", report.valid);
  out.set("errors", std::move(errors));
  out.set("warnings", std::move(warnings));
  if (report.more != 0) out.set("more", static_cast<std::int64_t>(report.more));
  return out;
}

std::string report_text(const stix::Report& report) {
  std::string out;
  std::size_t errors = 0;
  for (const auto& finding : report.findings) {
    errors += finding.decides ? 1 : 0;
    out += fmt::format("{}  {}: {} (STIX 2.1 section {}, {})\n",
                       finding.decides ? "error  " : "warning", finding.path, finding.rule,
                       finding.section, stix::check(finding.check).name);
  }
  if (report.more != 0) out += fmt::format("and {} more\n", report.more);
  return out + fmt::format("{}: {} errors, {} warnings\n", report.valid ? "valid" : "invalid",
                           errors, report.findings.size() - errors);
}

Result<bool> flag_of(const json::Value& value) {
  if (value.boolean() != nullptr) return *value.boolean();
  return fail(ErrorKind::InvalidInput,
              fmt::format("found {}, expected true or false", value.type_name()));
}

Result<std::vector<std::string>> names_of(const json::Value& value) {
  std::vector<std::string> out;
  const auto* items = value.array();
  if (items == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found {}, expected a list of checks", value.type_name()));
  }
  for (const auto& item : *items) {
    if (item.string() == nullptr) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("found {}, expected the name of a check", item.type_name()));
    }
    out.push_back(*item.string());
  }
  return out;
}

Status set_option(stix::ValidateOptions& options, std::string_view name, const json::Value& value) {
  if (name == "enabled" || name == "disabled") {
    TRY(auto names, names_of(value));
    (name == "enabled" ? options.enabled : options.disabled) = std::move(names);
    return {};
  }
  if (name == "version") {
    if (value.string() != nullptr && *value.string() == "2.1") return {};
    return fail(ErrorKind::Unsupported, "only version 2.1 is validated");
  }
  bool* const flag = name == "strict"              ? &options.strict
                     : name == "strict_types"      ? &options.strict_types
                     : name == "strict_properties" ? &options.strict_properties
                     : name == "enforce_refs"      ? &options.enforce_refs
                                                   : nullptr;
  if (flag == nullptr) return fail(ErrorKind::InvalidInput, "is no option");
  TRY(*flag, flag_of(value));
  return {};
}

Result<stix::ValidateOptions> options_of(const json::Value& request) {
  stix::ValidateOptions out;
  const auto* options = request.find("options");
  if (options == nullptr || options->is_null()) return out;
  if (options->object() == nullptr) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("found {}, expected an object", options->type_name()), "$.options");
  }
  for (const auto& [name, value] : *options->object()) {
    if (auto status = set_option(out, name, value); !status) {
      return tl::unexpected<Error>(
          std::move(status.error()).at(fmt::format("$.options.{}", name.substr(0, 80))));
    }
  }
  return out;
}

Result<json::Object> answer_line(const std::string& line) {
  if (line.size() > stix_line_bytes_max) {
    return fail(ErrorKind::TooLarge, fmt::format("more than {} bytes", stix_line_bytes_max));
  }
  TRY(const auto request, json::parse(line));
  const auto* input = request.find("input");
  if (input == nullptr || input->string() == nullptr) {
    return fail(ErrorKind::InvalidInput, "expected a string", "$.input");
  }
  TRY(const auto options, options_of(request));
  TRY(const auto selection, stix::Selection::of(options));
  return report_data(stix::validate(*input->string(), selection));
}

// Twice over the text: is it good, and what stands beside the objects; then out.
class Canonical {
 public:
  Canonical(InputText& input, bool digest, std::FILE* out)
      : input_(input), digest_(digest), out_(out) {}

  Status run() {
    const auto first = input_.text().find_first_not_of(" \t\r\n");
    const bool is_object = first != std::string_view::npos && input_.text()[first] == '{';
    TRY_STATUS(is_object ? object() : whole());
    if (!digest_) return std::fflush(out_) == 0 && good_ ? Status() : cannot_write();
    const auto line = hex(hash_.finish()) + "\n";
    std::fwrite(line.data(), 1, line.size(), out_);
    return std::fflush(out_) == 0 ? Status() : cannot_write();
  }

 private:
  static Status cannot_write() {
    return fail(ErrorKind::Unavailable, "cannot write the answer", "standard output");
  }

  Status whole() {
    TRY(const auto value, json::parse(input_.text()));
    put(json::canonical(value));
    return {};
  }

  Status object() {
    auto told = over([](const json::Value&, std::size_t) {});
    if (!told) return tl::unexpected<Error>(std::move(told).error());
    if (!told->has_array) {
      put(json::canonical(told->members));
      return {};
    }
    json::Object before, behind;
    for (const auto& [name, value] : told->members) {
      (name < "objects" ? before : behind).append(name, value);
    }
    put(opened(before));
    put(before.empty() ? "\"objects\":[" : ",\"objects\":[");
    TRY_STATUS(over([&](const json::Value& value, std::size_t index) {
      if (index != 0) put(",");
      put(json::canonical(value));
    }));
    put("]");
    const auto rest = json::canonical(behind);
    if (!behind.empty()) put(",");
    put(std::string_view(rest).substr(1));
    return {};
  }

  // The canonical form without its last brace.
  static std::string opened(const json::Object& members) {
    auto out = json::canonical(members);
    out.pop_back();
    return out;
  }

  template <typename Each>
  Result<json::Streamed> over(Each each) {
    constexpr std::size_t released_bytes = 16 * 1024 * 1024;  // at a time
    std::size_t behind = 0;
    const auto text = input_.text();
    return json::stream(
        text, "objects", [&](std::string_view element, std::size_t index) -> Status {
          TRY(const auto value, json::parse(element));
          each(value, index);
          const auto offset = static_cast<std::size_t>(element.data() - text.data());
          if (offset - behind >= released_bytes) {
            input_.release_before(offset);
            behind = offset;
          }
          return {};
        });
  }

  void put(std::string_view bytes) {
    if (digest_) {
      hash_.add(bytes);
    } else {
      good_ = std::fwrite(bytes.data(), 1, bytes.size(), out_) == bytes.size() && good_;
    }
  }

  InputText& input_;
  bool digest_;
  std::FILE* out_;
  Sha256 hash_;
  bool good_ = true;
};

}  // namespace

Result<Outcome> validate_stix(const std::string& path, const stix::ValidateOptions& options) {
  TRY(const auto selection, stix::Selection::of(options));
  TRY(auto input, InputText::open(path));
  const auto report = stix::validate(input.text(), selection,
                                     [&](std::size_t offset) { input.release_before(offset); });
  return Outcome{report.valid ? 0 : 1, report_text(report), report_data(report)};
}

Status canonical_stix(const std::string& path, bool sha256, std::FILE* out) {
  auto input = InputText::open(path);
  if (!input) return tl::unexpected<Error>(std::move(input).error());
  if (auto status = Canonical(*input, sha256, out).run(); !status) {
    return tl::unexpected<Error>(std::move(status).error().at(path));
  }
  return {};
}

Result<int> validate_stix_lines(std::istream& in, std::ostream& out) {
  int exit_code = 0;
  std::string line;
  for (std::int64_t number = 1; read_line(in, line, stix_line_bytes_max); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto answer = answer_line(line);
    if (!answer) {
      exit_code = 2;
      json::Object error;
      error.set("error", std::move(answer.error()).at(fmt::format("line {}", number)).text());
      answer = std::move(error);
    }
    out << json::write(*std::move(answer)) << '\n';
  }
  out.flush();
  if (!out) return fail(ErrorKind::Unavailable, "cannot write the answers");
  return exit_code;
}

}  // namespace comity::node
