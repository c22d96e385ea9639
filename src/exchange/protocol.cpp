#include "exchange/protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "exchange/member_reader.h"
#include "json/parse.h"
#include "json/write.h"
#include "stix/object.h"

namespace comity::exchange {
namespace {

// The extension definitions that introduce our object types (STIX 2.1 section 7.3).
constexpr const char* disclosure_extension =
    "extension-definition--5f3a7f0c-6f0e-4a8e-9d52-0c1d3f1b6a01";
constexpr const char* receipt_extension =
    "extension-definition--5f3a7f0c-6f0e-4a8e-9d52-0c1d3f1b6a02";

// 3 is 2 with what its readers do not know: the looks and signatures of two officers, and since
// when a hop is there.
constexpr std::int64_t plain_disclosure_format = 2;
constexpr std::int64_t later_disclosure_format = 3;
constexpr std::array disclosure_forms = {
    Form{plain_disclosure_format, earlier_to_name, true, false, "action", "id", "id"},
    Form{later_disclosure_format, earlier_to_name, true, false, "action", "id", "id"},
    Form{disclosure_format, to_name, false, true, "treaty_action", "assumption", "consent"},
};
constexpr std::array receipt_forms = {
    Form{1, earlier_to_name, true},
    Form{receipt_format, to_name, false, true},
};

using Reader = MemberReader;

json::Object clause_entry(const std::string& instrument, const std::string& clause,
                          const std::string& article) {
  json::Object out;
  out.set("instrument", instrument);
  out.set("clause", clause);
  out.set("article", article);
  return out;
}

// The earlier format that says all that a disclosure says.
std::int64_t earlier_format_of(const Disclosure& d) {
  const auto has_instant = [](const treaty::ReceivedUnder& hop) { return hop.at.has_value(); };
  const bool later =
      d.by_officers() ||
      std::any_of(d.records.begin(), d.records.end(), [&](const DisclosedRecord& record) {
        const auto& chain = record.chain;
        return std::any_of(chain.begin(), chain.end(), has_instant);
      });
  return later ? later_disclosure_format : plain_disclosure_format;
}

// Of a disclosure that is written in sum.
std::optional<Digest> root_of(const Disclosure& d) {
  if (d.listed || !d.named || (!d.root && d.records.size() <= listed_rows_max)) return d.root;
  return rows_root(d.records);
}

json::Object to_json(const Disclosure& d) {
  const auto& form = disclosure_forms.back();
  auto out = new_frame(disclosure_kind, d.id, d.time, disclosure_extension, form);
  out.set("semantics", treaty::semantics_number);
  out.set("mode", d.mode);
  out.set("exercise", d.exercise);
  out.set("from", d.from);
  out.set(form.to, d.to);
  out.set("number", d.number);
  if (d.previous) out.set("previous", digest_text(*d.previous));
  if (d.treaty_time) out.set("treaty_time", format_rfc3339(*d.treaty_time, 6));
  out.set("register", digest_text(d.register_digest));
  out.set(form.action, "share");
  out.set("area", d.area);
  out.set("purpose", d.purpose);
  if (d.at_discretion) out.set("ground", national_discretion);
  if (d.four_eyes) out.set("four_eyes", true);
  json::Array basis, duties, asserts, assumed, consents;
  for (const auto& clause : d.basis) {
    auto entry = clause_entry(clause.instrument, clause.clause, clause.article);
    entry.set("digest", digest_text(clause.digest));
    basis.push_back(std::move(entry));
  }
  for (const auto& duty : d.duties) {
    auto entry = clause_entry(duty.instrument, duty.clause, duty.article);
    entry.set("what", duty.what);
    if (!duty.due.empty()) entry.set("due", duty.due);
    duties.push_back(std::move(entry));
  }
  for (const auto& assertion : d.asserts) {
    auto entry = clause_entry(assertion.instrument, assertion.clause, assertion.article);
    entry.set("what", assertion.what);
    asserts.push_back(std::move(entry));
  }
  for (const auto& item : d.assumed) {
    json::Object entry;
    entry.set(form.assumption, item.id);
    entry.set("reason", item.reason);
    assumed.push_back(std::move(entry));
  }
  for (const auto& consent : d.consents) {
    json::Object entry;
    entry.set(form.consent, consent.id);
    entry.set("originator", consent.originator);
    entry.set("digest", digest_text(consent.digest));
    entry.set("once", consent.once);
    consents.push_back(std::move(entry));
  }
  set_list(out, form, "basis", std::move(basis));
  set_list(out, form, "duties", std::move(duties));
  set_list(out, form, "asserts", std::move(asserts));
  set_list(out, form, "assumed", std::move(assumed));
  set_list(out, form, "consents", std::move(consents));
  set_rows(out, form, d.records, root_of(d));
  return out;
}

json::Object to_json(const Receipt& r) {
  const auto& form = receipt_forms.back();
  auto out = new_frame(receipt_kind, r.id, r.time, receipt_extension, form);
  out.set("mode", r.mode);
  out.set("from", r.from);
  out.set(form.to, r.to);
  out.set("disclosure", r.disclosure);
  out.set("disclosure_digest", digest_text(r.disclosure_digest));
  out.set("number", r.number);
  out.set("register", digest_text(r.register_digest));
  set_fates(out, form, r.results, r.root);
  return out;
}

Status read_beside(Reader& reader, const Form& form, Disclosure& out) {
  const auto& duties = list_of(reader, form, "duties");
  for (std::size_t i = 0; i < duties.size(); ++i) {
    Reader item(duties[i], reader.path("duties", i));
    out.duties.push_back({item.text("instrument"), item.text("clause"), item.text("article"),
                          item.text("what"), item.text("due", false), false});
    TRY_STATUS(item.done());
  }
  const auto& asserts = list_of(reader, form, "asserts");
  for (std::size_t i = 0; i < asserts.size(); ++i) {
    Reader item(asserts[i], reader.path("asserts", i));
    out.asserts.push_back(
        {item.text("what"), item.text("instrument"), item.text("clause"), item.text("article")});
    TRY_STATUS(item.done());
  }
  const auto& assumed = list_of(reader, form, "assumed");
  for (std::size_t i = 0; i < assumed.size(); ++i) {
    Reader item(assumed[i], reader.path("assumed", i));
    out.assumed.push_back({item.text(form.assumption), item.text("reason")});
    TRY_STATUS(item.done());
  }
  return {};
}

Status read_consents(Reader& reader, const Form& form, Disclosure& out) {
  const auto& consents = list_of(reader, form, "consents");
  if (consents.size() > disclosure_consents_max) {
    reader.wrong("consents", fmt::format("expected at most {}", disclosure_consents_max));
    return {};
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < consents.size(); ++i) {
    Reader item(consents[i], reader.path("consents", i));
    ConsentUsed consent{item.text(form.consent), item.text("originator"), item.digest("digest"),
                        false};
    const auto* once = item.raw("once");
    if (once != nullptr && once->boolean() == nullptr) item.wrong("once", "expected true or false");
    consent.once = once != nullptr && once->boolean() != nullptr && *once->boolean();
    if (!stix::is_identifier(consent.id) || stix::type_of(consent.id) != "comity-consent") {
      item.wrong(form.consent, "expected comity-consent--<UUID>");
    }
    if (!seen.insert(consent.id).second) item.wrong(form.consent, "stands twice");
    TRY_STATUS(item.done());
    out.consents.push_back(std::move(consent));
  }
  return {};
}

// On what it rests: clauses, the look of two officers beside them, or their discretion alone.
Status read_basis(Reader& reader, const Form& form, const json::Value& value, Disclosure& out) {
  if (out.at_discretion && reader.text("ground") != national_discretion) {
    reader.wrong("ground", fmt::format("expected {}, or no such member", national_discretion));
  }
  if (const auto* four_eyes = value.find("four_eyes"); four_eyes != nullptr) {
    reader.raw("four_eyes");
    out.four_eyes = true;
    if (*four_eyes != json::Value(true) || out.at_discretion) {
      reader.wrong("four_eyes", "expected true, and none beside a ground, or no such member");
    }
  }
  const auto& basis = list_of(reader, form, "basis");
  for (std::size_t i = 0; i < basis.size(); ++i) {
    Reader item(basis[i], reader.path("basis", i));
    out.basis.push_back({item.text("instrument"), item.text("clause"), item.text("article"),
                         item.digest("digest")});
    TRY_STATUS(item.done());
  }
  if (out.basis.empty() && !out.at_discretion) {
    reader.wrong("basis", "expected at least one clause");
  }
  if (!out.basis.empty() && out.at_discretion) {
    reader.wrong("basis", fmt::format("expected no clause beside {}", national_discretion));
  }
  return {};
}

Result<Disclosure> disclosure_from_json(const json::Value& value) {
  Reader reader(value, "$");
  Disclosure out;
  out.at_discretion = value.find("ground") != nullptr;
  auto frame = read_frame(reader, disclosure_kind, disclosure_extension, disclosure_forms);
  const auto& form = *frame.form;
  out.id = std::move(frame.id);
  out.time = frame.time;
  if (const auto number = reader.number("semantics"); number != treaty::semantics_number) {
    reader.wrong("semantics",
                 fmt::format("decided by semantics {}, and this program knows {} alone; it takes "
                             "one that knows {} to decide it again",
                             number, treaty::semantics_number, number));
  }
  out.mode = reader.text("mode");
  out.exercise = reader.text("exercise");
  out.from = reader.text("from");
  out.to = reader.text(form.to);
  out.number = reader.number("number");
  if (out.number < 1) reader.wrong("number", "expected a number from 1");
  if (value.find("previous") != nullptr) out.previous = reader.digest("previous");
  if (out.previous.has_value() != (out.number > 1)) {
    reader.wrong("previous", "expected with every number but the first");
  }
  if (value.find("treaty_time") != nullptr) {
    out.treaty_time = reader.time("treaty_time");
    if (out.mode != "exercise" || *out.treaty_time <= out.time) {
      reader.wrong("treaty_time", "expected in exercises only, and after created");
    }
  }
  out.register_digest = reader.digest("register");
  if (reader.text(form.action) != "share") reader.wrong(form.action, "expected share");
  out.area = reader.text("area");
  out.purpose = reader.text("purpose");
  TRY_STATUS(read_basis(reader, form, value, out));
  TRY_STATUS(read_beside(reader, form, out));
  TRY_STATUS(read_consents(reader, form, out));
  TRY_STATUS(read_rows(reader, form, out.records, out.root));
  out.named = !out.root;
  out.listed = !out.root;
  if (const auto expected = earlier_format_of(out);
      form.number != disclosure_format && expected != form.number) {
    reader.wrong("format", fmt::format("expected {}, by what it says", expected));
  }
  TRY_STATUS(reader.done());
  return out;
}

Result<Receipt> receipt_from_json(const json::Value& value) {
  Reader reader(value, "$");
  Receipt out;
  auto frame = read_frame(reader, receipt_kind, receipt_extension, receipt_forms);
  const auto& form = *frame.form;
  out.id = std::move(frame.id);
  out.time = frame.time;
  out.mode = reader.text("mode");
  out.from = reader.text("from");
  out.to = reader.text(form.to);
  out.disclosure = reader.text("disclosure");
  out.disclosure_digest = reader.digest("disclosure_digest");
  out.number = reader.number("number");
  out.register_digest = reader.digest("register");
  TRY_STATUS(read_fates(reader, form, out.results, out.root));
  if (out.id != receipt_id(out.disclosure)) reader.wrong("id", "expected the disclosure's UUID");
  TRY_STATUS(reader.done());
  return out;
}

}  // namespace

SignedObject sign(const Disclosure& disclosure, const trust::SigningKey& key) {
  CHECK(disclosure.basis.empty() == disclosure.at_discretion && !disclosure.records.empty());
  CHECK(disclosure.records.size() <= disclosure_records_max);
  return signed_object(to_json(disclosure), key);
}

SignedObject sign(const Receipt& receipt, const trust::SigningKey& key) {
  return signed_object(to_json(receipt), key);
}

Status name_records(Disclosure& disclosure, const std::vector<Digest>& digests) {
  auto records = disclosure.records;
  if (digests.size() != records.size()) {
    return fail(ErrorKind::NotVerified,
                fmt::format("{} records, {} were disclosed", digests.size(), records.size()));
  }
  const std::set<Digest> each(digests.begin(), digests.end());
  if (each.size() != digests.size()) {
    return fail(ErrorKind::NotVerified, "a record stands twice; each is disclosed once");
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (disclosure.named && records[i].digest != digests[i]) {
      return fail(ErrorKind::NotVerified,
                  fmt::format("record {} is not the one that was disclosed", i + 1));
    }
    records[i].digest = digests[i];
  }
  if (disclosure.root) {
    const auto root = rows_root(records);
    if (root != *disclosure.root) {
      return fail(ErrorKind::NotVerified,
                  fmt::format("the records are not those that were disclosed, or not in their "
                              "order: their root is {}, signed was {}",
                              digest_text(root), digest_text(*disclosure.root)));
    }
  }
  disclosure.records = std::move(records);
  disclosure.named = true;
  return {};
}

Status check_results(const Receipt& receipt, const Disclosure& disclosure) {
  CHECK(disclosure.named);
  const auto& results = receipt.results;
  bool same = results.size() == disclosure.records.size() &&
              (!receipt.root || *receipt.root == rows_root(disclosure.records));
  for (std::size_t i = 0; same && i < results.size(); ++i) {
    // In sum only what was rejected is named one by one.
    const bool says_digest = !receipt.root || results[i].result == "rejected";
    same = !says_digest || results[i].digest == disclosure.records[i].digest;
  }
  if (same) return {};
  return fail(ErrorKind::NotVerified, "the receipt names other records", receipt.id);
}

bool may_be_by_officers(std::string_view bytes) {
  return bytes.find(national_discretion) != std::string_view::npos ||
         bytes.find("\"four_eyes\":true") != std::string_view::npos;
}

Result<Disclosure> open_disclosure(std::string_view bytes, std::string_view public_key) {
  TRY(const auto value, verified_object(bytes, public_key));
  return disclosure_from_json(value);
}

Result<Disclosure> read_disclosure(std::string_view bytes) {
  TRY(const auto value, json::parse(bytes));
  return disclosure_from_json(value);
}

Result<Receipt> open_receipt(std::string_view bytes, std::string_view public_key) {
  TRY(const auto value, verified_object(bytes, public_key));
  return receipt_from_json(value);
}

Result<Receipt> read_receipt(std::string_view bytes) {
  TRY(const auto value, json::parse(bytes));
  return receipt_from_json(value);
}

Result<Digest> protocol_digest(std::string_view bytes) {
  TRY(const auto value, json::parse(bytes));
  return sha256(json::canonical(value));
}

std::string receipt_id(std::string_view disclosure_id) {
  const auto at = disclosure_id.find("--");
  return std::string(receipt_kind) +
         std::string(at == std::string_view::npos ? "--" : disclosure_id.substr(at));
}

}  // namespace comity::exchange
