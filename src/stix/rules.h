// The rules of types of STIX 2.1 that a table cannot say: properties that need or exclude each
// other, and lists of names. Each is the rule of one Shape and reports to the Judge.
#pragma once

#include "json/value.h"

namespace comity::stix {

class Judge;

// Sections 4 and 5.
void indicator_rule(Judge& judge, const json::Object& self);
void location_rule(Judge& judge, const json::Object& self);
void malware_rule(Judge& judge, const json::Object& self);
void malware_analysis_rule(Judge& judge, const json::Object& self);
void observed_data_rule(Judge& judge, const json::Object& self);
void relationship_rule(Judge& judge, const json::Object& self);

// The text of an indicator's `pattern` (section 9): its grammar, and the names it looks at, which
// are judged as those of objects are.
void judge_pattern(Judge& judge, std::string_view text);

// Section 6.
void artifact_rule(Judge& judge, const json::Object& self);
void email_message_rule(Judge& judge, const json::Object& self);
void mime_part_rule(Judge& judge, const json::Object& self);
void file_rule(Judge& judge, const json::Object& self);
void network_traffic_rule(Judge& judge, const json::Object& self);
void http_request_rule(Judge& judge, const json::Object& self);
void socket_rule(Judge& judge, const json::Object& self);
void pdf_rule(Judge& judge, const json::Object& self);
void raster_image_rule(Judge& judge, const json::Object& self);
void pe_binary_rule(Judge& judge, const json::Object& self);
void process_rule(Judge& judge, const json::Object& self);
void windows_process_rule(Judge& judge, const json::Object& self);
void windows_registry_key_rule(Judge& judge, const json::Object& self);

// Section 7.
void language_content_rule(Judge& judge, const json::Object& self);
void marking_definition_rule(Judge& judge, const json::Object& self);
void extension_definition_rule(Judge& judge, const json::Object& self);

}  // namespace comity::stix
