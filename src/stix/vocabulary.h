// The open vocabularies and closed enumerations of STIX 2.1 section 10: lists of values, each with
// its own section and, when open, the check that asks for its values. Constant data, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "stix/checks.h"

namespace comity::stix {

enum class Vocabulary : std::uint8_t {
  None,
  AccountType,
  AttackMotivation,
  AttackResourceLevel,
  EncryptionAlgorithm,
  ExtensionType,
  GroupingContext,
  HashAlgorithm,
  IdentityClass,
  ImplementationLanguage,
  IndicatorType,
  IndustrySector,
  InfrastructureType,
  MalwareResult,
  MalwareCapabilities,
  MalwareType,
  NetworkSocketAddressFamily,
  NetworkSocketType,
  Opinion,
  PatternType,
  ProcessorArchitecture,
  Region,
  ReportType,
  ThreatActorType,
  ThreatActorRole,
  ThreatActorSophistication,
  ToolType,
  WindowsIntegrityLevel,
  WindowsPebinaryType,
  WindowsRegistryDatatype,
  WindowsServiceStartType,
  WindowsServiceType,
  WindowsServiceStatus,
};

struct VocabularyList {
  Vocabulary id;
  std::string_view name;     // "attack-motivation-ov"
  std::string_view section;  // of STIX 2.1
  CheckId check;             // CheckId::Enum when the list is closed
  std::string_view values;   // sorted, one blank between two
};

// All but None, in the order of the standard.
std::span<const VocabularyList> vocabularies();
const VocabularyList& vocabulary(Vocabulary id);

// Whether `word` is one of the words of `list`, between which one blank stands.
bool has_word(std::string_view list, std::string_view word);

}  // namespace comity::stix
