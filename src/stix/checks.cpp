#include "stix/checks.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace comity::stix {
namespace {

constexpr auto check_table = [] {
  using enum CheckId;
  using enum Level;
  return std::to_array<Check>({
      {Json, Must, 0, "json", "1.6",
       "the text is strict JSON: UTF-8, no name twice, within bounds"},
      {Type, Must, 0, "type", "2", "a property has the data type of its definition"},
      {Required, Must, 0, "required", "3.2", "a required property is there"},
      {TypeName, Must, 0, "type-name", "3.1",
       "a type is 3 to 250 of a-z, 0-9 and single hyphens, and begins with a letter"},
      {Id, Must, 0, "id", "2.9", "the own id is the type, -- and a UUID"},
      {SpecVersion, Must, 0, "spec-version", "3.2", "spec_version is 2.1 (or 2.0 within a bundle)"},
      {PropertyName, Must, 0, "property-name", "3.1",
       "a property name is 3 to 250 of a-z, 0-9, _, and begins with a letter"},
      {Reserved, Must, 0, "reserved", "3.8", "a reserved name is not used"},
      {Timestamp, Must, 0, "timestamp", "2.16", "a timestamp is RFC 3339 in UTC with T and Z"},
      {TimestampMillis, Must, 0, "timestamp-millis", "3.2",
       "created and modified are precise to the millisecond"},
      {TimeOrder, Must, 0, "time-order", "3.2", "what begins does not end before"},
      {Identifier, Must, 0, "identifier", "2.9",
       "a reference is a type name and -- before the UUID"},
      {ReferenceType, Must, 0, "reference-type", "2.9",
       "a reference names a type it may name, and a relationship no relationship or marking"},
      {List, Must, 0, "list", "2.12", "a list has an item, and every item the type of the list"},
      {Enum, Must, 0, "enum", "2.4", "a value is one of a closed enumeration"},
      {Range, Must, 0, "range", "2.10", "a number lies in its range"},
      {DictionaryKeys, Must, 0, "dictionary-keys", "2.3",
       "a dictionary has an entry, and keys of 1 to 250 of a-z, A-Z, 0-9, - and _"},
      {Hashes, Must, 0, "hashes", "2.7", "a hash has the form of its algorithm"},
      {Hex, Must, 0, "hex", "2.8", "hex is an even number of hexadecimal digits"},
      {Binary, Must, 0, "binary", "2.1", "binary is base64 of RFC 4648"},
      {ExternalReference, Must, 0, "external-reference", "2.5",
       "an external reference has more than its source; CVE and CAPEC ids have their form"},
      {Value, Must, 0, "value", "6", "an address, URL or the like has its form"},
      {LanguageTag, Must, 0, "language-tag", "3.2", "a language is a tag of RFC 5646"},
      {Properties, Must, 0, "properties", "4", "properties that need or exclude each other do"},
      {ScoIdV4, Must, 0, "sco-id-v4", "2.9",
       "a process, or an SCO without contributing property, has a UUIDv4"},
      {Selectors, Must, 0, "selectors", "7.2.3", "a selector points at something in the object"},
      {MarkingCircular, Must, 0, "marking-circular", "7.2", "a marking does not mark itself"},
      {MarkingDefinition, Must, 0, "marking-definition", "7.2.1",
       "a marking definition defines something, by definition or by an extension"},
      {TlpDefinition, Must, 0, "tlp-definition", "7.2.1.4",
       "a definition of TLP is one of the four of the standard, as they stand"},
      {Extension, Must, 0, "extension", "7.3",
       "an extension has its kind, and a new type carries one"},
      {Bundle, Must, 0, "bundle", "8", "a bundle holds STIX objects"},
      {Pattern, Must, 0, "pattern", "9",
       "the pattern of an indicator of type stix follows the grammar, has a qualifier once and "
       "hashes of the form of their algorithm"},
      {Versions, Must, 0, "versions", "3.6",
       "versions of one object in a bundle have one creator and one created, and none is later "
       "than "
       "one that is revoked"},
      {LanguageContent, Must, 0, "language-content", "7.1",
       "a translation has the form of the original, where that is in the bundle"},
      {CustomPrefix, Should, 101, "custom-prefix", "11.1",
       "custom names are x-, a source and a name; runs when extensions-use is left out or this is "
       "named"},
      {CustomPrefixLax, Should, 102, "custom-prefix-lax", "11.1",
       "custom names begin with x-; runs when extensions-use and custom-prefix are left out or "
       "this "
       "is named"},
      {UuidCheck, Should, 103, "uuid-check", "2.9", "an SCO has a UUIDv5, all else a UUIDv4"},
      {OpenVocabFormat, Should, 111, "open-vocab-format", "2.14",
       "values of open vocabularies are lower case, with hyphens"},
      {KillChainNames, Should, 121, "kill-chain-names", "2.11",
       "names of kill chains and phases are lower case, with hyphens"},
      {ObservableObjectKeys, Should, 141, "observable-object-keys", "2.9",
       "keys of the deprecated objects are whole numbers"},
      {ObservableDictionaryKeys, Should, 142, "observable-dictionary-keys", "2.3",
       "dictionary keys of SCOs are lower case"},
      {MalwareAnalysisProduct, Should, 143, "malware-analysis-product", "4.12",
       "the product is lower case, with hyphens"},
      {WindowsProcessPriorityFormat, Should, 149, "windows-process-priority-format", "6.13.2",
       "a priority ends in _CLASS"},
      {HashLength, Should, 150, "hash-length", "2.7", "names of hash algorithms have at most 30"},
      {MarkingDefinitionType, Should, 201, "marking-definition-type", "7.2.1",
       "a definition_type is tlp or statement"},
      {RelationshipTypes, Should, 202, "relationship-types", "5.1",
       "a relationship is one that the standard suggests between these types"},
      {DuplicateIds, Should, 203, "duplicate-ids", "3.6",
       "no version of an object stands twice in a bundle"},
      {AttackMotivation, Should, 211, "attack-motivation", "10.2", "attack-motivation-ov"},
      {AttackResourceLevel, Should, 212, "attack-resource-level", "10.3",
       "attack-resource-level-ov"},
      {IdentityClass, Should, 213, "identity-class", "10.8", "identity-class-ov"},
      {IndicatorTypes, Should, 214, "indicator-types", "10.10", "indicator-type-ov"},
      {IndustrySector, Should, 215, "industry-sector", "10.11", "industry-sector-ov"},
      {MalwareTypes, Should, 216, "malware-types", "10.15", "malware-type-ov"},
      {ReportTypes, Should, 218, "report-types", "10.22", "report-type-ov"},
      {ThreatActorTypes, Should, 219, "threat-actor-types", "10.23", "threat-actor-type-ov"},
      {ThreatActorRole, Should, 220, "threat-actor-role", "10.24", "threat-actor-role-ov"},
      {ThreatActorSophistication, Should, 221, "threat-actor-sophistication", "10.25",
       "threat-actor-sophistication-ov"},
      {ToolTypes, Should, 222, "tool-types", "10.26", "tool-type-ov"},
      {Region, Should, 223, "region", "10.21", "region-ov"},
      {GroupingContext, Should, 225, "grouping-context", "10.6", "grouping-context-ov"},
      {ImplementationLanguages, Should, 226, "implementation-languages", "10.9",
       "implementation-language-ov"},
      {InfrastructureTypes, Should, 227, "infrastructure-types", "10.12", "infrastructure-type-ov"},
      {MalwareCapabilities, Should, 228, "malware-capabilities", "10.14",
       "malware-capabilities-ov"},
      {ProcessorArchitecture, Should, 230, "processor-architecture", "10.20",
       "processor-architecture-ov"},
      {MalwareResult, Should, 231, "malware-result", "10.13", "malware-result-ov"},
      {HashAlgo, Should, 241, "hash-algo", "10.7", "hash-algorithm-ov, or a name with x_"},
      {WindowsPebinaryType, Should, 243, "windows-pebinary-type", "10.28",
       "windows-pebinary-type-ov"},
      {AccountType, Should, 244, "account-type", "10.1", "account-type-ov"},
      {IndicatorPatternTypes, Should, 245, "indicator-pattern-types", "10.19", "pattern-type-ov"},
      {MimeType, Should, 271, "mime-type", "6", "a media type has a registered top-level type"},
      {Protocols, Should, 272, "protocols", "6.12",
       "a protocol has the form of a service name (RFC 6335), and that of an extension is listed"},
      {Ipfix, Should, 273, "ipfix", "6.12", "an IPFIX element has the form of the IANA registry"},
      {HttpRequestHeaders, Should, 274, "http-request-headers", "6.12.2",
       "a request header is a field name of HTTP (RFC 9110)"},
      {SocketOptions, Should, 275, "socket-options", "6.12.4",
       "a socket option is a name of a known kind (SO_, IP_, TCP_ …)"},
      {PdfDocInfo, Should, 276, "pdf-doc-info", "6.7.4",
       "an entry of document information is one of PDF (ISO 32000)"},
      {Countries, Should, 277, "countries", "4.10", "a country is a code of ISO 3166-1 alpha-2"},
      {NetworkTrafficPorts, Should, 301, "network-traffic-ports", "6.12",
       "the ports of both ends are there"},
      {ExtrefHashes, Should, 302, "extref-hashes", "2.5",
       "an external reference with url has hashes"},
      {IndicatorProperties, Should, 303, "indicator-properties", "4.7",
       "an indicator has name and description"},
      {DeprecatedProperties, Should, 304, "deprecated-properties", "4.14",
       "deprecated properties are not used"},
      {ExtensionDescription, Should, 305, "extension-description", "7.3",
       "an extension definition has a description"},
      {ExtensionProperties, Should, 306, "extension-properties", "7.3",
       "a definition of toplevel properties lists them"},
      {ExtensionsUse, Should, 401, "extensions-use", "11",
       "what is custom comes by an extension definition"},
      {ReferenceUuid, Note, 0, "reference-uuid", "2.9", "the UUID of a reference is well formed"},
      {CreatedByIdentity, Note, 0, "created-by-identity", "3.2",
       "created_by_ref names an identity"},
      {DeterministicId, Note, 0, "deterministic-id", "2.9",
       "the UUIDv5 of an SCO is that of its contributing properties"},
      {Stix20Object, Note, 0, "stix-2.0-object", "3.2",
       "an object of STIX 2.0 in a bundle is judged by its identity and times alone"},
      {StrictTypes, Asked, 0, "strict-types", "11.2", "no type is custom (strict_types)"},
      {StrictProperties, Asked, 0, "strict-properties", "11.1",
       "no property is custom (strict_properties)"},
      {EnforceRefs, Asked, 0, "enforce-refs", "8",
       "the ends of every relationship stand in the bundle (enforce_refs)"},
  });
}();

static_assert([] {
  for (std::size_t i = 0; i < check_table.size(); ++i) {
    if (static_cast<std::size_t>(check_table[i].id) != i) return false;
  }
  return check_table.size() <= 128;
}());

constexpr auto group_table = std::to_array<CheckGroup>({
    {"all", 0, 101, 499},
    {"format-checks", 1, 101, 199},
    {"approved-values", 2, 201, 299},
    {"all-vocabs", 210, 211, 249},
    {"all-external-sources", 270, 271, 279},
});

using NamedChecks = std::bitset<128>;

Status add_named(NamedChecks& into, std::string_view word) {
  int number = -1;
  const auto* const end = word.data() + word.size();
  if (const auto [at, error] = std::from_chars(word.data(), end, number);
      error != std::errc() || at != end) {
    number = -1;
  }
  const auto is = [&](std::string_view name, int own) {
    return word == name || (own != 0 && own == number);
  };
  bool found = false;
  for (const auto& group : group_table) {
    if (!is(group.name, group.number)) continue;
    found = true;
    for (const auto& row : check_table) {
      if (row.number >= group.first && row.number <= group.last) {
        into.set(static_cast<std::size_t>(row.id));
      }
    }
  }
  for (const auto& row : check_table) {
    if (!is(row.name, row.number)) continue;
    found = true;
    into.set(static_cast<std::size_t>(row.id));
  }
  if (found) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("'{}' is no check; docs/stix-checks.md lists them", word.substr(0, 80)));
}

Result<NamedChecks> named_checks(const std::vector<std::string>& words, const char* option) {
  NamedChecks out;
  for (const auto& word : words) {
    if (auto status = add_named(out, word); !status) {
      return tl::unexpected<Error>(std::move(status.error()).at(option));
    }
  }
  return out;
}

}  // namespace

std::span<const Check> checks() { return check_table; }

const Check& check(CheckId id) { return check_table[static_cast<std::size_t>(id)]; }

std::string_view name(Level level) {
  constexpr std::array<std::string_view, 4> names = {"must", "should", "note", "asked"};
  return names[static_cast<std::size_t>(level)];
}

std::span<const CheckGroup> check_groups() { return group_table; }

Result<Selection> Selection::of(const ValidateOptions& options) {
  using enum CheckId;
  using enum Level;
  TRY(const auto enabled, named_checks(options.enabled, "enabled"));
  TRY(const auto disabled, named_checks(options.disabled, "disabled"));
  Selection out;
  const auto in = [](const NamedChecks& names, CheckId id) {
    return names[static_cast<std::size_t>(id)];
  };
  const bool only_named = !options.enabled.empty();
  for (const auto& row : check_table) {
    const auto i = static_cast<std::size_t>(row.id);
    const bool named = in(enabled, row.id);
    switch (row.level) {
      case Must:
        if (in(disabled, row.id)) {
          return fail(ErrorKind::InvalidInput,
                      fmt::format("'{}' is a MUST of the standard and always runs", row.name),
                      "disabled");
        }
        out.runs_[i] = out.decides_[i] = true;
        break;
      case Should:
        out.runs_[i] = named || (!only_named && !in(disabled, row.id));
        out.decides_[i] = out.runs_[i] && options.strict;
        break;
      case Note:
        out.runs_[i] = named || !in(disabled, row.id);
        out.decides_[i] = named && options.strict;
        break;
      case Asked:
        out.runs_[i] = out.decides_[i] =
            (row.id == StrictTypes && options.strict_types) ||
            (row.id == StrictProperties && options.strict_properties) ||
            (row.id == EnforceRefs && options.enforce_refs);
        break;
    }
  }
  // Custom names are judged once: as extensions, else by the long prefix, else by the short one.
  const auto stand_back = [&](CheckId id) {
    if (in(enabled, id)) return;
    out.runs_[static_cast<std::size_t>(id)] = out.decides_[static_cast<std::size_t>(id)] = false;
  };
  if (out.runs(ExtensionsUse)) {
    stand_back(CustomPrefix);
    stand_back(CustomPrefixLax);
  } else if (out.runs(CustomPrefix)) {
    stand_back(CustomPrefixLax);
  }
  return out;
}

}  // namespace comity::stix
