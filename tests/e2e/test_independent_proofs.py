"""Proofs and checkpoints of ours hold by an implementation that is not ours.

The tree is built once more by pymerkle from the random bytes and entries in the store; the
signature of a checkpoint is checked by OpenSSL's command.
"""

import base64
import hashlib
import json
import random
import shutil
import subprocess

import pytest
from pymerkle import (InclusionProof, InmemoryTree, InvalidProof, verify_consistency,
                      verify_inclusion)

from harness import COMMAND_SECONDS_MAX, SCALE, SEED, Node, bundle, indicator

SAMPLE = max(8, 1000 // SCALE)


def from_text(digest):
    return bytes.fromhex(digest.removeprefix("sha256:"))


@pytest.fixture(scope="module")
def kept(paired_template, tmp_path_factory):
    """A node with two published checkpoints and entries behind them, and its tree by pymerkle."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copytree(paired_template / "CN", folder / "CN")
    cn = Node("CN", folder / "CN")
    path = folder / "bundle.json"
    for number in range(3):
        path.write_text(bundle(indicator(number)), encoding="utf-8")
        cn.run("import", path, "--tlp", "green")
        if number < 2:
            cn.run("ledger", "checkpoint", "--publish")
    tree = InmemoryTree(algorithm="sha256")
    with cn.store() as store:
        for salt, entry in store.execute("SELECT random, entry FROM ledger ORDER BY leaf_index"):
            tree.append_entry(salt + entry.encode())
    return cn, tree


def opened(note, key, folder):
    """Size and root of a signed note (c2sp.org/signed-note), its signature checked by OpenSSL."""
    text, _, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")
    dash, name, blob = signatures.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", origin)
    raw = base64.b64decode(blob, validate=True)
    assert raw[:4] == hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
    # SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 section 10.1).
    (folder / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + key)
    (folder / "text").write_bytes(text.encode() + b"\n")
    (folder / "signature").write_bytes(raw[4:])
    subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey",
         folder / "key.der", "-rawin", "-in", folder / "text", "-sigfile", folder / "signature"],
        check=True, capture_output=True, timeout=COMMAND_SECONDS_MAX)
    return int(size), base64.b64decode(root, validate=True)


def key_of(node):
    key = node.answer("ledger", "checkpoint")["key"]
    return base64.urlsafe_b64decode(key + "=")


def test_checkpoints_hold(kept, tmp_path):
    cn, tree = kept
    told = cn.answer("ledger", "checkpoint")
    size, root = opened(told["checkpoint"]["note"], key_of(cn), tmp_path)
    assert size == tree.get_size() and root == tree.get_root(size)
    size, root = opened(told["published"]["note"], key_of(cn), tmp_path)
    assert size == 512 and root == tree.get_root(512)
    altered = told["published"]["note"].replace("\n512\n", "\n256\n")
    with pytest.raises(subprocess.CalledProcessError):
        opened(altered, key_of(cn), tmp_path)


def test_inclusion_proofs_hold(kept, tmp_path):
    cn, tree = kept
    draw = random.Random(SEED)
    total = tree.get_size()
    for number in range(SAMPLE):
        size = draw.choice([total, draw.randrange(2, total)])
        index = draw.choice([0, size - 1, draw.randrange(size)])
        told = f"COMITY_SEED={SEED} leaf {index} of {size}"
        proof = json.loads(cn.run("ledger", "prove", index, "--size", size).stdout)
        path = [from_text(node) for node in proof["path"]]
        signed_size, root = opened(proof["checkpoint"], key_of(cn), tmp_path)
        assert signed_size == size and root == tree.get_root(size), told
        leaf = from_text(proof["leaf"])
        assert leaf == tree.get_leaf(index + 1), told
        made = tree.prove_inclusion(index + 1, size)
        # Theirs begins with the leaf itself.
        ours = InclusionProof("sha256", True, size, index + 1, made.rule, [leaf, *path])
        verify_inclusion(leaf, root, ours, index=index + 1, size=size)
        wrong = [*path[:-1], hashlib.sha256(path[-1]).digest()]
        ours = InclusionProof("sha256", True, size, index + 1, made.rule, [leaf, *wrong])
        with pytest.raises(InvalidProof):
            verify_inclusion(leaf, root, ours, index=index + 1, size=size)


def led_to(old, size, old_root, path):
    """Old and new root to which a path leads: RFC 9162 section 2.1.4.2, step by step."""
    def joined(left, right):
        return hashlib.sha256(b"\x01" + left + right).digest()

    path = [old_root, *path] if old & (old - 1) == 0 else path
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for node in path[1:]:
        assert sn != 0
        if fn & 1 or fn == sn:
            fr, sr = joined(node, fr), joined(node, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = joined(sr, node)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return fr, sr


def test_consistency_proofs_hold(kept, tmp_path):
    cn, tree = kept
    draw = random.Random(SEED + 1)
    total = tree.get_size()
    for number in range(SAMPLE):
        size = draw.randrange(2, total + 1)
        old = draw.choice([1, size - 1, draw.randrange(1, size), 1 << (size.bit_length() - 2)])
        told = f"COMITY_SEED={SEED} {old} of {size}"
        proof = json.loads(cn.run("ledger", "prove", "--consistency", old, size).stdout)
        for name, leaves in (("old_checkpoint", old), ("checkpoint", size)):
            note = opened(proof[name], key_of(cn), tmp_path)
            assert note == (leaves, tree.get_root(leaves)), told
        old_root, root = tree.get_root(old), tree.get_root(size)
        # Theirs has the same roots and nodes of its own choice; ours is led by the RFC's steps.
        verify_consistency(old_root, root, tree.prove_consistency(old, size))
        path = [from_text(node) for node in proof["path"]]
        assert led_to(old, size, old_root, path) == (old_root, root), told
        wrong = [*path[:-1], hashlib.sha256(path[-1]).digest()]
        assert led_to(old, size, old_root, wrong) != (old_root, root), told
