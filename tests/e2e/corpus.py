"""The texts of tests/data/xss.txt, which must be shown as they are."""

import re

from harness import ROOT


def corpus():
    lines = (ROOT / "tests/data/xss.txt").read_text(encoding="utf-8").splitlines()
    return [re.sub(r"\\u([0-9A-F]{4})", lambda found: chr(int(found[1], 16)), line)
            for line in lines if line and not line.startswith("# ")]
