"""The doctor says what is wrong, in one line each, beside a process that serves."""

from harness import Node


def areas(node, code):
    told = node.answer("doctor", code=code)
    assert told["healthy"] == (code == 0)
    assert all(row["what"] and row["why"] and row["remedy"] for row in told["ailments"])
    return [row["area"] for row in told["ailments"]]


def test_a_link_that_works_and_one_that_does_not(federation):
    cn, ru, vn = federation
    for node in (cn, ru, vn):
        node.serve()
    assert areas(cn, 0) == []
    assert cn.run("doctor").stdout == "nothing is wrong\n"
    ru.stop()
    assert areas(cn, 1) == ["link"]
    done = cn.run("doctor", code=1)
    (line,) = done.stdout.splitlines()
    assert line.startswith("link: RU: ") and "cannot reach" in line and "To do: " in line


def test_an_operational_node_keeps_its_root_elsewhere(tmp_path):
    node = Node.make("XA", tmp_path / "XA", exercise=None)
    assert areas(node, 1) == ["key"]
    (node.folder / "keys/root.pem").rename(tmp_path / "root.pem")
    assert areas(node, 0) == []


def test_a_node_that_cannot_be_opened_is_spoken_about(nodes, tmp_path):
    node = nodes("XA")
    (node.folder / "keys/tls-key.pem").unlink()
    assert areas(node, 1) == ["key"]
    (node.folder / "store.db").write_bytes(b"x" * 8192)
    assert areas(node, 1) == ["store"]
    Node("XB", tmp_path / "none").run("doctor", code=2)
