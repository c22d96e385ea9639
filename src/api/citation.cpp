#include "api/citation.h"

#include <algorithm>
#include <optional>

#include "treaty/phrase.h"

namespace comity::api {
namespace {

// A rule of a national overlay, as verdicts name it; nothing when the register has no such overlay.
std::optional<json::Object> overlay_citation(const treaty::Model& model, std::string_view id,
                                             std::string_view clause) {
  const auto overlay = std::find_if(model.overlays.begin(), model.overlays.end(),
                                    [&](const treaty::Overlay& one) { return one.id == id; });
  if (overlay == model.overlays.end()) return std::nullopt;
  const auto rule = std::find_if(overlay->rules.begin(), overlay->rules.end(),
                                 [&](const treaty::OverlayRule& one) { return one.id == clause; });
  const bool known = rule != overlay->rules.end();
  json::Object out;
  out.set("instrument", id);
  out.set("title", overlay->title);
  out.set("clause", clause);
  out.set("article", known ? rule->article : std::string());
  out.set("status", "");  // nobody verifies what a party says of its own law
  out.set("sentence",
          known ? treaty::to_json(treaty::rule_phrase(model, *overlay, *rule)) : json::Value());
  out.set("says", known && !rule->says.empty() ? json::Value(rule->says) : json::Value());
  return out;
}

}  // namespace

json::Array overlay_json(const treaty::Model& model, int party) {
  json::Array out;
  const auto* overlay = model.overlay(party);
  if (overlay == nullptr) return out;
  for (const auto& rule : overlay->rules) out.push_back(citation_json(model, overlay->id, rule.id));
  return out;
}

json::Object citation_json(const treaty::Model& model, std::string_view instrument,
                           std::string_view clause) {
  if (auto overlay = overlay_citation(model, instrument, clause)) return *std::move(overlay);
  const treaty::Instrument* paper = nullptr;
  if (const auto index = model.instrument(instrument)) {
    paper = &model.instruments[static_cast<std::size_t>(*index)];
  }
  const auto* row = paper == nullptr ? nullptr : paper->clause(clause);
  json::Object out;
  out.set("instrument", instrument);
  out.set("title", paper == nullptr ? std::string() : paper->title);
  out.set("clause", clause);
  if (row == nullptr) {
    out.set("article", "");
    out.set("status", "");
    out.set("sentence", json::Value());
    out.set("says", json::Value());
    return out;
  }
  out.set("article", row->article);
  out.set("status", row->assumed.empty() ? row->status : "assumed");
  out.set("sentence", treaty::to_json(treaty::sentence_phrase(model, *paper, *row)));
  out.set("says", row->says.empty() ? json::Value() : json::Value(row->says));
  return out;
}

}  // namespace comity::api
