"""Objects of STIX 2.1 with one change each, and what the standard says of them.

`mutants(count, seed)` draws from every change that is defined for the good objects below: the same
seed gives the same mutants. A change is named, and says whether the object stays valid and which
section of the standard decides. What the standard only advises (SHOULD) leaves an object valid.
"""

import collections
import copy
import dataclasses
import random

STAMP = "2016-04-06T20:03:48.123Z"
LATER = "2017-04-06T20:03:48.123Z"
UUID = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
MD5 = "b365b9a80a06906fc9b400c06c33ff43"
AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"


@dataclasses.dataclass
class Mutant:
    change: str   # "drop-required"
    where: str    # "indicator.pattern"
    item: dict
    valid: bool   # by the standard
    section: str  # that decides


def ref(kind):
    return f"{kind}--31b940d4-6f7f-459a-80ea-9c1f17b5891b"


def versioned(kind, **members):
    """A domain or relationship object with every common property."""
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{UUID}", "created": STAMP,
            "modified": STAMP, "created_by_ref": ref("identity"), "revoked": False,
            "labels": ["one"], "confidence": 50, "lang": "en",
            "external_references": [{"source_name": "a", "description": "b"}],
            "object_marking_refs": [AMBER],
            "granular_markings": [{"marking_ref": AMBER, "selectors": ["labels.[0]"]}], **members}


def observable(kind, uuid, **members):
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid}", "defanged": False,
            "object_marking_refs": [AMBER],
            "granular_markings": [{"marking_ref": AMBER, "selectors": ["type"]}], **members}


PHASES = [{"kill_chain_name": "a", "phase_name": "b"}]
SEEN = {"first_seen": STAMP, "last_seen": LATER}
MOTIVES = {"resource_level": "club", "primary_motivation": "revenge",
           "secondary_motivations": ["ideology"]}
V5 = "ff26c055-6336-5bc5-b98d-13d6226742dd"

# Each with the properties that it must have beside the common ones.
GOOD = [
    (versioned("attack-pattern", name="a", description="b", aliases=["c"],
               kill_chain_phases=PHASES), ["name"]),
    (versioned("campaign", name="a", description="b", aliases=["c"], objective="d", **SEEN),
     ["name"]),
    (versioned("course-of-action", name="a", description="b"), ["name"]),
    (versioned("grouping", name="a", context="unspecified", object_refs=[ref("malware")]),
     ["context", "object_refs"]),
    (versioned("identity", name="a", description="b", roles=["c"], identity_class="group",
               sectors=["energy"], contact_information="d"), ["name"]),
    (versioned("incident", name="a", description="b"), ["name"]),
    (versioned("indicator", name="a", description="b", indicator_types=["benign"],
               pattern="[file:size = 1]", pattern_type="stix", pattern_version="2.1",
               valid_from=STAMP, valid_until=LATER, kill_chain_phases=PHASES),
     ["pattern", "pattern_type", "valid_from"]),
    (versioned("infrastructure", name="a", infrastructure_types=["botnet"], aliases=["b"],
               kill_chain_phases=PHASES, **SEEN), ["name"]),
    (versioned("intrusion-set", name="a", aliases=["b"], goals=["c"], **SEEN, **MOTIVES),
     ["name"]),
    (versioned("location", name="a", latitude=1.5, longitude=2.5, precision=3.5, region="africa",
               country="za", city="b", street_address="c", postal_code="d"), []),
    (versioned("malware", name="a", malware_types=["worm"], is_family=False, aliases=["b"],
               kill_chain_phases=PHASES, operating_system_refs=[ref("software")],
               architecture_execution_envs=["x86"], implementation_languages=["c"],
               capabilities=["anti-vm"], sample_refs=[ref("file")], **SEEN), ["is_family"]),
    (versioned("malware-analysis", product="a", version="b", host_vm_ref=ref("software"),
               installed_software_refs=[ref("software")], modules=["c"], submitted=STAMP,
               analysis_started=STAMP, analysis_ended=LATER, result_name="d", result="benign",
               sample_ref=ref("file")), ["product", "result"]),
    (versioned("note", abstract="a", content="b", authors=["c"], object_refs=[ref("malware")]),
     ["content", "object_refs"]),
    (versioned("observed-data", first_observed=STAMP, last_observed=LATER, number_observed=1,
               object_refs=[ref("file")]),
     ["first_observed", "last_observed", "number_observed", "object_refs"]),
    (versioned("opinion", explanation="a", authors=["b"], opinion="neutral",
               object_refs=[ref("malware")]), ["opinion", "object_refs"]),
    (versioned("report", name="a", report_types=["tool"], published=STAMP,
               object_refs=[ref("malware")]), ["name", "published", "object_refs"]),
    (versioned("threat-actor", name="a", threat_actor_types=["spy"], aliases=["b"],
               roles=["agent"], goals=["c"], sophistication="expert",
               personal_motivations=["revenge"], **SEEN, **MOTIVES), ["name"]),
    (versioned("tool", name="a", tool_types=["exploitation"], aliases=["b"], tool_version="c",
               kill_chain_phases=PHASES), ["name"]),
    (versioned("vulnerability", name="a", description="b"), ["name"]),
    (versioned("relationship", relationship_type="uses", description="a",
               source_ref=ref("malware"), target_ref=ref("tool"), start_time=STAMP,
               stop_time=LATER), ["relationship_type", "source_ref", "target_ref"]),
    (versioned("sighting", description="a", count=1, sighting_of_ref=ref("malware"),
               observed_data_refs=[ref("observed-data")], where_sighted_refs=[ref("identity")],
               summary=False, **SEEN), ["sighting_of_ref"]),
    (observable("artifact", V5, mime_type="text/plain", url="http://example.com/a",
                hashes={"MD5": MD5}), ["url", "hashes"]),
    (observable("autonomous-system", V5, number=1, name="a", rir="b"), ["number"]),
    (observable("directory", V5, path="a", path_enc="UTF-8", ctime=STAMP, mtime=STAMP,
                atime=STAMP, contains_refs=[ref("file")]), ["path"]),
    (observable("domain-name", V5, value="example.com", resolves_to_refs=[ref("ipv4-addr")]),
     ["value"]),
    (observable("email-addr", V5, value="a@example.com", display_name="b",
                belongs_to_ref=ref("user-account")), ["value"]),
    (observable("email-message", V5, is_multipart=False, date=STAMP, content_type="text/plain",
                from_ref=ref("email-addr"), to_refs=[ref("email-addr")], subject="a", body="b",
                received_lines=["c"]),
     ["is_multipart"]),
    (observable("file", V5, hashes={"MD5": MD5}, size=1, name="a", name_enc="UTF-8",
                magic_number_hex="4d5a", mime_type="text/plain", ctime=STAMP,
                parent_directory_ref=ref("directory"), contains_refs=[ref("url")],
                content_ref=ref("artifact")), []),
    (observable("ipv4-addr", V5, value="192.0.2.1", resolves_to_refs=[ref("mac-addr")],
                belongs_to_refs=[ref("autonomous-system")]), ["value"]),
    (observable("ipv6-addr", V5, value="2001:db8::1"), ["value"]),
    (observable("mac-addr", V5, value="d2:fb:49:24:37:18"), ["value"]),
    (observable("mutex", V5, name="a"), ["name"]),
    (observable("network-traffic", V5, start=STAMP, end=LATER, is_active=False,
                src_ref=ref("ipv4-addr"), dst_ref=ref("ipv4-addr"), src_port=1, dst_port=2,
                protocols=["ipv4", "tcp"], src_byte_count=3, ipfix={"minimumIpTotalLength": 4}),
     ["protocols"]),
    (observable("process", UUID, is_hidden=False, pid=1, created_time=STAMP, cwd="a",
                command_line="b", environment_variables={"abc": "c"},
                opened_connection_refs=[ref("network-traffic")], image_ref=ref("file"),
                parent_ref=ref("process")), []),
    (observable("software", V5, name="a", cpe="cpe:2.3:a:b:c:2000:*:*:*:*:*:*:*", swid="d",
                languages=["en"], vendor="e", version="f"), ["name"]),
    (observable("url", V5, value="http://example.com/"), ["value"]),
    (observable("user-account", V5, user_id="a", account_login="b", account_type="unix",
                display_name="c", is_privileged=False, account_created=STAMP), []),
    (observable("windows-registry-key", V5, key="hkey_local_machine\\a",
                values=[{"name": "a", "data": "b", "data_type": "REG_SZ"}], modified_time=STAMP,
                number_of_subkeys=1), []),
    (observable("x509-certificate", V5, is_self_signed=False, hashes={"MD5": MD5}, version="1",
                serial_number="a", validity_not_before=STAMP,
                x509_v3_extensions={"key_usage": "b"}), []),
    ({name: value for name, value in versioned(
        "language-content", object_ref=ref("malware"), object_modified=STAMP,
        contents={"de": {"name": "a"}}).items() if name != "lang"}, ["object_ref", "contents"]),
    ({"type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--{UUID}",
      "created": STAMP, "created_by_ref": ref("identity"), "name": "a",
      "definition_type": "statement", "definition": {"statement": "b"}}, []),
    ({"type": "extension-definition", "spec_version": "2.1", "id": f"extension-definition--{UUID}",
      "created": STAMP, "modified": STAMP, "created_by_ref": ref("identity"), "name": "a",
      "description": "b", "schema": "https://example.com/schema", "version": "1.0.0",
      "extension_types": ["property-extension"]},
     ["created_by_ref", "name", "schema", "version", "extension_types"]),
]

# Times of which the second may not be earlier than the first.
ORDERS = [("created", "modified"), ("first_seen", "last_seen"), ("valid_from", "valid_until"),
          ("first_observed", "last_observed"), ("start_time", "stop_time"), ("start", "end")]

# Where a value is one of a closed enumeration; what follows each is an open vocabulary.
CLOSED = {"opinion.opinion": "10.18"}
OPEN = {"grouping.context", "identity.identity_class", "malware-analysis.result",
        "threat-actor.sophistication", "threat-actor.resource_level", "location.region",
        "intrusion-set.primary_motivation", "user-account.account_type"}

# What a reference may not name.
WRONG_TARGETS = {
    "relationship.source_ref": "relationship", "relationship.target_ref": "marking-definition",
    "sighting.sighting_of_ref": "url", "malware-analysis.host_vm_ref": "file",
    "malware-analysis.sample_ref": "malware", "email-addr.belongs_to_ref": "url",
    "email-message.from_ref": "url", "file.content_ref": "file",
    "file.parent_directory_ref": "file", "network-traffic.src_ref": "file",
    "process.image_ref": "directory", "process.parent_ref": "file",
}
WRONG_LISTED = {
    "malware.sample_refs": "malware", "malware.operating_system_refs": "tool",
    "sighting.observed_data_refs": "tool", "sighting.where_sighted_refs": "tool",
    "directory.contains_refs": "url", "domain-name.resolves_to_refs": "url",
    "ipv4-addr.resolves_to_refs": "url", "ipv4-addr.belongs_to_refs": "url",
    "email-message.to_refs": "url", "process.opened_connection_refs": "url",
}

# One property set to one value (None: taken out), the changes "set-1", "set-2" … of it; whether
# the object stays valid, and the section.
SET = [
    ("attack-pattern", "external_references",
     [{"source_name": "capec", "external_id": "CAPEC-x"}], False, "4.1"),
    ("attack-pattern", "external_references",
     [{"source_name": "capec", "external_id": "CAPEC-12"}], True, "4.1"),
    ("vulnerability", "external_references",
     [{"source_name": "cve", "external_id": "CVE-16-1"}], False, "4.19"),
    ("vulnerability", "external_references",
     [{"source_name": "cve", "external_id": "CVE-2016-12345"}], True, "4.19"),
    ("indicator", "pattern", "[file:size = ]", False, "9"),
    ("indicator", "pattern", "[file:hashes.MD5 = 'f00']", False, "9"),
    ("indicator", "pattern", "[file:name LIKE 'a%'] FOLLOWEDBY [url:value = 'b']", True, "9"),
    ("location", "latitude", 90.5, False, "4.10"),
    ("location", "latitude", 90, True, "4.10"),
    ("location", "longitude", -181, False, "4.10"),
    ("location", "latitude", None, False, "4.10"),
    ("malware-analysis", "product", "A b", True, "4.12"),
    ("observed-data", "number_observed", 0, False, "4.14"),
    ("observed-data", "number_observed", 999_999_999, True, "4.14"),
    ("observed-data", "number_observed", 1_000_000_000, False, "4.14"),
    ("relationship", "relationship_type", "Uses_it", False, "5.1"),
    ("relationship", "relationship_type", "of-no-table", True, "5.1"),
    ("sighting", "count", -1, False, "5.2"),
    ("sighting", "count", 0, True, "5.2"),
    ("sighting", "count", 1_000_000_000, False, "5.2"),
    ("artifact", "payload_bin", "QQ==", False, "6.1"),
    ("artifact", "hashes", None, False, "6.1"),
    ("artifact", "decryption_key", "a", False, "6.1"),
    ("artifact", "url", "no scheme", False, "6.1"),
    ("domain-name", "value", "a b", False, "6.4"),
    ("email-addr", "value", "nobody", False, "6.5"),
    ("email-message", "is_multipart", True, False, "6.6"),
    ("email-message", "body_multipart", [{"body": "a", "content_type": "text/plain"}], False,
     "6.6"),
    ("email-message", "additional_header_fields", {"X-Mailer": ["d"]}, True, "6.6"),
    ("file", "name_enc", "utf-8", True, "6.7"),
    ("file", "size", -1, False, "6.7"),
    ("file", "magic_number_hex", "4d5", False, "2.8"),
    ("file", "magic_number_hex", "zz", False, "2.8"),
    ("file", "hashes", {"MD5": "f00"}, False, "2.7"),
    ("file", "hashes", {"SHA-256": MD5}, False, "2.7"),
    ("file", "hashes", {"ab": MD5}, False, "2.7"),
    ("file", "hashes", {"own_hash": "anything"}, True, "2.7"),
    ("file", "hashes", {}, False, "2.3"),
    ("file", "extensions", {}, False, "2.3"),
    ("file", "extensions", {"ntfs-ext": {}}, False, "6.7.3"),
    ("file", "extensions", {"ntfs-ext": {"sid": "a"}}, True, "6.7.3"),
    ("file", "extensions", {"archive-ext": {"comment": "a"}}, False, "6.7.2"),
    ("file", "extensions", {"windows-pebinary-ext": {"pe_type": "exe"}}, False, "6.7.6"),
    ("ipv4-addr", "value", "1.2.3.400", False, "6.8"),
    ("ipv4-addr", "value", "192.0.2.0/24", True, "6.8"),
    ("ipv4-addr", "value", "192.0.2.0/33", False, "6.8"),
    ("ipv6-addr", "value", "2001:db8::/32", True, "6.9"),
    ("ipv6-addr", "value", "2001:db8:::1", False, "6.9"),
    ("ipv6-addr", "value", "2001:db8::/129", False, "6.9"),
    ("mac-addr", "value", "D2:FB:49:24:37:18", False, "6.10"),
    ("mac-addr", "value", "d2-fb-49-24-37-18", False, "6.10"),
    ("network-traffic", "is_active", True, False, "6.12"),
    ("network-traffic", "src_port", 65_536, False, "6.12"),
    ("network-traffic", "src_port", None, True, "6.12"),
    ("network-traffic", "src_byte_count", -1, False, "6.12"),
    ("network-traffic", "ipfix", {"minimumIpTotalLength": []}, False, "6.12"),
    ("network-traffic", "extensions", {"icmp-ext": {"icmp_type_hex": "08"}}, False, "6.12.3"),
    ("network-traffic", "extensions", {"socket-ext": {"address_family": "AF_X"}}, False, "10.16"),
    ("network-traffic", "extensions", {"socket-ext": {"address_family": "AF_INET"}}, True,
     "6.12.4"),
    ("process", "extensions", {"windows-service-ext": {"start_type": "SOMEHOW"}}, False, "10.30"),
    ("process", "extensions", {"windows-process-ext": {"priority": "HIGH"}}, True, "6.13.2"),
    ("software", "cpe", "cpe:/a:b", False, "6.14"),
    ("software", "languages", ["no language"], False, "6.14"),
    ("url", "value", "no url", False, "6.15"),
    ("user-account", "extensions", {"unix-account-ext": {}}, False, "6.16.2"),
    ("windows-registry-key", "key", "HKLM\\a", False, "6.17"),
    ("windows-registry-key", "values", [{}], False, "6.17.2"),
    ("windows-registry-key", "values", [{"data_type": "REG_X"}], False, "10.29"),
    ("x509-certificate", "x509_v3_extensions", {}, False, "6.18.2"),
    ("language-content", "contents", {"no language": {"name": "a"}}, False, "7.1"),
    ("marking-definition", "definition", None, False, "7.2.1"),
    ("marking-definition", "definition", {}, False, "7.2.1.3"),
    ("marking-definition", "object_marking_refs", [f"marking-definition--{UUID}"], False,
     "7.2.2"),
    ("extension-definition", "extension_types", ["of-another-kind"], False, "10.5"),
    ("extension-definition", "extension_types", ["new-sdo", "property-extension"], True, "7.3"),
    ("extension-definition", "extension_properties", ["some_name"], False, "7.3"),
]

BAD_TIMES = ["2016-04-06", "2016-04-06T20:03:48.123", "2016-04-06T20:03:48.123+00:00",
             "2016-13-06T20:03:48.123Z", "2016-02-30T20:03:48.123Z", "2016-04-06T25:03:48.123Z",
             "2016-04-06t20:03:48.123z", "2016-04-06 20:03:48.123Z", "yesterday", ""]
RESERVED = ["severity", "username", "phone_numbers"]
BAD_NAMES = ["ab", "Upper", "a-hyphen", "9lives", "_under"]
GOOD_NAMES = ["x_acme_rating", "acme_rating"]
EXTENSION = "extension-definition--a932fcc6-e032-476c-826f-cb970a5a1ade"


def wrong_type(value):
    if isinstance(value, bool):
        return "true"
    if isinstance(value, (int, float)):
        return "1"
    if isinstance(value, str):
        return 7
    return "text"


def is_time(value):
    return value in (STAMP, LATER)


def form(name, value):
    """What a property holds, as the names of changes say it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, dict):
        return "dictionary"
    if isinstance(value, list):
        return "list"
    if is_time(value):
        return "time"
    if name == "type":
        return "type"
    return "identifier" if name == "id" or name.endswith("_ref") else "text"


def changes():
    """Every (change, where, item, valid, section) there is, in a fixed order."""
    for good, required in GOOD:
        kind = good["type"]
        is_observable = "defanged" in good

        def changed(change, name, value, valid, section, good=good, kind=kind):
            item = copy.deepcopy(good)
            if value is None:
                item.pop(name, None)
            else:
                item[name] = copy.deepcopy(value)
            return change, f"{kind}.{name}", item, valid, section

        yield "unchanged", kind, copy.deepcopy(good), True, "3"
        common = ["type", "id"] + ([] if is_observable else ["spec_version", "created"])
        if "modified" in good:
            common.append("modified")
        for name in [*common, *required]:
            yield changed("drop-required", name, None, False, "3.2")
        for name, value in good.items():
            yield changed(f"wrong-type-for-{form(name, value)}", name, wrong_type(value), False,
                          "2")
            item = copy.deepcopy(good)
            item[name] = None
            needed = name in common or name in required
            yield "null-for-required" if needed else "null", f"{kind}.{name}", item, False, "2"
            if isinstance(value, list):
                yield changed("empty-list", name, [], False, "2.12")
                yield changed("no-list", name, value[0], False, "2.12")
            if is_time(value):
                for number, bad in enumerate(BAD_TIMES):
                    yield changed(f"bad-time-{number}", name, bad, False, "2.16")
            if name.endswith("_ref"):
                yield changed("no-identifier", name, "anything", False, "2.9")
                yield changed("bundle-reference", name, ref("bundle"), False, "8.2")
            where = f"{kind}.{name}"
            if where in CLOSED:
                yield changed("closed-enumeration", name, "maybe", False, CLOSED[where])
            if where in OPEN:
                yield changed("open-vocabulary", name, "of-none", True, "2.14")
            if where in WRONG_TARGETS:
                yield changed("wrong-target", name, ref(WRONG_TARGETS[where]), False, "2.9")
            if where in WRONG_LISTED:
                yield changed("wrong-target", name, [ref(WRONG_LISTED[where])], False, "2.9")
        for first, second in ORDERS:
            if first in good and second in good:
                yield changed("wrong-order", second, "2010-01-01T00:00:00.000Z", False, "3.2")
        yield changed("other-prefix", "id", f"acme--{UUID}", False, "2.9")
        yield changed("bad-uuid", "id", f"{kind}--1", False, "2.9")
        if not is_observable:
            yield changed("uuid-of-version-1", "id",
                          f"{kind}--8e2e2d2b-17d4-1cbf-938f-98ee46b3cd3f", True, "2.9")
        yield changed("other-spec-version", "spec_version", "2.2", False, "3.2")
        for name in RESERVED:
            yield changed("reserved-name", name, "a", False, "3.8")
        for name in BAD_NAMES:
            yield changed("bad-name", name, "a", False, "3.1")
        for name in GOOD_NAMES:
            yield changed("custom-name", name, "a", True, "11.1")
        if "confidence" in good:
            for bad in (101, -1, 1.5):
                yield changed("confidence", "confidence", bad, False, "3.2")
            yield changed("confidence", "confidence", 100, True, "3.2")
        if "lang" in good:
            yield changed("language", "lang", "no language", False, "3.2")
            yield changed("language", "lang", "pt-BR", True, "3.2")
        if "external_references" in good:
            yield changed("bare-reference", "external_references", [{"source_name": "a"}], False,
                          "2.5")
            yield changed("no-source", "external_references", [{"description": "a"}], False, "2.5")
        if "granular_markings" in good:
            marking = {"marking_ref": AMBER, "selectors": ["type"]}
            for change, own in (
                    ("selector-of-nothing", {"selectors": ["nothing"]}),
                    ("selector-beyond-list", {"selectors": ["object_marking_refs.[7]"]}),
                    ("no-selectors", {"selectors": []}),
                    ("marking-and-language", {"lang": "en"})):
                yield changed(change, "granular_markings", [{**marking, **own}], False, "7.2.3")
            yield changed("marking-of-nothing", "granular_markings", [{"selectors": ["type"]}],
                          False, "7.2.3")
            yield changed("marked-language", "granular_markings",
                          [{"lang": "en", "selectors": ["type"]}], True, "7.2.3")
            yield changed("wrong-target", "object_marking_refs", [ref("identity")], False, "7.2.2")
        if kind not in ("extension-definition",):
            yield changed("property-extension", "extensions", {
                EXTENSION: {"extension_type": "property-extension", "rank": 5}}, True, "7.3")
            yield changed("extension-of-no-kind", "extensions", {EXTENSION: {"rank": 5}}, False,
                          "7.3")
            yield changed("new-type-on-a-known-one", "extensions", {
                EXTENSION: {"extension_type": "new-sdo"}}, False, "7.3")
        numbers = collections.Counter()
        for of, name, value, valid, section in SET:
            if of == kind:
                numbers[name] += 1
                yield changed(f"set-{numbers[name]}", name, value, valid, section)


def every_mutant():
    """Each change once, in a fixed order."""
    return [Mutant(*one) for one in changes()]


def mutants(count, seed):
    """`count` of them, each change once before any comes again."""
    draw = random.Random(seed)
    every = every_mutant()
    out = []
    while len(out) < count:
        draw.shuffle(every)
        out.extend(every[:count - len(out)])
    return out
