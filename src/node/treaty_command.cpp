#include "node/treaty_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/world.h"
#include "json/parse.h"
#include "json/write.h"
#include "node/lines.h"
#include "node/shipped.h"
#include "treaty/analysis.h"
#include "treaty/article_sheet.h"
#include "treaty/difference.h"
#include "treaty/overlay_sheet.h"
#include "treaty/register.h"
#include "treaty/sheet_in_words.h"
#include "treaty/verdict_in_words.h"

namespace comity::node {
namespace {

constexpr std::size_t line_bytes_max = 1024 * 1024;

std::string watermark(const treaty::CompiledRegister& law, const treaty::Words* words = nullptr) {
  if (law.mode() != treaty::Mode::Exercise) return {};
  const auto& name = law.model().exercise;
  if (words != nullptr) {
    return words->text(law.model(), treaty::phrase("say.exercise", {{"name", name}})) + "\n";
  }
  return fmt::format("EXERCISE {} – what follows rests on assumptions\n", name);
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

// ---- audience ----------------------------------------------------------------------------------

// In this order a table shows verdicts: what is open first.
constexpr std::array<treaty::VerdictKind, 5> table_order = {
    treaty::VerdictKind::Permitted, treaty::VerdictKind::Needs, treaty::VerdictKind::Forbidden,
    treaty::VerdictKind::NoBasis, treaty::VerdictKind::InvalidRequest};

struct AudienceRow {
  const treaty::Party* party = nullptr;
  treaty::Verdict verdict;
};

std::string once_each(const std::vector<std::string>& values) {
  std::vector<std::string> out;
  for (const auto& value : values) {
    if (std::find(out.begin(), out.end(), value) == out.end()) out.push_back(value);
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

// Under what it may go, what is missing, or why not.
std::string why(const treaty::Model& model, const treaty::Verdict& verdict,
                const treaty::Words* words) {
  const auto word = [&](const char* group, const std::string& name) {
    return words == nullptr ? name : words->text(model, treaty::word_phrase(group, name));
  };
  std::vector<std::string> parts;
  for (const auto& basis : verdict.basis) {
    parts.push_back(fmt::format("{} {}", basis.instrument, basis.article));
  }
  auto out = once_each(parts);
  if (words != nullptr && !out.empty()) out = words->data(out);
  parts.clear();
  for (const auto& need : verdict.needs) parts.push_back(word("need-kind", need.kind));
  if (verdict.basis.empty() && verdict.needs.empty()) {
    for (const auto& reason : verdict.reasons) parts.push_back(word("reason-code", reason.code));
  }
  if (parts.empty()) return out;
  return fmt::format("{}{}[{}]", out, out.empty() ? "" : "  ", once_each(parts));
}

std::string audience_table(const treaty::Model& model, const std::vector<AudienceRow>& rows,
                           const treaty::Words* words) {
  std::string out, without;
  for (const auto kind : table_order) {
    for (const auto& row : rows) {
      if (row.verdict.kind != kind) continue;
      const auto reasons = why(model, row.verdict, words);
      if (kind == treaty::VerdictKind::NoBasis && reasons.empty()) {
        without += (without.empty() ? "" : ", ") + row.party->code;
        continue;
      }
      const auto party = treaty::word_phrase("party", row.party->code);
      const auto verdict = treaty::word_phrase("verdict", treaty::name(kind));
      out += fmt::format("{:<12} {:<10} {}{}{}\n",
                         words == nullptr ? treaty::name(kind) : words->text(model, verdict),
                         row.party->code,
                         words == nullptr ? row.party->name : words->text(model, party),
                         reasons.empty() ? "" : "  ", reasons);
    }
  }
  if (!without.empty()) {
    const auto verdict = treaty::word_phrase("verdict", treaty::name(treaty::VerdictKind::NoBasis));
    out += fmt::format("{:<12} {}\n", words == nullptr ? "no-basis" : words->text(model, verdict),
                       without);
  }
  return out;
}

// ---- difference --------------------------------------------------------------------------------

std::string list_or_all(const std::set<std::string>& some, const treaty::Names& all,
                        const char* every) {
  return some == std::set<std::string>(all.values.begin(), all.values.end())
             ? every
             : fmt::format("{}", fmt::join(some, ", "));
}

// What changes in the same way for the same two stands together: purposes for which it changes in
// the same areas in one line.
std::string changes_text(const treaty::Model& model,
                         const std::vector<treaty::ChangedCell>& cells) {
  using Areas = std::set<std::string>;
  std::map<std::string, std::map<std::string, Areas>> changes;  // by what changes, then purpose
  std::vector<std::string> order;
  for (const auto& cell : cells) {
    auto change =
        fmt::format("{} → {} {}{}{}: {} → {}", cell.from, cell.to, cell.action,
                    cell.info.empty() ? "" : " ", cell.info, name(cell.before), name(cell.after));
    auto [held, added] = changes.try_emplace(std::move(change));
    if (added) order.push_back(held->first);
    held->second[cell.purpose].insert(cell.area);
  }
  std::string out;
  for (const auto& change : order) {
    std::map<Areas, std::set<std::string>> purposes;
    for (const auto& [purpose, areas] : changes[change]) purposes[areas].insert(purpose);
    for (const auto& [areas, of] : purposes) {
      out += fmt::format("{} for {} in {}\n", change,
                         list_or_all(of, model.vocabulary.purposes, "every purpose"),
                         list_or_all(areas, model.vocabulary.areas, "every area"));
    }
  }
  return out;
}

json::Array changes_json(const std::vector<treaty::ChangedCell>& cells) {
  json::Array out;
  for (const auto& cell : cells) {
    json::Object row;
    row.set("from", cell.from);
    row.set("to", cell.to);
    row.set("action", cell.action);
    row.set("info", cell.info.empty() ? json::Value() : json::Value(cell.info));
    row.set("area", cell.area);
    row.set("purpose", cell.purpose);
    row.set("before", name(cell.before));
    row.set("after", name(cell.after));
    out.push_back(std::move(row));
  }
  return out;
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
  std::int64_t unsourced = 0;
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
      if (std::find(problems.begin(), problems.end(), text) != problems.end()) continue;
      problems.push_back(text);
      unsourced += problem.unsourced ? 1 : 0;
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
    data.set("overlays", static_cast<std::int64_t>(model->overlays.size()));
    data.set("register", digest_text(model->digest));
  }
  json::Array list;
  for (const auto& problem : problems) {
    outcome.text += problem + "\n";
    list.emplace_back(problem);
  }
  outcome.text +=
      fmt::format("{} problems, {} facts without provenance\n", problems.size(), unsourced);
  data.set("without_provenance", unsourced);
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
  for (const auto& overlay : law.model().overlays) known += " " + overlay.id;
  return fail(ErrorKind::NotFound,
              fmt::format("'{}' is no instrument of the register; it has{}", id, known));
}

Result<treaty::Words> words_of(const std::string& language) {
  return treaty::Words::read(shipped_register_directory() + "/messages", language);
}

Result<std::optional<treaty::Words>> words_asked(const json::Object& arguments) {
  const auto* language = arguments.find("lang");
  if (language == nullptr) return std::optional<treaty::Words>();
  if (language->string() == nullptr) {
    return fail(ErrorKind::InvalidInput, "expected the name of a language, as \"ar\"", "lang");
  }
  auto words = words_of(*language->string());
  if (!words) return tl::unexpected(std::move(words.error()).at("--lang"));
  return std::optional<treaty::Words>(*std::move(words));
}

std::optional<Outcome> show_overlay(const treaty::CompiledRegister& law, const std::string& id,
                                    const treaty::Words* words) {
  const auto& model = law.model();
  for (const auto& overlay : model.overlays) {
    if (overlay.id != id) continue;
    Outcome outcome;
    outcome.text = watermark(law, words);
    if (words == nullptr) {
      outcome.text += treaty::overlay_sheet(model, overlay);
      outcome.data = treaty::overlay_sheet_json(model, overlay);
    } else {
      outcome.text += treaty::overlay_sheet(model, overlay, *words);
      outcome.data = treaty::overlay_sheet_json(model, overlay, *words);
    }
    return outcome;
  }
  return std::nullopt;
}

Result<Outcome> show_instrument(const treaty::CompiledRegister& law, const std::string& id,
                                const treaty::Words* words) {
  if (auto overlay = show_overlay(law, id, words)) return *std::move(overlay);
  TRY(const auto* instrument, instrument_named(law, id));
  const auto& model = law.model();
  Outcome outcome;
  if (words == nullptr) {
    outcome.text = watermark(law) + treaty::article_sheet(model, *instrument);
    outcome.data = treaty::article_sheet_json(model, *instrument);
  } else {
    outcome.text = watermark(law, words) + treaty::article_sheet(model, *instrument, *words);
    outcome.data = treaty::article_sheet_json(model, *instrument, *words);
  }
  return outcome;
}

Outcome verdict_outcome(const treaty::Model& model, const treaty::Verdict& verdict,
                        const treaty::Words* words) {
  Outcome outcome{exit_code_of(verdict.kind), {}, parsed(verdict)};
  if (words == nullptr) {
    outcome.text = treaty::to_text(verdict);
    return outcome;
  }
  outcome.text = treaty::verdict_in_words(model, verdict, *words);
  json::Array lines;
  for (const auto& line : treaty::verdict_lines(model, verdict)) {
    lines.emplace_back(words->text(model, line));
  }
  outcome.data.object()->set("language", words->language());
  outcome.data.object()->set("said", std::move(lines));
  return outcome;
}

Result<Outcome> decide(const treaty::CompiledRegister& law, const json::Object& arguments,
                       const treaty::Words* words) {
  TRY(const auto request, treaty::request_from_json(arguments, system_clock().now()));
  auto outcome = verdict_outcome(law.model(), treaty::decide(law, request), words);
  outcome.text = watermark(law, words) + outcome.text;
  return outcome;
}

Result<Outcome> audience(const treaty::CompiledRegister& law, const json::Object& arguments,
                         const treaty::Words* words) {
  TRY(auto request, treaty::request_from_json(arguments, system_clock().now()));
  const auto& model = law.model();
  Outcome outcome;
  std::vector<AudienceRow> rows;
  json::Array parties;
  std::size_t permitted = 0;
  for (const auto& party : model.parties) {
    if (party.code == request.from) continue;
    request.to = party.code;
    auto verdict = treaty::decide(law, request);
    if (verdict.kind == treaty::VerdictKind::InvalidRequest) {
      // It is no question, whoever is asked about: said once.
      outcome = verdict_outcome(model, verdict, words);
      outcome.text = watermark(law, words) + outcome.text;
      return outcome;
    }
    permitted += verdict.kind == treaty::VerdictKind::Permitted ? 1U : 0U;
    json::Object row;
    row.set("party", party.code);
    row.set("verdict", parsed(verdict));
    parties.push_back(std::move(row));
    rows.push_back({&party, std::move(verdict)});
  }
  outcome.exit_code = permitted == 0 ? 1 : 0;
  outcome.text = watermark(law, words) + audience_table(model, rows, words);
  json::Object data;
  data.set("parties", std::move(parties));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> compare_laws(const treaty::CompiledRegister& before,
                             const treaty::CompiledRegister& after, Instant at) {
  CHECK(before.mode() == after.mode());
  const auto found = treaty::difference(before, after, at);
  Outcome outcome;
  outcome.exit_code = found.changed() == 0 ? 0 : 1;
  outcome.text = watermark(after) + fmt::format("at {}: {} cells gained, {} lost\n",
                                                format_rfc3339(at), found.gained, found.lost);
  outcome.text += changes_text(after.model(), found.cells);
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
  data.set("cells", changes_json(found.cells));
  outcome.data = std::move(data);
  return outcome;
}

Result<Outcome> analyse_register(const treaty::CompiledRegister& law, const treaty::Words* words) {
  TRY(const auto english, words_of("en"));
  TRY(const auto arabic, words_of("ar"));
  const auto& speak = words == nullptr ? english : *words;
  const auto& model = law.model();
  const auto findings = treaty::analyse(model);
  Outcome outcome;
  outcome.text = watermark(law, words);
  json::Array rows;
  std::map<std::string, std::int64_t> kinds;
  for (const auto& finding : findings) {
    const std::string kind = treaty::name(finding.kind);
    ++kinds[kind];
    outcome.text += fmt::format("{}{}{}: {}\n", finding.place, finding.place.empty() ? "" : ": ",
                                kind, speak.text(model, finding.said));
    auto row = treaty::to_json(finding);
    row.set("en", english.text(model, finding.said));
    row.set("ar", arabic.text(model, finding.said));
    rows.emplace_back(std::move(row));
  }
  outcome.text += fmt::format("{} findings", findings.size());
  for (const auto& [kind, count] : kinds) outcome.text += fmt::format(", {} {}", count, kind);
  outcome.text += "\n";
  json::Object data;
  data.set("register", digest_text(model.digest));
  data.set("mode", treaty::name(law.mode()));
  data.set("findings", std::move(rows));
  outcome.data = std::move(data);
  outcome.exit_code = findings.empty() ? 0 : 1;
  return outcome;
}

Result<Outcome> run_analyse(exchange::Node& node, const json::Object& arguments) {
  TRY(const auto words, words_asked(arguments));
  return analyse_register(*node.law(), words ? &*words : nullptr);
}

Result<int> decide_lines(const treaty::CompiledRegister& law, std::istream& in, std::ostream& out) {
  int exit_code = 0;
  std::string line;
  for (std::int64_t number = 1; read_line(in, line, line_bytes_max); ++number) {
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
