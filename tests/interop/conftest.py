"""A node that has released all example incidents, for clients that are not ours."""

import json

import pytest

from harness import INCIDENTS, bundle
from served import Served

# An exercise of the content gate, and no incident: parts of it leave no node.
INVENTED = "content-class.json"


@pytest.fixture(scope="session", autouse=True)
def no_other_certificates():
    """requests prefers these variables to verify=False."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """CN has released the incidents to RU, who does not serve, and serves them."""
    folder = tmp_path_factory.mktemp("served")
    objects = {}
    for path in sorted(INCIDENTS.glob("*.json")):
        if path.name != INVENTED:
            content = json.loads(path.read_text(encoding="utf-8"))["objects"]
            objects.update((item["id"], item) for item in content)
    (folder / "incidents.json").write_text(
        bundle(*(json.dumps(item, ensure_ascii=False) for item in objects.values())),
        encoding="utf-8")
    world = Served(folder)
    try:
        world.release(folder / "incidents.json")
        world.node.serve()
        yield world
    finally:
        world.stop()
