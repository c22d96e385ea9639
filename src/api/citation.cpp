#include "api/citation.h"

#include "treaty/phrase.h"

namespace comity::api {

json::Object citation_json(const treaty::Model& model, std::string_view instrument,
                           std::string_view clause) {
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
