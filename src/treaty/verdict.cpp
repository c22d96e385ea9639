#include "treaty/verdict.h"

#include <fmt/format.h>

#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "json/write.h"

namespace comity::treaty {
namespace {

using Text = std::pair<std::string_view, std::string_view>;

// Appends members of an object, without its braces. `name` is one of ours and needs no escaping.
void append_members(std::string& out, std::initializer_list<Text> members) {
  const char* separator = "\"";
  for (const auto& [member, text] : members) {
    out += separator;
    out += member;
    out += "\":";
    json::append_string(out, text);
    separator = ",\"";
  }
}

template <typename Entry, typename Append>
void append_list(std::string& out, std::string_view member, const std::vector<Entry>& entries,
                 Append append) {
  out += ",\"";
  out += member;
  out += "\":[";
  bool first = true;
  for (const auto& entry : entries) {
    out += first ? "{" : ",{";
    first = false;
    append(entry);
    out += '}';
  }
  out += ']';
}

void append_reason(std::string& out, const Reason& reason) {
  append_members(out, {{"code", reason.code}});
  for (const auto& member : {Text{"instrument", reason.instrument}, Text{"clause", reason.clause},
                             Text{"article", reason.article}}) {
    if (member.second.empty()) continue;
    out += ',';
    append_members(out, {member});
  }
  out += ',';
  append_members(out, {{"what", reason.what}});
}

void append_duty(std::string& out, const Duty& duty) {
  append_members(out, {{"instrument", duty.instrument},
                       {"clause", duty.clause},
                       {"article", duty.article},
                       {"what", duty.what}});
  if (!duty.due.empty()) {
    out += ',';
    append_members(out, {{"due", duty.due}});
    out += duty.overdue ? ",\"overdue\":true" : ",\"overdue\":false";
  }
}

// "ru-cn-2015 c6-2 (Art. 6): ", as far as the parts are there.
std::string place(const Reason& reason) {
  std::string text = reason.instrument;
  if (!reason.clause.empty()) text += " " + reason.clause;
  if (!reason.article.empty()) text += " (" + reason.article + ")";
  return text.empty() ? text : text + ": ";
}

}  // namespace

const char* name(VerdictKind kind) {
  constexpr std::array names = {"permitted", "needs", "no-basis", "forbidden", "invalid-request"};
  return names[static_cast<std::size_t>(kind)];
}

std::string to_json(const Verdict& verdict) {
  std::string out;
  out.reserve(1024);
  out += '{';
  append_members(out, {{"verdict", name(verdict.kind)}});
  append_list(out, "basis", verdict.basis, [&](const BasisEntry& entry) {
    append_members(out, {{"instrument", entry.instrument},
                         {"clause", entry.clause},
                         {"article", entry.article},
                         {"status", entry.status}});
  });
  append_list(out, "needs", verdict.needs, [&](const NeedEntry& need) {
    append_members(out, {{"kind", need.kind}, {"what", need.what}, {"from", need.from}});
  });
  append_list(out, "reasons", verdict.reasons,
              [&](const Reason& reason) { append_reason(out, reason); });
  append_list(out, "duties", verdict.duties, [&](const Duty& duty) { append_duty(out, duty); });
  append_list(out, "advice", verdict.advice, [&](const Advice& advice) {
    append_members(out, {{"instrument", advice.instrument},
                         {"clause", advice.clause},
                         {"article", advice.article},
                         {"text", advice.text}});
  });
  append_list(out, "asserts", verdict.asserts, [&](const Assertion& assertion) {
    append_members(out, {{"what", assertion.what},
                         {"instrument", assertion.instrument},
                         {"clause", assertion.clause},
                         {"article", assertion.article}});
  });
  append_list(out, "assumed", verdict.assumed, [&](const Assumed& assumed) {
    append_members(out, {{"id", assumed.id}, {"reason", assumed.reason}});
  });
  out += ",\"register\":\"";
  out += digest_text(verdict.register_digest);
  out += "\",\"semantics\":";
  out += std::to_string(semantics_number);
  out += '}';
  return out;
}

std::string to_text(const Verdict& verdict) {
  constexpr std::array headings = {"PERMITTED", "NEEDS", "NO BASIS", "FORBIDDEN",
                                   "INVALID REQUEST"};
  std::string out = headings[static_cast<std::size_t>(verdict.kind)];
  const char* separator = " under ";
  for (const auto& entry : verdict.basis) {
    out += fmt::format("{}{} {} ({})", separator, entry.instrument, entry.article, entry.status);
    separator = "; ";
  }
  out += '\n';
  for (const auto& need : verdict.needs) {
    out += fmt::format("needs {}: {} (from {})\n", need.kind, need.what, need.from);
  }
  for (const auto& reason : verdict.reasons) {
    out += fmt::format("reason {}: {}{}\n", reason.code, place(reason), reason.what);
  }
  for (const auto& duty : verdict.duties) {
    out += fmt::format("duty: {} ({} {})", duty.what, duty.instrument, duty.article);
    if (!duty.due.empty())
      out += fmt::format(", due {}{}", duty.due, duty.overdue ? ", OVERDUE" : "");
    out += '\n';
  }
  for (const auto& advice : verdict.advice) {
    out += fmt::format("advice: {} ({} {})\n", advice.text, advice.instrument, advice.article);
  }
  for (const auto& assertion : verdict.asserts) {
    out += fmt::format("the sender asserts: {} ({} {})\n", assertion.what, assertion.instrument,
                       assertion.article);
  }
  for (const auto& assumed : verdict.assumed) {
    out += fmt::format("ASSUMED {}: {}\n", assumed.id, assumed.reason);
  }
  out += fmt::format("register {}, semantics {}\n", digest_text(verdict.register_digest),
                     semantics_number);
  return out;
}

}  // namespace comity::treaty
