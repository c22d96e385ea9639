#include <array>

#include "stix/rules.h"
#include "stix/schema.h"

namespace comity::stix {
namespace schema {
namespace {

constexpr double count_most = static_cast<double>(json::integer_max);

constexpr auto archive_rows = std::to_array<Property>(
    {reference("contains_refs", "file directory").list().required(), text("comment")});

constexpr auto data_stream_rows = std::to_array<Property>(
    {text("name").required(), hashes("hashes"), integer("size").within(0, count_most)});
constexpr Shape data_stream_shape = {
    .name = "alternate-data-stream-type", .section = "6.7.3", .properties = data_stream_rows};
constexpr auto ntfs_rows = std::to_array<Property>(
    {text("sid"), nested("alternate_data_streams", data_stream_shape).list()});

constexpr auto pdf_rows =
    std::to_array<Property>({text("version"), boolean("is_optimized"),
                             dictionary("document_info_dict"), text("pdfid0"), text("pdfid1")});

constexpr auto raster_rows =
    std::to_array<Property>({integer("image_height"), integer("image_width"),
                             integer("bits_per_pixel"), dictionary("exif_tags")});

constexpr auto pe_optional_header_rows =
    std::to_array<Property>({hex("magic_hex"),
                             integer("major_linker_version"),
                             integer("minor_linker_version"),
                             integer("size_of_code").within(0, count_most),
                             integer("size_of_initialized_data").within(0, count_most),
                             integer("size_of_uninitialized_data").within(0, count_most),
                             integer("address_of_entry_point"),
                             integer("base_of_code"),
                             integer("base_of_data"),
                             integer("image_base"),
                             integer("section_alignment"),
                             integer("file_alignment"),
                             integer("major_os_version"),
                             integer("minor_os_version"),
                             integer("major_image_version"),
                             integer("minor_image_version"),
                             integer("major_subsystem_version"),
                             integer("minor_subsystem_version"),
                             hex("win32_version_value_hex"),
                             integer("size_of_image").within(0, count_most),
                             integer("size_of_headers").within(0, count_most),
                             hex("checksum_hex"),
                             hex("subsystem_hex"),
                             hex("dll_characteristics_hex"),
                             integer("size_of_stack_reserve").within(0, count_most),
                             integer("size_of_stack_commit").within(0, count_most),
                             integer("size_of_heap_reserve").within(0, count_most),
                             integer("size_of_heap_commit").within(0, count_most),
                             hex("loader_flags_hex"),
                             integer("number_of_rva_and_sizes"),
                             hashes("hashes")});
constexpr Shape pe_optional_header_shape = {.name = "windows-pe-optional-header-type",
                                            .section = "6.7.6",
                                            .properties = pe_optional_header_rows,
                                            .needs_one = true};
constexpr auto pe_section_rows =
    std::to_array<Property>({text("name").required(), integer("size").within(0, count_most),
                             number("entropy"), hashes("hashes")});
constexpr Shape pe_section_shape = {
    .name = "windows-pe-section-type", .section = "6.7.6", .properties = pe_section_rows};
constexpr auto pe_binary_rows = std::to_array<Property>(
    {word("pe_type", Vocabulary::WindowsPebinaryType).required(), text("imphash"),
     hex("machine_hex"), integer("number_of_sections").within(0, count_most),
     time("time_date_stamp"), hex("pointer_to_symbol_table_hex"),
     integer("number_of_symbols").within(0, count_most),
     integer("size_of_optional_header").within(0, count_most), hex("characteristics_hex"),
     hashes("file_header_hashes"), nested("optional_header", pe_optional_header_shape),
     nested("sections", pe_section_shape).list()});

constexpr auto http_request_rows = std::to_array<Property>(
    {text("request_method").required(), text("request_value").required(), text("request_version"),
     dictionary("request_header"), integer("message_body_length"),
     reference("message_body_data_ref", "artifact")});

constexpr auto icmp_rows =
    std::to_array<Property>({hex("icmp_type_hex").required(), hex("icmp_code_hex").required()});

constexpr auto socket_rows = std::to_array<Property>(
    {word("address_family", Vocabulary::NetworkSocketAddressFamily).required(),
     boolean("is_blocking"), boolean("is_listening"), dictionary("options"),
     word("socket_type", Vocabulary::NetworkSocketType),
     integer("socket_descriptor").within(0, count_most), integer("socket_handle")});

constexpr auto tcp_rows = std::to_array<Property>({hex("src_flags_hex"), hex("dst_flags_hex")});

constexpr auto windows_process_rows =
    std::to_array<Property>({boolean("aslr_enabled"), boolean("dep_enabled"), text("priority"),
                             text("owner_sid"), text("window_title"), dictionary("startup_info"),
                             word("integrity_level", Vocabulary::WindowsIntegrityLevel)});

constexpr auto windows_service_rows = std::to_array<Property>(
    {text("service_name"), text("descriptions").list(), text("display_name"), text("group_name"),
     word("start_type", Vocabulary::WindowsServiceStartType),
     reference("service_dll_refs", "file").list(),
     word("service_type", Vocabulary::WindowsServiceType),
     word("service_status", Vocabulary::WindowsServiceStatus)});

constexpr auto unix_account_rows = std::to_array<Property>(
    {integer("gid"), text("groups").list(), text("home_dir"), text("shell")});

constexpr auto extension_shapes = std::to_array<Shape>({
    {.name = "archive-ext", .section = "6.7.2", .properties = archive_rows},
    {.name = "ntfs-ext", .section = "6.7.3", .properties = ntfs_rows, .needs_one = true},
    {.name = "pdf-ext",
     .section = "6.7.4",
     .properties = pdf_rows,
     .needs_one = true,
     .rule = pdf_rule},
    {.name = "raster-image-ext",
     .section = "6.7.5",
     .properties = raster_rows,
     .needs_one = true,
     .rule = raster_image_rule},
    {.name = "windows-pebinary-ext",
     .section = "6.7.6",
     .properties = pe_binary_rows,
     .rule = pe_binary_rule},
    {.name = "http-request-ext",
     .section = "6.12.2",
     .properties = http_request_rows,
     .rule = http_request_rule},
    {.name = "icmp-ext", .section = "6.12.3", .properties = icmp_rows},
    {.name = "socket-ext", .section = "6.12.4", .properties = socket_rows, .rule = socket_rule},
    {.name = "tcp-ext", .section = "6.12.5", .properties = tcp_rows, .needs_one = true},
    {.name = "windows-process-ext",
     .section = "6.13.2",
     .properties = windows_process_rows,
     .needs_one = true,
     .rule = windows_process_rule},
    {.name = "windows-service-ext",
     .section = "6.13.3",
     .properties = windows_service_rows,
     .needs_one = true},
    {.name = "unix-account-ext",
     .section = "6.16.2",
     .properties = unix_account_rows,
     .needs_one = true},
});

constexpr auto extension_rows = std::to_array<PredefinedExtension>({
    {"file", &extension_shapes[0]},
    {"file", &extension_shapes[1]},
    {"file", &extension_shapes[2]},
    {"file", &extension_shapes[3]},
    {"file", &extension_shapes[4]},
    {"network-traffic", &extension_shapes[5]},
    {"network-traffic", &extension_shapes[6]},
    {"network-traffic", &extension_shapes[7]},
    {"network-traffic", &extension_shapes[8]},
    {"process", &extension_shapes[9]},
    {"process", &extension_shapes[10]},
    {"user-account", &extension_shapes[11]},
});

}  // namespace
}  // namespace schema

std::span<const PredefinedExtension> predefined_extensions() { return schema::extension_rows; }

}  // namespace comity::stix
