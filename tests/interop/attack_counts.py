"""What mitreattack-python finds in a bundle: python attack_counts.py FILE

A process of its own, because it holds a hundred times the memory that the test does.
"""

import hashlib
import json
import sys

from mitreattack.stix20 import MitreAttackData
from stix2 import Filter


def main(path):
    data = MitreAttackData(stix_filepath=path)
    used = {group: sorted(entry["object"]["id"] for entry in entries)
            for group, entries in data.get_all_techniques_used_by_all_groups().items()}
    return {
        "techniques": len(data.get_techniques(include_subtechniques=True)),
        "subtechniques": len(data.get_subtechniques()),
        "groups": len(data.get_groups()),
        "software": len(data.get_software()),
        "relationships": len(data.src.query([Filter("type", "=", "relationship")])),
        "groups that use a technique": len(used),
        "uses": sum(map(len, used.values())),
        "which": hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest(),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
