// What a register says beside law: the bodies and initiatives around the instruments, the norms of
// the United Nations, confidence-building measures, threats and how they map to technical terms,
// and the sources of its facts. None of it is ever a basis: the engines do not read it. Plain data,
// immutable once loaded. The form is docs/formats/register.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace comity::treaty {

// Where a fact comes from: what a provenance mark like F12 stands for.
struct Source {
  std::string id, says;
};

struct Body {
  std::string id, name, kind;
  std::string instrument;            // that set it up or names it; empty: not known
  std::string organisation;          // party code; empty: of none
  std::vector<std::string> parties;  // codes of those who take part, as far as known
  std::vector<std::string> aliases;
  std::string since;  // as written; empty: not known
  std::string provenance, note;
};

// One rule or norm of one list. Lists are never merged: see Crosswalk.
struct Norm {
  std::string id, instrument, number, says, provenance, number_provenance;
  std::string alone;  // why it has no counterpart; empty: the crosswalk has one
};

// `norm` of one list beside `other` of another: the same, wider or narrower than it.
struct Crosswalk {
  std::string norm, relation, other, provenance;
};

struct Measure {
  std::string id, instrument, number, says, provenance;
  std::vector<std::string> also_in;  // instruments that have it under the same number
  std::vector<std::string> kinds;
  std::uint64_t areas = 0;
};

// One entry of one list of threats, and the mapping that it falls under.
struct Threat {
  std::string id, list, number, says, mapping, provenance;
};

// A threat in three facets: the intent, which no program proves; the technical facet, which alone
// can be exchanged; and the content, which stays behind the rights gate.
struct ThreatMapping {
  std::string id, says, intent, content, provenance;
  std::vector<std::string> rsit;  // class:type, or class:* for the whole class
  std::vector<std::string> stix;  // object types
};

struct Context {
  std::vector<Source> sources;
  std::vector<Body> bodies;
  std::vector<Norm> norms;
  std::vector<Crosswalk> crosswalk;
  std::vector<Measure> measures;
  std::vector<Threat> threats;
  std::vector<ThreatMapping> mappings;
  std::string taxonomy_version;  // of the RSIT list in threats.toml
};

}  // namespace comity::treaty
