#include <algorithm>
#include <array>
#include <string_view>

#include "stix/values.h"
#include "stix/vocabulary.h"

namespace comity::stix {
namespace {

// ISO 639-1, whose codes RFC 5646 asks for where there is one.
constexpr std::string_view two_letter_languages =
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv "
    "cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho "
    "hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku "
    "kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn "
    "no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl "
    "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve "
    "vi vo wa wo xh yi yo za zh zu";

// ISO 639-2, -3 and -5 (8046 codes) as bits in the order aaa, aab … zzz, low bit first, two
// hexadecimal digits a byte.
constexpr std::string_view three_letter_languages =
    "ffedfffeffffbfdbfbfffedaf71f3c576f977bf8fff7ff70bf03ffffcb058552f9fffdfffffffff7ffffffffff"
    "fff7e3e9ffffff4dbc0a7effff7ffffffff7ffffefffdf6ff4f1f05de79f140720dffd1f7ec921f8ffffdfffff"
    "7fffff7ffffffffffffffffffff77fefffffefffbfcffffffdbfffedfffffffebfffffffefdffffffbffff77ff"
    "fffffefffffffffff7fffff5dffffffffffffffffeffffdfffffdff9ffffeeffffffffffff3fbdfdc5ad6f40ef"
    "9cc1432c0c254100504400c0fffffe9fb44245d6932488f77be7175655790e1c377ff3efffef5d3865080000fc"
    "ffbfffffff7f373ec787cfff018100b0058000000000035000409221d0fd77ffdefe5e040002648d19c1df7b23"
    "000000df6dce22e5d9f3fe7fffcf9d1441048600d100f0c7675fd6995eb7edef030002000000c0575a47926901"
    "2ed67b74dfff7f000000010456030000b0140751141a0001000010114900006010000000100000440400108005"
    "1800000500802804000010d52d1064172453b5d5bfe3cd0300800040100000000004173901ddd7992198a70000"
    "0540820000010400000002014000440000b0feef390002000000040000000000200040040000000200000010a3"
    "aa0500000000042004a608040008815000000831864000000000404007f543100804000000e0bbb31300800011"
    "000000000000000000000000ffffdfefffdfcf83a2c0ffdf27ef5fe7031020b0c58045259b03dfb9df03d04890"
    "010ec1b7935cdb38f37fff6df9ffff7f0408000121127cdffd0f854f44000004ffffdfd6e81bf437a30d000020"
    "7b7902078400f0ffffff001805810000008010b41c2100000000001040000408b4fea70c4000009124046c0060"
    "f0ffff7ff618059fdf6e030011000000400535be822804000451e2ffff3f0509080540000000001001000c0000"
    "000021026ce349148920c0479007000000cc50402485478440201000210250881100d1ecef54350d01690e7deb"
    "3308002005401100000050449649d6dda7c14797fb00100008008000404500010200014080000208f8ebd73bc4"
    "9d1600000c04012020d9a201000000124400000410f09d951304800001d016400010f090624cd202014a004604"
    "8008020020c0008006000800000000f0d8ef1502080000010000000010010010000000ffffff7fffffffffff7f"
    "fffff6ffffffffffff3ff7ffdfffffffffffff7ffffffefffffffffffffffffffffdffdfdffff7ffdfffffffff"
    "ffbefbffffffffff7fffffffffffffefffffefffebfdfbfffffffff5dfffbfffbfdddfffbc98052cff07f0fbff"
    "7f000800c37d1b06e672f0efff7f4422309f7b1efdff56f2ff3edff20e95f7ffff47800102002040559f8a9ff9"
    "6e118751f8f7ff77400105d1585c00400010040200200a80fffffffffeffffffffffffefffbfff7fffffffffff"
    "fff7dffff7ffffdf7bfffffffffffffdffbffffffbffffdfdf7dfffff7fffff7ffffffffffffff7fffffff7fdf"
    "ffbfefb7ff7fdfffe7fffffff7fef67fffff7ffffffff7ff5fff7f9ffeffffff7fff7f028204ffbfffffd7efff"
    "fff7ffe29ee7fff7ff767dc5ffffffffffffdeffbf7f0fa75106c497d05dafa6fffdff635d4bffffff3f201400"
    "5751c265f50df2ffffdf4205c50500220074691018054100010600000000005160050401000006112000180592"
    "f1fd676b06950647edfb4d9d7b8304624000154200000054c7f95f10cec946dff7131100200000009000000000"
    "000a1000014000f0df7fbf7dbe4fffbf40148461b0ff7d7a040200492d1426ffedf1afef3f000002c7e01efcbf"
    "fdbdfbf7fcf7fffff4fdef43f477100101447fffb7ddf95f0586eff537fd1d0000004371420040000001431920"
    "080000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000000000000ffbde757ee135d09c14021fa17018000000000f0feffbf"
    "00230020000008000030b5e3100000001124160001023082a301500001831148000000f0dfdfbf12aa10fff852"
    "00802000000000401002023c00104210615fdf31000000015c0220000001004201200000ff7fffffffff2fdfde"
    "cfbdfbafffff7f4b4010f17debfdf7fffffbffff6ff17bf13fff7ffffffff7fffff7fddffffdffff57ff6f8177"
    "9ffcf7fffffffffffeff5f5767ef5f501072ffff9f159f150f7dc67da192f5ffff7ffffffffffdddffffbdf6df"
    "ff3f409802bfefffe7f6fe7cfeff7fd03e157bb8ffbefffff6fff7f773ffffeefff7d7fdef2f80bfc5ffffffdf"
    "fffffffffffdffff7f061f77fff9db5dcf7d16b9ea7ba01e2000300204244804000040d4060400000400040030"
    "09065000080040002400040010dc78d74d0f144ff11664d5480a000200400008000000fcffeb1f58484124a004"
    "0010124022001000000000000001000008801010bf6f93000100000000000000c0802f0000000000000a000000"
    "c087c20200000001fe18020012f0ff793f00250000080a00000000000040001003000920000001000083000000"
    "0001000000000000000000000000ffffffcf7ebe11100000920146cdf95e00010030140451100104f63f320504"
    "00b0802055759f7ddf71cc78d543f5d7671401000000000008f7db1f5460036805108b38ba0100003000244400"
    "0010023102010000f0f5ff97d7bc50d6787a155005a484e9410000006b39527440e9209062920000027fefff7f"
    "8553f4effffff2ddc74cf542fcffff1f0080c0568c169ffb377defffb5a4af014418015d4e4a08502830e08010"
    "202400ffffff4ffe0106880a40160100150b3e01000010906945020201e9bfbf02000010d4a7d1549e44defd87"
    "66b15520d4a3d8303d800000004cf011c5846f500022507fbfcb0700201084b245100644000012021100f0fffd"
    "7f050216890000000800100c02000000008330022c840133c00324000000cbe43a46c814f1ffff7f1601018450"
    "07fcffff0f010040103801011c1240e1761688031000000001000000000022240a40800000";

// ISO 3166-1 alpha-2.
constexpr std::string_view country_codes =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
    "BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ "
    "DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP "
    "GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG "
    "KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
    "MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL "
    "SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM "
    "US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

constexpr std::size_t subtag_most = 8;  // RFC 5646 section 2.1

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alphanumeric(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

bool is_three_letter_language(std::string_view code) {
  std::size_t index = 0;
  for (const char c : code) index = index * 26 + static_cast<std::size_t>(lower(c) - 'a');
  const auto byte = hex_digit(three_letter_languages[index / 8 * 2]) * 16 +
                    hex_digit(three_letter_languages[index / 8 * 2 + 1]);
  return ((byte >> (index % 8)) & 1) != 0;
}

bool is_primary_language(std::string_view tag) {
  if (!std::all_of(tag.begin(), tag.end(), is_letter)) return false;
  if (tag.size() == 2) {
    const std::array<char, 2> low = {lower(tag[0]), lower(tag[1])};
    return has_word(two_letter_languages, {low.data(), low.size()});
  }
  // qaa to qtz are for private use.
  if (tag.size() == 3 && lower(tag[0]) == 'q' && lower(tag[1]) <= 't') return true;
  return tag.size() == 3 && is_three_letter_language(tag);
}

}  // namespace

bool is_language_tag(std::string_view text) {
  const auto end = text.find('-');
  const auto first = text.substr(0, end);
  const bool is_private = first == "x" || first == "X";
  if (!is_private && !is_primary_language(first)) return false;
  if (end == std::string_view::npos) return !is_private;
  auto rest = text.substr(end + 1);
  bool after_singleton = is_private;
  while (true) {
    const auto next = rest.find('-');
    const auto subtag = rest.substr(0, next);
    if (subtag.empty() || subtag.size() > subtag_most ||
        !std::all_of(subtag.begin(), subtag.end(), is_alphanumeric)) {
      return false;
    }
    // A singleton begins an extension, and something follows it.
    if (subtag.size() == 1 && next == std::string_view::npos && !after_singleton) return false;
    if (subtag.size() == 1) after_singleton = after_singleton || lower(subtag[0]) == 'x';
    if (next == std::string_view::npos) return true;
    rest = rest.substr(next + 1);
  }
}

bool is_country_code(std::string_view text) {
  if (text.size() != 2 || !is_letter(text[0]) || !is_letter(text[1])) return false;
  const auto upper = [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; };
  const std::array<char, 2> high = {upper(text[0]), upper(text[1])};
  return has_word(country_codes, {high.data(), high.size()});
}

}  // namespace comity::stix
