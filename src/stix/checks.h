// The checks of the STIX 2.1 validator: one row of a table for each, from which docs/stix-checks.md
// is made, and the choice among them.
//
// A check of level Must always runs and decides. One of level Should runs unless it is left out,
// and decides under `strict`. A Note is told and decides nothing, unless it is named in `enabled`:
// then it counts as a Should. A check of level Asked runs when its option is set, and decides.
// Names and numbers of the Should checks are those that validators of STIX are called with today.
// Constant data and plain values: any thread.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace comity::stix {

enum class Level : std::uint8_t { Must, Should, Note, Asked };

// In the order of the table.
enum class CheckId : std::uint8_t {
  Json,
  Type,
  Required,
  TypeName,
  Id,
  SpecVersion,
  PropertyName,
  Reserved,
  Timestamp,
  TimestampMillis,
  TimeOrder,
  Identifier,
  ReferenceType,
  List,
  Enum,
  Range,
  DictionaryKeys,
  Hashes,
  Hex,
  Binary,
  ExternalReference,
  Value,
  LanguageTag,
  Properties,
  ScoIdV4,
  Selectors,
  MarkingCircular,
  MarkingDefinition,
  TlpDefinition,
  Extension,
  Bundle,
  Pattern,
  Versions,
  LanguageContent,
  CustomPrefix,
  CustomPrefixLax,
  UuidCheck,
  OpenVocabFormat,
  KillChainNames,
  ObservableObjectKeys,
  ObservableDictionaryKeys,
  MalwareAnalysisProduct,
  WindowsProcessPriorityFormat,
  HashLength,
  MarkingDefinitionType,
  RelationshipTypes,
  DuplicateIds,
  AttackMotivation,
  AttackResourceLevel,
  IdentityClass,
  IndicatorTypes,
  IndustrySector,
  MalwareTypes,
  ReportTypes,
  ThreatActorTypes,
  ThreatActorRole,
  ThreatActorSophistication,
  ToolTypes,
  Region,
  GroupingContext,
  ImplementationLanguages,
  InfrastructureTypes,
  MalwareCapabilities,
  ProcessorArchitecture,
  MalwareResult,
  HashAlgo,
  WindowsPebinaryType,
  AccountType,
  IndicatorPatternTypes,
  MimeType,
  Protocols,
  Ipfix,
  HttpRequestHeaders,
  SocketOptions,
  PdfDocInfo,
  Countries,
  NetworkTrafficPorts,
  ExtrefHashes,
  IndicatorProperties,
  DeprecatedProperties,
  ExtensionDescription,
  ExtensionProperties,
  ExtensionsUse,
  ReferenceUuid,
  CreatedByIdentity,
  DeterministicId,
  Stix20Object,
  StrictTypes,
  StrictProperties,
  EnforceRefs,
};

struct Check {
  CheckId id;
  Level level;
  int number;  // as in `enabled` and `disabled`, instead of the name; 0: it has none
  std::string_view name;
  std::string_view section;  // of STIX 2.1; a finding may name a closer one
  std::string_view text;     // what it asks for
};

std::span<const Check> checks();
const Check& check(CheckId id);

// "must", "should", "note", "asked".
std::string_view name(Level level);

// A name that stands for all checks whose number begins or lies as stated.
struct CheckGroup {
  std::string_view name;
  int number;  // 0: it has none
  int first, last;
};
std::span<const CheckGroup> check_groups();

struct ValidateOptions {
  bool strict = false;             // Should decides
  bool strict_types = false;       // no types but those of the standard
  bool strict_properties = false;  // no properties but those of the standard
  bool enforce_refs = false;       // the ends of relationships stand in the same bundle
  // Names or numbers of checks and groups. With any enabled, no other Should runs; what is in both
  // lists runs.
  std::vector<std::string> enabled, disabled;
};

// Which checks run and which decide.
class Selection {
 public:
  // Fails on a name that is no check and no group, and on a Must in `disabled`.
  static Result<Selection> of(const ValidateOptions& options);

  // Those rows of the table that `chosen` takes: they run and decide.
  template <typename Chosen>
  static Selection only(Chosen chosen) {
    Selection out;
    for (const auto& row : checks()) {
      if (!chosen(row)) continue;
      out.runs_.set(static_cast<std::size_t>(row.id));
      out.decides_.set(static_cast<std::size_t>(row.id));
    }
    return out;
  }

  bool runs(CheckId id) const { return runs_[static_cast<std::size_t>(id)]; }
  bool decides(CheckId id) const { return decides_[static_cast<std::size_t>(id)]; }

 private:
  static constexpr std::size_t count = 128;
  std::bitset<count> runs_, decides_;
};

}  // namespace comity::stix
