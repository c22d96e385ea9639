#include "treaty/overlay_sheet.h"

#include <fmt/format.h>

#include "treaty/article_sheet.h"
#include "treaty/phrase.h"

namespace comity::treaty {
namespace {

const std::string& code_of(const Model& model, const Overlay& overlay) {
  return model.parties[static_cast<std::size_t>(overlay.party)].code;
}

}  // namespace

std::string overlay_sheet(const Model& model, const Overlay& overlay) {
  auto out = fmt::format(
      "{}: {}\nnational overlay of {}: it narrows what {} may do, and nothing else · provenance "
      "{}\n",
      overlay.id, overlay.title, code_of(model, overlay), code_of(model, overlay),
      overlay.provenance);
  if (!overlay.note.empty()) out += overlay.note + "\n";
  out += "\nRules\n";
  for (const auto& rule : overlay.rules) {
    out += fmt::format("  {}  {}  [provenance {}]\n    {}\n", rule.id, rule.article,
                       rule.provenance, sentence(model, overlay, rule));
    if (!rule.says.empty()) out += fmt::format("    It says: {}\n", rule.says);
    if (!rule.note.empty()) out += fmt::format("    Note: {}\n", rule.note);
  }
  return out;
}

json::Object overlay_sheet_json(const Model& model, const Overlay& overlay) {
  json::Object out;
  out.set("id", overlay.id);
  out.set("party", code_of(model, overlay));
  out.set("title", overlay.title);
  out.set("provenance", overlay.provenance);
  json::Array rules;
  for (const auto& rule : overlay.rules) {
    json::Object row;
    row.set("id", rule.id);
    row.set("article", rule.article);
    row.set("verb", rule.forbids ? "forbid" : "require");
    row.set("provenance", rule.provenance);
    row.set("sentence", sentence(model, overlay, rule));
    if (!rule.says.empty()) row.set("says", rule.says);
    if (rule.in_force) row.set("in_force", rule.in_force->written);
    if (rule.until) row.set("until", rule.until->written);
    rules.push_back(std::move(row));
  }
  out.set("rules", std::move(rules));
  return out;
}

std::string overlay_sheet(const Model& model, const Overlay& overlay, const Words& words) {
  const auto said = [&](const Phrase& phrase) { return words.text(model, phrase); };
  const auto provenance = [&](const std::string& marks) {
    return said(phrase("sheet.provenance", {{"provenance", marks}}));
  };
  const auto party = to_json(word_phrase("party", code_of(model, overlay)));
  auto out = fmt::format("{}: {}\n{} · {}\n", words.data(overlay.id), words.data(overlay.title),
                         said(phrase("sheet.overlay", {{"party", party}})),
                         provenance(overlay.provenance));
  if (!overlay.note.empty()) out += said(phrase("sheet.note", {{"text", overlay.note}})) + "\n";
  out += "\n" + said(phrase("sheet.rules")) + "\n";
  for (const auto& rule : overlay.rules) {
    out += fmt::format("  {}  {}  [{}]\n    {}\n", words.data(rule.id), words.data(rule.article),
                       provenance(rule.provenance), said(rule_phrase(model, overlay, rule)));
    if (!rule.says.empty()) {
      out += "    " + said(phrase("sheet.says", {{"text", rule.says}})) + "\n";
    }
    if (!rule.note.empty()) {
      out += "    " + said(phrase("sheet.note", {{"text", rule.note}})) + "\n";
    }
  }
  return out;
}

json::Object overlay_sheet_json(const Model& model, const Overlay& overlay, const Words& words) {
  auto out = overlay_sheet_json(model, overlay);
  out.set("language", words.language());
  auto& rows = *out.find("rules")->array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].object()->set("sentence",
                          words.text(model, rule_phrase(model, overlay, overlay.rules[i])));
  }
  return out;
}

}  // namespace comity::treaty
