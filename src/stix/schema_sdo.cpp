#include <array>

#include "stix/rules.h"
#include "stix/schema.h"

namespace comity::stix {
namespace schema {
namespace {

constexpr std::array<Order, 1> seen_order = {{{"first_seen", "last_seen"}}};
constexpr auto phases = nested("kill_chain_phases", kill_chain_phase_shape).list();

constexpr auto attack_pattern_rows = std::to_array<Property>(
    {text("name").required(), text("description"), text("aliases").list(), phases});

constexpr auto campaign_rows =
    std::to_array<Property>({text("name").required(), text("description"), text("aliases").list(),
                             time("first_seen"), time("last_seen"), text("objective")});

constexpr auto course_of_action_rows =
    std::to_array<Property>({text("name").required(), text("description")});

constexpr auto grouping_rows = std::to_array<Property>(
    {text("name"), text("description"), word("context", Vocabulary::GroupingContext).required(),
     reference("object_refs").list().required()});

constexpr auto identity_rows = std::to_array<Property>(
    {text("name").required(), text("description"), text("roles").list(),
     word("identity_class", Vocabulary::IdentityClass),
     word("sectors", Vocabulary::IndustrySector).list(), text("contact_information")});

constexpr auto incident_rows =
    std::to_array<Property>({text("name").required(), text("description")});

constexpr auto indicator_rows = std::to_array<Property>(
    {text("name"), text("description"), word("indicator_types", Vocabulary::IndicatorType).list(),
     text("pattern").required(), word("pattern_type", Vocabulary::PatternType).required(),
     text("pattern_version"), time("valid_from").required(), time("valid_until"), phases});
constexpr std::array<Order, 1> valid_order = {{{"valid_from", "valid_until", true}}};

constexpr auto infrastructure_rows = std::to_array<Property>(
    {text("name").required(), text("description"),
     word("infrastructure_types", Vocabulary::InfrastructureType).list(), text("aliases").list(),
     phases, time("first_seen"), time("last_seen")});

constexpr auto intrusion_set_rows =
    std::to_array<Property>({text("name").required(), text("description"), text("aliases").list(),
                             time("first_seen"), time("last_seen"), text("goals").list(),
                             word("resource_level", Vocabulary::AttackResourceLevel),
                             word("primary_motivation", Vocabulary::AttackMotivation),
                             word("secondary_motivations", Vocabulary::AttackMotivation).list()});

constexpr auto location_rows = std::to_array<Property>(
    {text("name"), text("description"), number("latitude").within(-90, 90),
     number("longitude").within(-180, 180), number("precision"), word("region", Vocabulary::Region),
     text("country"), text("administrative_area"), text("city"), text("street_address"),
     text("postal_code")});

constexpr auto malware_rows = std::to_array<Property>(
    {text("name"), text("description"), word("malware_types", Vocabulary::MalwareType).list(),
     boolean("is_family").required(), text("aliases").list(), phases, time("first_seen"),
     time("last_seen"), reference("operating_system_refs", "software").list(),
     word("architecture_execution_envs", Vocabulary::ProcessorArchitecture).list(),
     word("implementation_languages", Vocabulary::ImplementationLanguage).list(),
     word("capabilities", Vocabulary::MalwareCapabilities).list(),
     reference("sample_refs", "artifact file").list()});

constexpr auto malware_analysis_rows = std::to_array<Property>(
    {text("product").required(), text("version"), reference("host_vm_ref", "software"),
     reference("operating_system_ref", "software"),
     reference("installed_software_refs", "software").list(), text("configuration_version"),
     text("modules").list(), text("analysis_engine_version"), text("analysis_definition_version"),
     time("submitted"), time("analysis_started"), time("analysis_ended"), text("result_name"),
     word("result", Vocabulary::MalwareResult), reference("analysis_sco_refs", "@sco").list(),
     reference("sample_ref", "artifact file network-traffic")});

constexpr auto note_rows =
    std::to_array<Property>({text("abstract"), text("content").required(), text("authors").list(),
                             reference("object_refs").list().required()});

constexpr auto observed_data_rows = std::to_array<Property>(
    {time("first_observed").required(), time("last_observed").required(),
     integer("number_observed").within(1, 999'999'999).required(), special("objects").deprecated(),
     reference("object_refs", "@sco @sro").list()});
constexpr std::array<Order, 1> observed_order = {{{"first_observed", "last_observed"}}};

constexpr auto opinion_rows = std::to_array<Property>(
    {text("explanation"), text("authors").list(), word("opinion", Vocabulary::Opinion).required(),
     reference("object_refs").list().required()});

constexpr auto report_rows = std::to_array<Property>(
    {text("name").required(), text("description"),
     word("report_types", Vocabulary::ReportType).list(), time("published").required(),
     reference("object_refs").list().required()});

constexpr auto threat_actor_rows = std::to_array<Property>(
    {text("name").required(), text("description"),
     word("threat_actor_types", Vocabulary::ThreatActorType).list(), text("aliases").list(),
     time("first_seen"), time("last_seen"), word("roles", Vocabulary::ThreatActorRole).list(),
     text("goals").list(), word("sophistication", Vocabulary::ThreatActorSophistication),
     word("resource_level", Vocabulary::AttackResourceLevel),
     word("primary_motivation", Vocabulary::AttackMotivation),
     word("secondary_motivations", Vocabulary::AttackMotivation).list(),
     word("personal_motivations", Vocabulary::AttackMotivation).list()});

constexpr auto tool_rows = std::to_array<Property>(
    {text("name").required(), text("description"), word("tool_types", Vocabulary::ToolType).list(),
     text("aliases").list(), phases, text("tool_version")});

constexpr auto vulnerability_rows =
    std::to_array<Property>({text("name").required(), text("description")});

constexpr auto domain_shapes = std::to_array<Shape>({
    {.name = "attack-pattern", .section = "4.1", .properties = attack_pattern_rows},
    {.name = "campaign", .section = "4.2", .properties = campaign_rows, .orders = seen_order},
    {.name = "course-of-action", .section = "4.3", .properties = course_of_action_rows},
    {.name = "grouping", .section = "4.4", .properties = grouping_rows},
    {.name = "identity", .section = "4.5", .properties = identity_rows},
    {.name = "incident", .section = "4.6", .properties = incident_rows},
    {.name = "indicator",
     .section = "4.7",
     .properties = indicator_rows,
     .orders = valid_order,
     .rule = indicator_rule},
    {.name = "infrastructure",
     .section = "4.8",
     .properties = infrastructure_rows,
     .orders = seen_order},
    {.name = "intrusion-set",
     .section = "4.9",
     .properties = intrusion_set_rows,
     .orders = seen_order},
    {.name = "location", .section = "4.10", .properties = location_rows, .rule = location_rule},
    {.name = "malware",
     .section = "4.11",
     .properties = malware_rows,
     .orders = seen_order,
     .rule = malware_rule},
    {.name = "malware-analysis",
     .section = "4.12",
     .properties = malware_analysis_rows,
     .rule = malware_analysis_rule},
    {.name = "note", .section = "4.13", .properties = note_rows},
    {.name = "observed-data",
     .section = "4.14",
     .properties = observed_data_rows,
     .orders = observed_order,
     .rule = observed_data_rule},
    {.name = "opinion", .section = "4.15", .properties = opinion_rows},
    {.name = "report", .section = "4.16", .properties = report_rows},
    {.name = "threat-actor",
     .section = "4.17",
     .properties = threat_actor_rows,
     .orders = seen_order},
    {.name = "tool", .section = "4.18", .properties = tool_rows},
    {.name = "vulnerability", .section = "4.19", .properties = vulnerability_rows},
});

}  // namespace
}  // namespace schema

std::span<const ObjectType> domain_types() {
  static const auto types = [] {
    std::array<ObjectType, schema::domain_shapes.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = {Category::Sdo, domain_common(), &schema::domain_shapes[i]};
    }
    return out;
  }();
  return types;
}

}  // namespace comity::stix
