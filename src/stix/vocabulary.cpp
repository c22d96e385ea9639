#include "stix/vocabulary.h"

#include <array>

namespace comity::stix {
namespace {

constexpr auto vocabulary_table = std::to_array<VocabularyList>({
    {Vocabulary::AccountType, "account-type-ov", "10.1", CheckId::AccountType,
     "facebook ldap nis openid radius skype tacacs twitter unix windows-domain "
     "windows-local"},
    {Vocabulary::AttackMotivation, "attack-motivation-ov", "10.2", CheckId::AttackMotivation,
     "accidental coercion dominance ideology notoriety organizational-gain personal-gain "
     "personal-satisfaction revenge unpredictable"},
    {Vocabulary::AttackResourceLevel, "attack-resource-level-ov", "10.3",
     CheckId::AttackResourceLevel, "club contest government individual organization team"},
    {Vocabulary::EncryptionAlgorithm, "encryption-algorithm-enum", "10.4", CheckId::Enum,
     "AES-256-GCM ChaCha20-Poly1305 mime-type-indicated"},
    {Vocabulary::ExtensionType, "extension-type-enum", "10.5", CheckId::Enum,
     "new-sco new-sdo new-sro property-extension toplevel-property-extension"},
    {Vocabulary::GroupingContext, "grouping-context-ov", "10.6", CheckId::GroupingContext,
     "malware-analysis suspicious-activity unspecified"},
    {Vocabulary::HashAlgorithm, "hash-algorithm-ov", "10.7", CheckId::HashAlgo,
     "MD5 SHA-1 SHA-256 SHA-512 SHA3-256 SHA3-512 SSDEEP TLSH"},
    {Vocabulary::IdentityClass, "identity-class-ov", "10.8", CheckId::IdentityClass,
     "class group individual organization system unknown"},
    {Vocabulary::ImplementationLanguage, "implementation-language-ov", "10.9",
     CheckId::ImplementationLanguages,
     "applescript bash c c# c++ go java javascript lua objective-c perl php powershell "
     "python ruby scala swift typescript visual-basic x86-32 x86-64"},
    {Vocabulary::IndicatorType, "indicator-type-ov", "10.10", CheckId::IndicatorTypes,
     "anomalous-activity anonymization attribution benign compromised malicious-activity "
     "unknown"},
    {Vocabulary::IndustrySector, "industry-sector-ov", "10.11", CheckId::IndustrySector,
     "aerospace agriculture automotive chemical commercial communications construction "
     "dams defense education emergency-services energy entertainment financial-services "
     "government government-local government-national government-public-services "
     "government-regional healthcare hospitality-leisure infrastructure insurance "
     "manufacturing mining non-profit nuclear pharmaceuticals retail technology "
     "telecommunications transportation utilities water"},
    {Vocabulary::InfrastructureType, "infrastructure-type-ov", "10.12",
     CheckId::InfrastructureTypes,
     "amplification anonymization botnet command-and-control control-system exfiltration "
     "firewall hosting-malware hosting-target-lists phishing reconnaissance "
     "routers-switches staging unknown workstation"},
    {Vocabulary::MalwareResult, "malware-result-ov", "10.13", CheckId::MalwareResult,
     "benign malicious suspicious unknown"},
    {Vocabulary::MalwareCapabilities, "malware-capabilities-ov", "10.14",
     CheckId::MalwareCapabilities,
     "accesses-remote-machines anti-debugging anti-disassembly anti-emulation "
     "anti-memory-forensics anti-sandbox anti-vm captures-input-peripherals "
     "captures-output-peripherals captures-system-state-data cleans-traces-of-infection "
     "commits-fraud communicates-with-c2 compromises-data-availability "
     "compromises-data-integrity compromises-system-availability controls-local-machine "
     "degrades-security-software degrades-system-updates determines-c2-server "
     "emails-spam escalates-privileges evades-av exfiltrates-data fingerprints-host "
     "hides-artifacts hides-executing-code infects-files infects-remote-machines "
     "installs-other-components persists-after-system-reboot prevents-artifact-access "
     "prevents-artifact-deletion probes-network-environment self-modifies "
     "steals-authentication-credentials violates-system-operational-integrity"},
    {Vocabulary::MalwareType, "malware-type-ov", "10.15", CheckId::MalwareTypes,
     "adware backdoor bootkit bot ddos downloader dropper exploit-kit keylogger "
     "ransomware remote-access-trojan resource-exploitation rogue-security-software "
     "rootkit screen-capture spyware trojan unknown virus webshell wiper worm"},
    {Vocabulary::NetworkSocketAddressFamily, "network-socket-address-family-enum", "10.16",
     CheckId::Enum, "AF_APPLETALK AF_BTH AF_INET AF_INET6 AF_IPX AF_IRDA AF_NETBIOS AF_UNSPEC"},
    {Vocabulary::NetworkSocketType, "network-socket-type-enum", "10.17", CheckId::Enum,
     "SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_STREAM"},
    {Vocabulary::Opinion, "opinion-enum", "10.18", CheckId::Enum,
     "agree disagree neutral strongly-agree strongly-disagree"},
    {Vocabulary::PatternType, "pattern-type-ov", "10.19", CheckId::IndicatorPatternTypes,
     "pcre sigma snort stix suricata yara"},
    {Vocabulary::ProcessorArchitecture, "processor-architecture-ov", "10.20",
     CheckId::ProcessorArchitecture, "alpha arm ia-64 mips powerpc sparc x86 x86-64"},
    {Vocabulary::Region, "region-ov", "10.21", CheckId::Region,
     "africa americas antarctica asia australia-new-zealand caribbean central-america "
     "central-asia eastern-africa eastern-asia eastern-europe europe "
     "latin-america-caribbean melanesia micronesia middle-africa northern-africa "
     "northern-america northern-europe oceania polynesia south-america "
     "south-eastern-asia southern-africa southern-asia southern-europe western-africa "
     "western-asia western-europe"},
    {Vocabulary::ReportType, "report-type-ov", "10.22", CheckId::ReportTypes,
     "attack-pattern campaign identity indicator intrusion-set malware observed-data "
     "threat-actor threat-report tool vulnerability"},
    {Vocabulary::ThreatActorType, "threat-actor-type-ov", "10.23", CheckId::ThreatActorTypes,
     "activist competitor crime-syndicate criminal hacker insider-accidental "
     "insider-disgruntled nation-state sensationalist spy terrorist unknown"},
    {Vocabulary::ThreatActorRole, "threat-actor-role-ov", "10.24", CheckId::ThreatActorRole,
     "agent director independent infrastructure-architect infrastructure-operator "
     "malware-author sponsor"},
    {Vocabulary::ThreatActorSophistication, "threat-actor-sophistication-ov", "10.25",
     CheckId::ThreatActorSophistication,
     "advanced expert innovator intermediate minimal none strategic"},
    {Vocabulary::ToolType, "tool-type-ov", "10.26", CheckId::ToolTypes,
     "credential-exploitation denial-of-service exploitation information-gathering "
     "network-capture remote-access unknown vulnerability-scanning"},
    {Vocabulary::WindowsIntegrityLevel, "windows-integrity-level-enum", "10.27", CheckId::Enum,
     "high low medium system"},
    {Vocabulary::WindowsPebinaryType, "windows-pebinary-type-ov", "10.28",
     CheckId::WindowsPebinaryType, "dll exe sys"},
    {Vocabulary::WindowsRegistryDatatype, "windows-registry-datatype-enum", "10.29", CheckId::Enum,
     "REG_BINARY REG_DWORD REG_DWORD_BIG_ENDIAN REG_DWORD_LITTLE_ENDIAN REG_EXPAND_SZ "
     "REG_FULL_RESOURCE_DESCRIPTION REG_INVALID_TYPE REG_LINK REG_MULTI_SZ REG_NONE "
     "REG_QWORD REG_RESOURCE_LIST REG_RESOURCE_REQUIREMENTS_LIST REG_SZ"},
    {Vocabulary::WindowsServiceStartType, "windows-service-start-type-enum", "10.30", CheckId::Enum,
     "SERVICE_AUTO_START SERVICE_BOOT_START SERVICE_DEMAND_START SERVICE_DISABLED "
     "SERVICE_SYSTEM_ALERT"},
    {Vocabulary::WindowsServiceType, "windows-service-type-enum", "10.31", CheckId::Enum,
     "SERVICE_FILE_SYSTEM_DRIVER SERVICE_KERNEL_DRIVER SERVICE_WIN32_OWN_PROCESS "
     "SERVICE_WIN32_SHARE_PROCESS"},
    {Vocabulary::WindowsServiceStatus, "windows-service-status-enum", "10.32", CheckId::Enum,
     "SERVICE_CONTINUE_PENDING SERVICE_PAUSED SERVICE_PAUSE_PENDING SERVICE_RUNNING "
     "SERVICE_START_PENDING SERVICE_STOPPED SERVICE_STOP_PENDING"},
});

static_assert([] {
  for (std::size_t i = 0; i < vocabulary_table.size(); ++i) {
    if (static_cast<std::size_t>(vocabulary_table[i].id) != i + 1) return false;
  }
  return true;
}());

}  // namespace

std::span<const VocabularyList> vocabularies() { return vocabulary_table; }

const VocabularyList& vocabulary(Vocabulary id) {
  CHECK(id != Vocabulary::None);
  return vocabulary_table[static_cast<std::size_t>(id) - 1];
}

bool has_word(std::string_view list, std::string_view word) {
  if (word.empty()) return false;
  for (std::size_t at = list.find(word); at != std::string_view::npos;
       at = list.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool begins = at == 0 || list[at - 1] == ' ';
    const bool ends = end == list.size() || list[end] == ' ';
    if (begins && ends && word.find(' ') == std::string_view::npos) return true;
  }
  return false;
}

}  // namespace comity::stix
