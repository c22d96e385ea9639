#include <array>

#include "stix/rules.h"
#include "stix/schema.h"

namespace comity::stix {
namespace schema {
namespace {

constexpr double port_most = 65'535;
constexpr double whole_most = static_cast<double>(json::integer_max);

constexpr auto artifact_rows = std::to_array<Property>(
    {text("mime_type").as(Form::MediaType), binary("payload_bin"), text("url").as(Form::Url),
     hashes("hashes"), word("encryption_algorithm", Vocabulary::EncryptionAlgorithm),
     text("decryption_key")});

constexpr auto autonomous_system_rows =
    std::to_array<Property>({integer("number").required(), text("name"), text("rir")});

constexpr auto directory_rows = std::to_array<Property>(
    {text("path").required(), text("path_enc").as(Form::Charset), time("ctime"), time("mtime"),
     time("atime"), reference("contains_refs", "file directory").list()});

constexpr auto domain_name_rows = std::to_array<Property>(
    {text("value").as(Form::Domain).required(),
     reference("resolves_to_refs", "ipv4-addr ipv6-addr domain-name").list()});

constexpr auto email_addr_rows =
    std::to_array<Property>({text("value").as(Form::Email).required(), text("display_name"),
                             reference("belongs_to_ref", "user-account")});

constexpr auto mime_part_rows =
    std::to_array<Property>({text("body"), reference("body_raw_ref", "artifact file"),
                             text("content_type"), text("content_disposition")});
constexpr Shape mime_part_shape = {.name = "email-mime-part-type",
                                   .section = "6.6.2",
                                   .properties = mime_part_rows,
                                   .rule = mime_part_rule};

constexpr auto email_message_rows = std::to_array<Property>(
    {boolean("is_multipart").required(), time("date"), text("content_type"),
     reference("from_ref", "email-addr"), reference("sender_ref", "email-addr"),
     reference("to_refs", "email-addr").list(), reference("cc_refs", "email-addr").list(),
     reference("bcc_refs", "email-addr").list(), text("message_id"), text("subject"),
     text("received_lines").list(), dictionary("additional_header_fields"), text("body"),
     nested("body_multipart", mime_part_shape).list(), reference("raw_email_ref", "artifact")});

constexpr auto file_rows = std::to_array<Property>(
    {hashes("hashes"), integer("size").within(0, whole_most), text("name"),
     text("name_enc").as(Form::Charset), hex("magic_number_hex"),
     text("mime_type").as(Form::MediaType), time("ctime"), time("mtime"), time("atime"),
     reference("parent_directory_ref", "directory"), reference("contains_refs", "@sco").list(),
     reference("content_ref", "artifact")});

constexpr auto ipv4_addr_rows = std::to_array<Property>(
    {text("value").as(Form::Ipv4).required(), reference("resolves_to_refs", "mac-addr").list(),
     reference("belongs_to_refs", "autonomous-system").list()});

constexpr auto ipv6_addr_rows = std::to_array<Property>(
    {text("value").as(Form::Ipv6).required(), reference("resolves_to_refs", "mac-addr").list(),
     reference("belongs_to_refs", "autonomous-system").list()});

constexpr auto mac_addr_rows = std::to_array<Property>({text("value").as(Form::Mac).required()});

constexpr auto mutex_rows = std::to_array<Property>({text("name").required()});

constexpr auto network_traffic_rows = std::to_array<Property>(
    {time("start"), time("end"), boolean("is_active"),
     reference("src_ref", "ipv4-addr ipv6-addr mac-addr domain-name"),
     reference("dst_ref", "ipv4-addr ipv6-addr mac-addr domain-name"),
     integer("src_port").within(0, port_most), integer("dst_port").within(0, port_most),
     text("protocols").list().required(), integer("src_byte_count").within(0, whole_most),
     integer("dst_byte_count").within(0, whole_most), integer("src_packets").within(0, whole_most),
     integer("dst_packets").within(0, whole_most), dictionary("ipfix"),
     reference("src_payload_ref", "artifact"), reference("dst_payload_ref", "artifact"),
     reference("encapsulates_refs", "network-traffic").list(),
     reference("encapsulated_by_ref", "network-traffic")});
constexpr std::array<Order, 1> traffic_order = {{{"start", "end"}}};

// `extensions` counts among the properties of which one is needed, and is judged as on all.
constexpr auto process_rows =
    std::to_array<Property>({boolean("is_hidden"), integer("pid"), time("created_time"),
                             text("cwd"), text("command_line"), dictionary("environment_variables"),
                             reference("opened_connection_refs", "network-traffic").list(),
                             reference("creator_user_ref", "user-account"),
                             reference("image_ref", "file"), reference("parent_ref", "process"),
                             reference("child_refs", "process").list(), special("extensions")});

constexpr auto software_rows = std::to_array<Property>(
    {text("name").required(), text("cpe").as(Form::Cpe), text("swid"),
     text("languages").as(Form::SoftwareLanguage).list(), text("vendor"), text("version")});

constexpr auto url_rows = std::to_array<Property>({text("value").as(Form::Url).required()});

constexpr auto user_account_rows = std::to_array<Property>(
    {text("user_id"), text("credential"), text("account_login"),
     word("account_type", Vocabulary::AccountType), text("display_name"),
     boolean("is_service_account"), boolean("is_privileged"), boolean("can_escalate_privs"),
     boolean("is_disabled"), time("account_created"), time("account_expires"),
     time("credential_last_changed"), time("account_first_login"), time("account_last_login"),
     special("extensions")});

constexpr auto registry_value_rows = std::to_array<Property>(
    {text("name"), text("data"), word("data_type", Vocabulary::WindowsRegistryDatatype)});
constexpr Shape registry_value_shape = {.name = "windows-registry-value-type",
                                        .section = "6.17.2",
                                        .properties = registry_value_rows,
                                        .needs_one = true};

constexpr auto registry_key_rows = std::to_array<Property>(
    {text("key"), nested("values", registry_value_shape).list(), time("modified_time"),
     reference("creator_user_ref", "user-account"), integer("number_of_subkeys")});

constexpr auto x509_extension_rows = std::to_array<Property>(
    {text("basic_constraints"), text("name_constraints"), text("policy_constraints"),
     text("key_usage"), text("extended_key_usage"), text("subject_key_identifier"),
     text("authority_key_identifier"), text("subject_alternative_name"),
     text("issuer_alternative_name"), text("subject_directory_attributes"),
     text("crl_distribution_points"), text("inhibit_any_policy"),
     time("private_key_usage_period_not_before"), time("private_key_usage_period_not_after"),
     text("certificate_policies"), text("policy_mappings")});
constexpr Shape x509_extension_shape = {.name = "x509-v3-extensions-type",
                                        .section = "6.18.2",
                                        .properties = x509_extension_rows,
                                        .needs_one = true};

constexpr auto x509_rows = std::to_array<Property>(
    {boolean("is_self_signed"), hashes("hashes"), text("version"), text("serial_number"),
     text("signature_algorithm"), text("issuer"), time("validity_not_before"),
     time("validity_not_after"), text("subject"), text("subject_public_key_algorithm"),
     text("subject_public_key_modulus"), integer("subject_public_key_exponent"),
     nested("x509_v3_extensions", x509_extension_shape)});

constexpr auto observable_shapes = std::to_array<Shape>({
    {.name = "artifact", .section = "6.1", .properties = artifact_rows, .rule = artifact_rule},
    {.name = "autonomous-system", .section = "6.2", .properties = autonomous_system_rows},
    {.name = "directory", .section = "6.3", .properties = directory_rows},
    {.name = "domain-name", .section = "6.4", .properties = domain_name_rows},
    {.name = "email-addr", .section = "6.5", .properties = email_addr_rows},
    {.name = "email-message",
     .section = "6.6",
     .properties = email_message_rows,
     .rule = email_message_rule},
    {.name = "file", .section = "6.7", .properties = file_rows, .rule = file_rule},
    {.name = "ipv4-addr", .section = "6.8", .properties = ipv4_addr_rows},
    {.name = "ipv6-addr", .section = "6.9", .properties = ipv6_addr_rows},
    {.name = "mac-addr", .section = "6.10", .properties = mac_addr_rows},
    {.name = "mutex", .section = "6.11", .properties = mutex_rows},
    {.name = "network-traffic",
     .section = "6.12",
     .properties = network_traffic_rows,
     .orders = traffic_order,
     .rule = network_traffic_rule},
    {.name = "process",
     .section = "6.13",
     .properties = process_rows,
     .needs_one = true,
     .rule = process_rule},
    {.name = "software", .section = "6.14", .properties = software_rows},
    {.name = "url", .section = "6.15", .properties = url_rows},
    {.name = "user-account", .section = "6.16", .properties = user_account_rows, .needs_one = true},
    {.name = "windows-registry-key",
     .section = "6.17",
     .properties = registry_key_rows,
     .needs_one = true,
     .rule = windows_registry_key_rule},
    {.name = "x509-certificate", .section = "6.18", .properties = x509_rows, .needs_one = true},
});

}  // namespace
}  // namespace schema

std::span<const ObjectType> observable_types() {
  static const auto types = [] {
    std::array<ObjectType, schema::observable_shapes.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = {Category::Sco, observable_common(), &schema::observable_shapes[i]};
    }
    return out;
  }();
  return types;
}

}  // namespace comity::stix
