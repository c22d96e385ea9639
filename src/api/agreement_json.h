// Instruments of the register as the pages get them. Pure, but for the counts they are given.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/usage.h"
#include "exchange/verification.h"
#include "json/value.h"
#include "treaty/model.h"

namespace comity::api {

// What rows and sheets are made of: the register, whose party asks, about which instant, and what
// this party has verified and used.
struct Sheet {
  const treaty::Model& model;
  int party = 0;
  Instant at;
  const UseCounts& used;
  // Of each verified clause: by instrument and clause id. Only those whose row is the present one.
  std::map<std::pair<std::string, std::string>, exchange::ClauseVerification> verified;
};

// The verifications that hold for the rows of this model.
std::map<std::pair<std::string, std::string>, exchange::ClauseVerification> holding(
    const treaty::Model& model, std::vector<exchange::ClauseVerification> all);

// "in-force", "suspended", "not-in-force", "unknown": towards the party of the sheet at its
// instant. What addresses all states is in force for every state from its day on, where one is
// known.
const char* agreement_status(const Sheet& sheet, const treaty::Instrument& instrument);

// AgreementRow of the contract.
json::Object agreement_row(const Sheet& sheet, const treaty::Instrument& instrument);
// Agreement of the contract.
json::Object agreement_sheet(const Sheet& sheet, const treaty::Instrument& instrument);

// The row of a clause as its file has it: the keys of docs/formats/register.md.
json::Object clause_row_json(const treaty::Model& model, const treaty::Clause& clause);

}  // namespace comity::api
