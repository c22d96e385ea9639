#include "exchange/act.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "json/write.h"
#include "trust/jws.h"

namespace comity::exchange {
namespace {

constexpr std::string_view act_type = "comity-act";

// Who may sign what. An administrator keeps the machine and the list of officers; what the law of
// this node is, those say who answer for it. A duty officer may stop sharing, and no more.
struct ActRule {
  std::string_view act;
  std::array<std::string_view, 4> roles;
};
constexpr std::array<ActRule, 18> act_rules = {{
    {"officer-add", {"legal-adviser", "releasing-officer", "duty-officer", "administrator"}},
    {"officer-end", {"legal-adviser", "releasing-officer", "duty-officer", "administrator"}},
    {"verify", {"legal-adviser"}},
    {"accept", {"legal-adviser", "releasing-officer"}},
    {"enter", {"legal-adviser", "releasing-officer"}},
    {"arrange", {"legal-adviser", "releasing-officer"}},
    {"designate", {"legal-adviser", "releasing-officer"}},
    {"suspend", {"legal-adviser", "releasing-officer", "duty-officer"}},
    {"resume", {"legal-adviser", "releasing-officer"}},
    {"denounce", {"legal-adviser", "releasing-officer"}},
    {"key-change", {"administrator"}},
    {"key-renew-root", {"administrator"}},
    {"rule-add", {"releasing-officer"}},
    {"rule-end", {"releasing-officer", "duty-officer"}},
    {"outpost-add", {"legal-adviser", "releasing-officer"}},
    {"outpost-remove", {"legal-adviser", "releasing-officer", "duty-officer"}},
    {"release-discretion", {"legal-adviser", "releasing-officer"}},
    {"release-four-eyes", {"legal-adviser", "releasing-officer"}},
}};

std::string roles_of(std::string_view act) {
  std::vector<std::string_view> roles;
  for (const auto& rule : act_rules) {
    if (rule.act != act) continue;
    for (const auto role : rule.roles) {
      if (!role.empty()) roles.push_back(role);
    }
  }
  return fmt::format("{}", fmt::join(roles, " or "));
}

std::string used_key(const Approval& approval) {
  return "act:" + hex(sha256(json::canonical(approval.act)));
}

// Whether an act, which is for this node as it is now, is for this change.
Status check_change(const Act& act, std::string_view name, const json::Object& arguments) {
  if (act.name == name && act.arguments == arguments) return {};
  return fail(
      ErrorKind::NotVerified,
      fmt::format("the officers signed {} {}, and this is {} {}; sign what is to be done", act.name,
                  json::canonical(act.arguments), name, json::canonical(arguments)));
}

}  // namespace

json::Object to_json(const Act& act) {
  json::Object out;
  out.set("type", act_type);
  out.set("format", act_format);
  out.set("party", act.party);
  out.set("mode", act.mode);
  if (!act.exercise.empty()) out.set("exercise", act.exercise);
  out.set("act", act.name);
  out.set("arguments", act.arguments);
  out.set("register", digest_text(act.register_digest));
  out.set("created", format_rfc3339(act.created, 6));
  return out;
}

Result<Act> read_act(const json::Object& object) {
  const json::Value value(object);
  Act act;
  act.party = value.text("party");
  act.mode = value.text("mode");
  act.exercise = value.text("exercise");
  act.name = value.text("act");
  const auto* arguments = object.find("arguments");
  const auto digest = digest_from_text(value.text("register"));
  const auto created = parse_rfc3339(value.text("created"));
  if (arguments != nullptr && arguments->object() != nullptr && digest && created) {
    act.arguments = *arguments->object();
    act.register_digest = *digest;
    act.created = *created;
    // Written again it must be the same: no member more or less, none in another spelling.
    if (to_json(act) == object) return act;
  }
  return fail(ErrorKind::InvalidInput,
              "this is no act of format 1; expected exactly type, format, party, mode, exercise "
              "(in an exercise), act, arguments, register and created",
              "$.act");
}

json::Object to_json(const Approval& approval) {
  json::Array signatures;
  for (const auto& one : approval.signatures) {
    json::Object row;
    row.set("key", base64url(one.key));
    row.set("signature", one.signature);
    signatures.push_back(std::move(row));
  }
  json::Object out;
  out.set("act", approval.act);
  out.set("signatures", std::move(signatures));
  return out;
}

Result<Approval> read_approval(const json::Value& value) {
  const auto* act = value.find("act");
  const auto* signatures = value.find("signatures");
  if (act == nullptr || act->object() == nullptr || signatures == nullptr ||
      signatures->array() == nullptr || signatures->array()->size() != act_signatures) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("an approval has an act and exactly {} signatures", act_signatures),
                "$.approval");
  }
  Approval out;
  out.act = *act->object();
  for (const auto& row : *signatures->array()) {
    auto key = from_base64url(row.text("key"));
    if (!key || !trust::is_public_key(*key)) {
      return fail(ErrorKind::InvalidInput, "a signature names no Ed25519 key in base64url",
                  "$.approval.signatures");
    }
    out.signatures.push_back({*std::move(key), std::string(row.text("signature"))});
  }
  if (json::Value(to_json(out)) == value) return out;
  return fail(ErrorKind::InvalidInput, "an approval has other members than act and signatures",
              "$.approval");
}

Act act_for(const Node& node, std::string_view name, json::Object arguments) {
  Act act;
  act.party = node.party();
  act.mode = treaty::name(node.mode());
  act.exercise = node.exercise();
  act.name = name;
  act.arguments = std::move(arguments);
  act.register_digest = node.law()->model().digest;
  act.created = node.now();
  return act;
}

void sign_act(Approval& approval, const trust::SigningKey& key) {
  auto object = approval.act;
  trust::sign_object(object, key);
  approval.signatures.push_back({key.public_key(), *object.find("signature")->string()});
}

bool role_may_sign(std::string_view act, std::string_view role) {
  return !role.empty() && std::any_of(act_rules.begin(), act_rules.end(), [&](const ActRule& rule) {
    return rule.act == act &&
           std::find(rule.roles.begin(), rule.roles.end(), role) != rule.roles.end();
  });
}

Status check_act(const Node& node, const Act& act, Instant now) {
  if (act.party != node.party() || act.mode != treaty::name(node.mode()) ||
      act.exercise != node.exercise()) {
    return fail(ErrorKind::NotVerified,
                fmt::format("the officers signed an act of another node or mode ({} {} {}); this "
                            "is {} {} {}",
                            act.party, act.mode, act.exercise, node.party(),
                            treaty::name(node.mode()), node.exercise()));
  }
  if (act.register_digest != node.law()->model().digest) {
    return fail(ErrorKind::NotPermitted,
                "the register has changed since the officers signed; look at it and sign again");
  }
  return check_act_age(act, now);
}

Status check_act_age(const Act& act, Instant at) {
  const auto age = at.seconds() - act.created.seconds();
  if (age > act_seconds_max || age < -act_ahead_seconds_max) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("the act was written at {}, now it is {}; an act is taken for {} "
                            "seconds; sign again",
                            format_rfc3339(act.created), format_rfc3339(at), act_seconds_max));
  }
  return {};
}

Result<Officer> signer(const json::Object& object, const Act& act, const ActSignature& signature,
                       const std::vector<Officer>& all) {
  const auto officer = std::find_if(
      all.begin(), all.end(), [&](const Officer& known) { return known.key == signature.key; });
  if (officer == all.end()) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("key {} is not that of an officer of this node; comity officer list "
                            "shows them",
                            trust::key_id(signature.key)));
  }
  if (!enrolled_at(*officer, act.created)) {
    return fail(ErrorKind::NotPermitted, fmt::format("{} was no officer of this node at {}",
                                                     officer->name, format_rfc3339(act.created)));
  }
  if (!role_may_sign(act.name, officer->role)) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("{} is {}; {} is signed by two officers with the role {}",
                            officer->name, officer->role, act.name, roles_of(act.name)));
  }
  auto signed_act = object;
  signed_act.set("signature", signature.signature);
  if (auto holds = trust::verify_object(signed_act, signature.key); !holds) {
    return tl::unexpected<Error>(std::move(holds.error()).at(officer->name));
  }
  return *officer;
}

Result<std::vector<Officer>> signers(const Approval& approval, const Act& act,
                                     const std::vector<Officer>& all) {
  if (approval.signatures.size() != act_signatures) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("{} signatures; expected {} by different officers",
                            approval.signatures.size(), act_signatures));
  }
  std::vector<Officer> out;
  std::set<std::string> seen;
  for (const auto& one : approval.signatures) {
    TRY(auto officer, signer(approval.act, act, one, all));
    if (!seen.insert(one.key).second) {
      return fail(ErrorKind::NotPermitted,
                  fmt::format("{} signed twice; two different officers must sign", officer.name));
    }
    out.push_back(std::move(officer));
  }
  return out;
}

Result<std::vector<Officer>> approve(const Node& node, Change& change, std::string_view name,
                                     const json::Object& arguments,
                                     const std::optional<Approval>& approval, ApprovalNeed need,
                                     json::Object& entry) {
  if (!approval) {
    if (need == ApprovalNeed::Operational && node.mode() == treaty::Mode::Exercise) {
      return std::vector<Officer>();
    }
    return fail(ErrorKind::NotPermitted,
                fmt::format("this needs two officers with their keys (--officer FILE --officer "
                            "FILE), each with the role {}",
                            roles_of(name)));
  }
  TRY(const auto act, read_act(approval->act));
  TRY_STATUS(check_change(act, name, arguments));
  TRY_STATUS(check_act(node, act, change.at()));
  TRY(const auto all, officers(node, change.store()));
  TRY(auto out, signers(*approval, act, all));
  for (const auto& officer : out) {
    if (!enrolled_at(officer, change.at())) {
      return fail(ErrorKind::NotPermitted,
                  fmt::format("{} is no officer of this node any more", officer.name));
    }
  }
  const auto key = used_key(*approval);
  TRY(const auto used, change.store().meta(key));
  if (used) {
    return fail(ErrorKind::NotPermitted,
                fmt::format("these signatures were used at {}; an approval is good once", *used));
  }
  TRY_STATUS(change.store().set_meta(key, format_rfc3339(change.at(), 6)));
  json::Array names;
  for (const auto& officer : out) names.emplace_back(officer.name);
  entry.set("officers", std::move(names));
  entry.set("approval", to_json(*approval));
  return out;
}

}  // namespace comity::exchange
