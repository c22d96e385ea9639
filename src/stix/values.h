// The forms that strings of STIX 2.1 have: dates, addresses, digests, names. Each function answers
// whether the whole text has the form. Pure, any thread.
#pragma once

#include <string_view>

namespace comity::stix {

// RFC 4122 and 9562: 8-4-4-4-12 hexadecimal digits.
bool is_uuid_text(std::string_view text);
// Its version, 0 to 15, of a text that is one; and whether its variant is that of RFC 4122.
int uuid_version(std::string_view text);
bool is_rfc4122_variant(std::string_view text);

// STIX 2.1 section 3.1: 3 to 250 of a-z, 0-9 and single inner hyphens, a letter first.
bool is_stix_type_name(std::string_view text);
// Section 3.1: 3 to 250 of a-z, 0-9 and _.
bool is_property_name(std::string_view text);
// Section 2.16: RFC 3339 with T and Z, a day that exists, seconds to 60.
bool is_stix_timestamp(std::string_view text);
// With at least three digits of a second.
bool has_milliseconds(std::string_view timestamp);

bool is_base64(std::string_view text);    // RFC 4648 section 4, with padding
bool is_hex_text(std::string_view text);  // an even number of digits, at least two

// Dotted decimal without leading zeros, or CIDR with /0 to /32.
bool is_ipv4(std::string_view text);
// RFC 4291, or CIDR with /0 to /128.
bool is_ipv6(std::string_view text);
// Six lower-case pairs with colons (section 6.10).
bool is_mac(std::string_view text);
// addr-spec of RFC 5322 in its usual form: something, @, something, no blank.
bool is_email(std::string_view text);
// RFC 1034 or an internationalised name of RFC 5890: labels of 1 to 63 bytes with dots between.
bool is_domain(std::string_view text);
// RFC 3986: a scheme, a colon, and only characters of URLs after it.
bool is_url(std::string_view text);
// RFC 6838: type/subtype; and whether the type is a registered top-level one.
bool is_media_type(std::string_view text);
// RFC 2978: 1 to 40 characters of names of character sets.
bool is_charset_name(std::string_view text);
// Common Platform Enumeration 2.3 as formatted string: cpe:2.3: and eleven parts.
bool is_cpe23(std::string_view text);
// RFC 6335 section 5.1, with the blanks and slashes of older names left out.
bool is_service_name(std::string_view text);
// RFC 9110 section 5.1: a token.
bool is_field_name(std::string_view text);

// The form that the digest of a named algorithm has (section 10.7); true for a name it does not
// know.
bool is_digest_of(std::string_view algorithm, std::string_view digest);

// RFC 5646: well formed, with a primary language of ISO 639-1, -2 or -3.
bool is_language_tag(std::string_view text);
// ISO 3166-1 alpha-2, in either case.
bool is_country_code(std::string_view text);

// Lower case, hyphens instead of blanks and underscores.
bool is_lower_hyphenated(std::string_view text);

}  // namespace comity::stix
