#include "stix/judge.h"
#include "stix/values.h"

namespace comity::stix {

bool has_form(Form form, std::string_view value) {
  switch (form) {
    case Form::Free:
      return true;
    case Form::Url:
      return is_url(value);
    case Form::Ipv4:
      return is_ipv4(value);
    case Form::Ipv6:
      return is_ipv6(value);
    case Form::Mac:
      return is_mac(value);
    case Form::Email:
      return is_email(value);
    case Form::Domain:
      return is_domain(value);
    case Form::MediaType:
      return is_media_type(value);
    case Form::Charset:
      return is_charset_name(value);
    case Form::LanguageTag:
    case Form::SoftwareLanguage:
      return is_language_tag(value);
    case Form::Cpe:
      return is_cpe23(value);
    case Form::RelationshipType:
      return !value.empty() && is_lower_hyphenated(value) &&
             value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
                 std::string_view::npos;
  }
  return true;
}

std::string_view form_name(Form form) {
  switch (form) {
    case Form::Free:
      return "text";
    case Form::Url:
      return "URL (RFC 3986)";
    case Form::Ipv4:
      return "IPv4 address or CIDR";
    case Form::Ipv6:
      return "IPv6 address or CIDR";
    case Form::Mac:
      return "MAC address in lower case with colons";
    case Form::Email:
      return "address (RFC 5322)";
    case Form::Domain:
      return "domain name (RFC 1034, RFC 5890)";
    case Form::MediaType:
      return "media type of a registered top-level type";
    case Form::Charset:
      return "name of a character set (RFC 2978)";
    case Form::LanguageTag:
    case Form::SoftwareLanguage:
      return "language tag (RFC 5646)";
    case Form::Cpe:
      return "CPE 2.3 name";
    case Form::RelationshipType:
      return "name of a-z, 0-9 and hyphens";
  }
  return {};
}

}  // namespace comity::stix
