// The register as the pages show it: the list, the sheet of one instrument, and the act by which
// one of its clauses is verified. Reads only.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/agreement_json.h"
#include "api/approvals.h"
#include "api/cursor.h"
#include "api/route.h"
#include "exchange/verification.h"
#include "treaty/party_names.h"
#include "treaty/request.h"

namespace comity::api {
namespace {

// What a list and a sheet need of a node, as it stands now.
struct Reading {
  std::shared_ptr<const treaty::CompiledRegister> law;
  std::shared_ptr<const UseCounts> used;
  std::vector<exchange::ClauseVerification> verifications;
};

Result<Reading> read(const exchange::Node& node) {
  Reading out;
  out.law = node.law();
  TRY(out.used, use_counts(node));
  TRY(const auto snapshot, node.store().read());
  TRY(const auto files, node.register_files());
  out.verifications = exchange::clause_verifications(node, *snapshot, files);
  return out;
}

Result<Sheet> sheet_of(const exchange::Node& node, Reading& reading, Instant at) {
  const auto& model = reading.law->model();
  const auto party = model.party(node.party());
  if (!party) {
    return fail(ErrorKind::Corrupt, fmt::format("the register of this node does not know {}, whose "
                                                "node it is; restore a register that does",
                                                node.party()));
  }
  return Sheet{model, *party, at, *reading.used, holding(model, std::move(reading.verifications))};
}

// ASCII letters without regard to case; others as they are.
std::string folded(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

struct Filter {
  std::string q;  // folded
  std::optional<int> party;
  std::optional<int> area;
  std::string level, status;
};

constexpr std::size_t filter_bytes_max = 200;
constexpr std::array<std::string_view, 4> statuses = {"in-force", "suspended", "not-in-force",
                                                      "unknown"};
constexpr std::array<std::string_view, 6> levels = {"bilateral",     "multilateral", "regional",
                                                    "interregional", "global",       "national"};

template <typename List>
Status one_of(std::string_view value, const List& list, const char* name) {
  if (value.empty() || std::find(list.begin(), list.end(), value) != list.end()) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is none of {}", value, fmt::join(list, ", ")), name);
}

Result<Filter> filter_of(const Call& call, const treaty::Model& model) {
  Filter out;
  for (const char* name : {"q", "party", "level", "area", "status"}) {
    if (call.query_value(name).size() > filter_bytes_max) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("a filter has at most {} bytes", filter_bytes_max), name);
    }
  }
  out.q = folded(call.query_value("q"));
  out.level = call.query_value("level");
  out.status = call.query_value("status");
  TRY_STATUS(one_of(out.level, levels, "level"));
  TRY_STATUS(one_of(out.status, statuses, "status"));
  if (const auto code = call.query_value("party"); !code.empty()) {
    out.party = model.party(code);
    if (!out.party) {
      return fail(ErrorKind::InvalidInput,
                  fmt::format("'{}' is no party of the register{}", code,
                              treaty::party_suggestion(model, code)),
                  "party");
    }
  }
  if (const auto area = call.query_value("area"); !area.empty()) {
    out.area = model.vocabulary.areas.index(area);
    if (!out.area) {
      return fail(ErrorKind::InvalidInput, fmt::format("'{}' is no area of the register", area),
                  "area");
    }
  }
  return out;
}

bool has_party(const treaty::Model& model, const treaty::Instrument& instrument, int party) {
  const auto* entry = instrument.entry(party);
  if (entry != nullptr) return entry->status != treaty::Membership::NotParty;
  return instrument.addresses_all_states &&
         model.parties[static_cast<std::size_t>(party)].is_state();
}

bool has_text(const treaty::Instrument& instrument, const std::string& q) {
  const auto in = [&](const std::string& text) {
    return folded(text).find(q) != std::string::npos;
  };
  return in(instrument.id) || in(instrument.title) ||
         std::any_of(instrument.aliases.begin(), instrument.aliases.end(), in);
}

bool about(const treaty::Instrument& instrument, int area) {
  const auto holds = [&](const auto& one) { return (one.areas & treaty::bit(area)) != 0; };
  return std::any_of(instrument.clauses.begin(), instrument.clauses.end(), holds) ||
         std::any_of(instrument.area_claims.begin(), instrument.area_claims.end(), holds);
}

bool matches(const Sheet& sheet, const treaty::Instrument& instrument, const Filter& filter) {
  if (!filter.q.empty() && !has_text(instrument, filter.q)) return false;
  if (filter.party && !has_party(sheet.model, instrument, *filter.party)) return false;
  if (filter.area && !about(instrument, *filter.area)) return false;
  const auto of_level = [&](const treaty::LevelClaim& claim) {
    return claim.level == filter.level;
  };
  if (!filter.level.empty() &&
      std::none_of(instrument.levels.begin(), instrument.levels.end(), of_level)) {
    return false;
  }
  return filter.status.empty() || agreement_status(sheet, instrument) == filter.status;
}

// By id; the cursor is the last id that was shown.
Result<Answer> list_agreements(Call& call) {
  constexpr std::string_view list = "listAgreements";
  TRY(const auto limit, page_limit(call));
  TRY(const auto after, read_cursor(list, call.query_value("cursor")));
  TRY(auto reading, read(call.node));
  TRY(const auto filter, filter_of(call, reading.law->model()));
  TRY(const auto sheet, sheet_of(call.node, reading, call.node.treaty_now()));
  json::Array items;
  std::optional<std::string> next;
  std::string last;
  std::int64_t total = 0;
  for (const auto& instrument : sheet.model.instruments) {
    if (!matches(sheet, instrument, filter)) continue;
    ++total;
    if (instrument.id <= after || next) continue;
    if (static_cast<std::int64_t>(items.size()) == limit) {
      next = write_cursor(list, last);
      continue;
    }
    items.emplace_back(agreement_row(sheet, instrument));
    last = instrument.id;
  }
  return page(std::move(items), std::move(next), total);
}

Result<const treaty::Instrument*> named_instrument(const treaty::Model& model,
                                                   std::string_view id) {
  const auto index = model.instrument(id);
  if (!index) return fail(ErrorKind::NotFound, "the register has no such agreement");
  return &model.instruments[static_cast<std::size_t>(*index)];
}

Result<Answer> read_agreement(Call& call) {
  auto at = call.node.treaty_now();
  if (const auto asked = call.query_value("at"); !asked.empty()) {
    auto instant = parse_day_or_instant(asked);
    if (!instant) return tl::unexpected<Error>(std::move(instant).error().at("at"));
    at = *instant;
  }
  TRY(auto reading, read(call.node));
  TRY(const auto* instrument, named_instrument(reading.law->model(), call.path_value("agreement")));
  TRY(const auto sheet, sheet_of(call.node, reading, at));
  Answer answer;
  answer.body = agreement_sheet(sheet, *instrument);
  return answer;
}

// The act that two legal advisers sign for this clause, source and day: one that waits already, so
// that the second signs what the first did, else a new one. `key` names whose signature is wanted.
Result<Answer> read_verification(Call& call) {
  exchange::NewVerification asked;
  asked.instrument = call.path_value("agreement");
  asked.clause = call.path_value("clause");
  asked.source = call.query_value("source");
  asked.date = call.query_value("date");
  const auto law = call.node.law();
  TRY(const auto* instrument, named_instrument(law->model(), asked.instrument));
  if (instrument->clause(asked.clause) == nullptr) {
    return fail(ErrorKind::NotFound, "this agreement has no such clause");
  }
  TRY(auto arguments, exchange::act_arguments(call.node, asked));
  TRY(const auto snapshot, call.node.store().read());
  TRY(auto act, waiting_act(call.node, *snapshot, "verify", arguments));
  if (!act) act = exchange::to_json(exchange::act_for(call.node, "verify", std::move(arguments)));
  json::Object out;
  TRY(const auto bytes, bytes_to_sign(*act, call.query_value("key")));
  out.set("act", *std::move(act));
  out.set("bytes", bytes);
  Answer answer;
  answer.body = std::move(out);
  return answer;
}

}  // namespace

std::vector<Route> agreement_routes() {
  const auto everybody = RoleSet::all();
  return {
      {.operation = "listAgreements",
       .method = "GET",
       .path = "/api/v1/agreements",
       .access = Access::SignedIn,
       .roles = everybody,
       .query = {"q", "party", "level", "area", "status", "cursor", "limit"},
       .body = Body::None,
       .fresh_factor = false,
       .handle = list_agreements},
      {.operation = "readAgreement",
       .method = "GET",
       .path = "/api/v1/agreements/{agreement}",
       .access = Access::SignedIn,
       .roles = everybody,
       .query = {"at"},
       .body = Body::None,
       .fresh_factor = false,
       .handle = read_agreement},
      {.operation = "readVerification",
       .method = "GET",
       .path = "/api/v1/agreements/{agreement}/clauses/{clause}/verification",
       .access = Access::SignedIn,
       .roles = everybody,
       .query = {"source", "date", "key"},
       .body = Body::None,
       .fresh_factor = false,
       .handle = read_verification},
  };
}

}  // namespace comity::api
