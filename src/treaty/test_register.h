// A small good register as files, for tests and fuzz targets only.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "treaty/register.h"

namespace comity::treaty::test {

// The agreement of the good register, whose file tests change.
inline const std::string treaty_file = "instruments/bilateral/xa-xb-2024.toml";

// The model of a register that must be good.
inline std::shared_ptr<const Model> loaded(const RegisterFiles& files) {
  const auto model = load_register(files, std::nullopt);
  if (!model) throw std::runtime_error(as_error(model.error()).message);
  return *model;
}

// What is said of a register that is not; "" of a good one.
inline std::string problems_of(const RegisterFiles& files) {
  const auto model = load_register(files, std::nullopt);
  return model ? "" : as_error(model.error()).message;
}

inline RegisterFiles good_register() {
  RegisterFiles files;
  files["vocabulary.toml"] =
      R"(actions = ["share", "onward", "use", "request", "assist", "mitigate", "preserve",
  "disclose", "notify", "consult", "ping", "report", "refuse", "withdraw"]
classes = ["indicator", "content-data", "state-secret", "traffic-data", "subscriber-data"]
areas = ["threat-information", "evidence", "content"]
purposes = ["warning", "defence-of-systems"]
roles = ["law-enforcement", "private-owner", "research"]
[[fact]]
id = "rights-record"
judgement = false
says = "The record of the rights review."
[[fact]]
id = "court-order"
judgement = false
says = "A court has ordered it."
[[fact]]
id = "poc-data-notified"
judgement = false
says = "The contact data were notified."
[[fact]]
id = "prejudice-national-interest"
judgement = true
says = "The sender finds its interests prejudiced."
)";
  files["parties.toml"] = R"([[party]]
code = "XB"
name = "Beta"
kind = "invented"
[[party]]
code = "XA"
name = "Alpha"
kind = "invented"
[[party]]
code = "UNION"
name = "The Union"
kind = "organisation"
[[party]]
code = "XC"
name = "Gamma"
kind = "invented"
)";
  files["classification.toml"] = R"([types]
indicator = ["indicator", "file"]
content-data = ["artifact"]
[none]
types = ["identity"]
[[rule]]
type = "relationship"
ends = true
)";
  files["families.toml"] = R"([[family]]
id = "naming"
says = "Each party names its bodies."
open = ["within_days", "via"]
may = ["area"]
head = ["languages"]
[family.fixes]
verb = "require"
action = "notify"
info = ["indicator"]
)";
  files["instruments/bilateral/xa-xb-2024.toml"] = R"([instrument]
id = "xa-xb-2024"
title.en = "Agreement of Alpha and Beta"
title.fr = "Accord"
form = "agreement"
category = "intergovernmental"
binding = "binding"
level_claims = [{ level = "bilateral", by = "atlas", source = "S" }]
signed = 2024-03-01
signed_provenance = "X"
languages = ["en", "zh-Hans"]
provenance = "X"
verification = "unverified"
[[party]]
code = "XB"
in_force = "2024-06"
provenance = "F8 K:l"
verification = "checked-by-1"
[[party]]
code = "XA"
in_force = 2024-06-01
until = "2030"
provenance = "X"
verification = "unverified"
[[clause]]
id = "a3"
article = "Art. 3"
status = "unverified"
provenance = "X"
says = "The parties exchange indicators."
verb = "permit"
action = ["share", "use"]
between = "parties"
designated = "from"
to_roles = ["law-enforcement"]
info = ["indicator"]
area = ["threat-information"]
purpose = "any"
handling_max = "amber+strict"
needs = ["arrangement:format", "human", "rights-record", "court-order"]
[[clause]]
id = "a4"
article = "Art. 4"
status = "unverified"
provenance = "X"
verb = "forbid"
action = "onward"
to = "third-parties"
scope = "origin"
except = "consent"
when = "prejudice-national-interest"
see = ["soft-2015"]
[[clause]]
id = "a5"
article = "Art. 5"
status = "unverified"
provenance = "X"
verb = "require"
action = "notify"
from = ["XA", "UNION"]
on = ["share"]
within_days = 60
via = "diplomatic-channel"
)";
  files["instruments/global/soft-2015.toml"] = R"([instrument]
id = "soft-2015"
title.en = "Report"
form = "report"
category = "organisational"
binding = "soft"
level_claims = [{ level = "global", by = "atlas", source = "F12" }]
provenance = "F12"
addressees = "all-states"
verification = "verified-by-2"
[[clause]]
id = "p13"
article = "para. 13"
status = "unverified"
provenance = "F12"
verb = "advise"
action = "report"
note = "Report weaknesses."
)";
  files["arrangements/xa.toml"] = R"([[arrangement]]
id = "xa-xb-format"
instrument = "xa-xb-2024"
kind = "format"
parties = ["XA", "XB"]
in_force = 2024-07-01
provenance = "X"
)";
  files["designations/xa.toml"] = R"([[designation]]
instrument = "xa-xb-2024"
party = "XA"
body = "XA-CERT"
role = "law-enforcement"
areas = ["threat-information"]
provenance = "X"
)";
  files["exercises/demo.toml"] = R"([[assume]]
id = "date-xb"
reason = "The month is known and the day is not."
party = { instrument = "xa-xb-2024", code = "XB", in_force = 2024-06-15 }
[[assume]]
id = "joins-xc"
reason = "Gamma plays a party."
party = { instrument = "xa-xb-2024", code = "XC", status = "party", in_force = 2024-06-20 }
[[assume]]
id = "analogy"
reason = "By analogy to Art. 3."
[assume.clause]
instrument = "xa-xb-2024"
id = "a3-analogy"
article = "Art. 3"
verb = "permit"
action = "onward"
info = "any"
area = ["any"]
purpose = ["warning"]
[[assume]]
id = "agreed"
reason = "The players agreed."
arrangement = { id = "xa-xc", instrument = "xa-xb-2024", kind = "format", parties = ["XA", "XC"] }
[[assume]]
id = "body"
reason = "The body is invented."
designation = { instrument = "xa-xb-2024", party = "XB", body = "XB-CERT", since = "2024" }
)";
  return files;
}

}  // namespace comity::treaty::test
