"""What a command of comity needs of memory, by the kernel's account."""

import json
import threading

from harness import environment, start

LOOKS_A_SECOND = 50
MIB = 1024 * 1024


def peak_bytes(pid):
    """The most that was resident of a process so far: its own pages, and those of files that it
    has mapped. None when it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            found = [line for line in status if line.startswith("VmHWM:")]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(found[0].split()[1]) * 1024 if found else None  # a zombie has no such line


def measured(*arguments, seconds, code=0):
    """Runs one command with --json; its answer, and the most that was resident of it."""
    process = start(*arguments, "--json", extra=environment())
    watchdog = threading.Timer(seconds, process.kill)
    watchdog.start()
    peak, ended = 0, threading.Event()

    def look():
        nonlocal peak
        while not ended.wait(1 / LOOKS_A_SECOND):
            peak = max(peak, peak_bytes(process.pid) or 0)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        told = process.stdout.read()
        got = process.wait()
    finally:
        watchdog.cancel()
        ended.set()
        looking.join()
        process.kill()
        process.wait()
        process.stdout.close()
    assert got == code, f"comity {' '.join(map(str, arguments))}: exit {got}\n{told[-3000:]!r}"
    assert peak > MIB, "the process ended before it was looked at"
    return json.loads(told), peak
