#include "node/treaty_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/world.h"
#include "json/parse.h"
#include "json/write.h"
#include "treaty/article_sheet.h"
#include "treaty/difference.h"
#include "treaty/register.h"

namespace comity::node {
namespace {

constexpr std::size_t line_bytes_max = 1024 * 1024;

std::string watermark(const treaty::CompiledRegister& law) {
  return law.mode() == treaty::Mode::Exercise
             ? fmt::format("EXERCISE {} – what follows rests on assumptions\n",
                           law.model().exercise)
             : std::string();
}

int exit_code_of(treaty::VerdictKind kind) {
  switch (kind) {
    case treaty::VerdictKind::Permitted:
      return 0;
    case treaty::VerdictKind::InvalidRequest:
      return 2;
    default:
      return 1;
  }
}

json::Value parsed(const treaty::Verdict& verdict) {
  auto value = json::parse(treaty::to_json(verdict));
  CHECK(value.has_value());
  return *std::move(value);
}

treaty::Verdict unreadable(const treaty::Model& model, const Error& error) {
  treaty::Verdict verdict;
  verdict.kind = treaty::VerdictKind::InvalidRequest;
  verdict.reasons.push_back({"unreadable", "", "", "", error.text()});
  verdict.register_digest = model.digest;
  return verdict;
}

// The next line without its end; of a longer one the first line_bytes_max + 1 bytes, the rest is
// passed over.
bool read_line(std::istream& in, std::string& line) {
  line.clear();
  auto* buffer = in.rdbuf();
  bool any = false;
  for (int c = buffer->sbumpc(); c != std::istream::traits_type::eof(); c = buffer->sbumpc()) {
    any = true;
    if (c == '\n') return true;
    if (line.size() <= line_bytes_max) line.push_back(static_cast<char>(c));
  }
  return any;
}

}  // namespace

Result<std::shared_ptr<const treaty::CompiledRegister>> load_law(const LawSource& source) {
  TRY(const auto files, treaty::read_register(source.directory));
  auto model = treaty::load_register(files, source.exercise);
  if (!model) return tl::unexpected<Error>(treaty::as_error(model.error()));
  const auto mode = source.exercise ? treaty::Mode::Exercise : treaty::Mode::Operational;
  return std::make_shared<const treaty::CompiledRegister>(*model, treaty::Verifications{}, mode);
}

Result<Outcome> check_register(const std::string& directory) {
  TRY(const auto files, treaty::read_register(directory));
  std::vector<std::string> problems;
  std::shared_ptr<const treaty::Model> model;
  // The register itself, then every exercise on top of it.
  std::vector<std::optional<std::string>> passes = {std::nullopt};
  for (const auto& [path, text] : files) {
    constexpr std::string_view prefix = "exercises/", suffix = ".toml";
    if (path.starts_with(prefix) && path.ends_with(suffix)) {
      passes.emplace_back(path.substr(prefix.size(), path.size() - prefix.size() - suffix.size()));
    }
  }
  for (const auto& exercise : passes) {
    auto loaded = treaty::load_register(files, exercise);
    if (loaded && !exercise) model = *loaded;
    if (loaded) continue;
    for (const auto& problem : loaded.error()) {
      const auto text = problem.text();
      if (std::find(problems.begin(), problems.end(), text) == problems.end())
        problems.push_back(text);
    }
  }
  Outcome outcome;
  json::Object data;
  data.set("directory", directory);
  data.set("files", static_cast<std::int64_t>(files.size()));
  if (model) {
    std::int64_t clauses = 0, verified = 0;
    for (const auto& instrument : model->instruments) {
      clauses += static_cast<std::int64_t>(instrument.clauses.size());
      for (const auto& clause : instrument.clauses) verified += clause.status == "verified-by-2";
    }
    outcome.text = fmt::format(
        "{} files: {} instruments, {} clauses ({} claimed as verified), {} parties\n{}\n",
        files.size(), model->instruments.size(), clauses, verified, model->parties.size(),
        digest_text(model->digest));
    data.set("instruments", static_cast<std::int64_t>(model->instruments.size()));
    data.set("clauses", clauses);
    data.set("parties", static_cast<std::int64_t>(model->parties.size()));
    data.set("register", digest_text(model->digest));
  }
  json::Array list;
  for (const auto& problem : problems) {
    outcome.text += problem + "\n";
    list.emplace_back(problem);
  }
  outcome.text += fmt::format("{} problems\n", problems.size());
  data.set("problems", std::move(list));
  outcome.data = std::move(data);
  outcome.exit_code = problems.empty() ? 0 : 1;
  return outcome;
}

Result<const treaty::Instrument*> instrument_named(const treaty::CompiledRegister& law,
                                                   const std::string& id) {
  const auto index = law.model().instrument(id);
  if (index) return &law.model().instruments[static_cast<std::size_t>(*index)];
  std::string known;
  for (const auto& instrument : law.model().instruments) known += " " + instrument.id;
  return fail(ErrorKind::NotFound,
              fmt::format("'{}' is no instrument of the register; it has{}", id, known));
}

Result<Outcome> show_instrument(const treaty::CompiledRegister& law, const std::string& id) {
  TRY(const auto* instrument, instrument_named(law, id));
  Outcome outcome;
  outcome.text = watermark(law) + treaty::article_sheet(law.model(), *instrument);
  outcome.data = treaty::article_sheet_json(law.model(), *instrument);
  return outcome;
}

Result<Outcome> decide(const treaty::CompiledRegister& law, const json::Object& arguments) {
  TRY(const auto request, treaty::request_from_json(arguments, system_clock().now()));
  const auto verdict = treaty::decide(law, request);
  return Outcome{exit_code_of(verdict.kind), watermark(law) + treaty::to_text(verdict),
                 parsed(verdict)};
}

Result<Outcome> audience(const treaty::CompiledRegister& law, const json::Object& arguments) {
  TRY(auto request, treaty::request_from_json(arguments, system_clock().now()));
  Outcome outcome;
  outcome.text = watermark(law);
  json::Array rows;
  int permitted = 0;
  for (const auto& party : law.model().parties) {
    if (party.code == request.from) continue;
    request.to = party.code;
    const auto verdict = treaty::decide(law, request);
    permitted += verdict.kind == treaty::VerdictKind::Permitted;
    outcome.text += fmt::format("{} ", party.code) + treaty::to_text(verdict);
    json::Object row;
    row.set("party", party.code);
    row.set("verdict", parsed(verdict));
    rows.push_back(std::move(row));
    if (verdict.kind == treaty::VerdictKind::InvalidRequest) outcome.exit_code = 2;
  }
  if (permitted == 0 && outcome.exit_code == 0) outcome.exit_code = 1;
  json::Object data;
  data.set("parties", std::move(rows));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> compare_laws(const treaty::CompiledRegister& before,
                             const treaty::CompiledRegister& after, Instant at) {
  CHECK(before.mode() == after.mode());
  const auto found = treaty::difference(before, after, at);
  Outcome outcome;
  outcome.text = watermark(after) + fmt::format("at {}: {} cells gained, {} lost\n",
                                                format_rfc3339(at), found.gained, found.lost);
  json::Array cells;
  const treaty::ChangedCell* last = nullptr;
  for (const auto& cell : found.cells) {
    // The areas in which the same changes for the same information stand in one line.
    const bool same = last != nullptr && last->from == cell.from && last->to == cell.to &&
                      last->info == cell.info && last->before == cell.before &&
                      last->after == cell.after;
    outcome.text +=
        same ? ", " + cell.area
             : fmt::format("{}{} → {} {}: {} → {} in {}", last == nullptr ? "" : "\n", cell.from,
                           cell.to, cell.info, name(cell.before), name(cell.after), cell.area);
    last = &cell;
    json::Object row;
    row.set("from", cell.from);
    row.set("to", cell.to);
    row.set("info", cell.info);
    row.set("area", cell.area);
    row.set("before", name(cell.before));
    row.set("after", name(cell.after));
    cells.push_back(std::move(row));
  }
  if (last != nullptr) outcome.text += "\n";
  if (found.changed() > found.cells.size()) {
    outcome.text +=
        fmt::format("{} more cells are not shown\n", found.changed() - found.cells.size());
  }
  json::Object data;
  data.set("at", format_rfc3339(at));
  data.set("mode", treaty::name(after.mode()));
  data.set("before", digest_text(before.model().digest));
  data.set("after", digest_text(after.model().digest));
  data.set("gained", static_cast<std::int64_t>(found.gained));
  data.set("lost", static_cast<std::int64_t>(found.lost));
  data.set("cells", std::move(cells));
  outcome.data = std::move(data);
  return outcome;
}

Result<int> decide_lines(const treaty::CompiledRegister& law, std::istream& in, std::ostream& out) {
  int exit_code = 0;
  std::string line;
  for (std::int64_t number = 1; read_line(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    treaty::Verdict verdict;
    const auto place = fmt::format("line {}", number);
    if (line.size() > line_bytes_max) {
      verdict = unreadable(law.model(), {ErrorKind::TooLarge,
                                         fmt::format("more than {} bytes", line_bytes_max), place});
    } else if (auto value = json::parse(line); !value) {
      verdict = unreadable(law.model(), std::move(value.error()).at(place));
    } else if (auto request = treaty::request_from_json(*value, system_clock().now()); !request) {
      verdict = unreadable(law.model(), std::move(request.error()).at(place));
    } else {
      verdict = treaty::decide(law, *request);
    }
    if (verdict.kind == treaty::VerdictKind::InvalidRequest) exit_code = 2;
    out << treaty::to_json(verdict) << '\n';
  }
  out.flush();
  if (!out) return fail(ErrorKind::Unavailable, "cannot write the verdicts");
  return exit_code;
}

}  // namespace comity::node
