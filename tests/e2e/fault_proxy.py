"""A TCP proxy that spoils what goes through it: slow, cut in the middle, half open, closed.

It sees bytes of TLS and nothing of what they mean. A connection keeps the fault that was set when
it was made. Every connection has a thread; `close` ends them all.
"""

import collections
import dataclasses
import select
import socket
import struct
import threading
import time

CHUNK_BYTES = 1024
POLL_SECONDS = 0.05


@dataclasses.dataclass(frozen=True)
class Fault:
    """What happens to a connection. Bytes are counted in one direction, TLS and all."""
    refuse: bool = False  # closed as soon as it is made
    delay_s: float = 0  # before every chunk
    bytes_per_s: float = 0  # in each direction
    cut_after: tuple = ()  # ("up" or "down", bytes): reset after so many bytes of it
    stall_after: tuple = ()  # the same: from then on nothing is forwarded, and nothing is closed

    @property
    def name(self):
        if self.refuse:
            return "refused"
        if self.cut_after:
            return f"cut {self.cut_after[0]}"
        if self.stall_after:
            return f"stalled {self.stall_after[0]}"
        return "slow" if self.delay_s or self.bytes_per_s else "clean"


def reset(connection):
    """Closes with a reset, as a link does that breaks."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    connection.close()


class FaultProxy:
    """Forwards 127.0.0.1:`port` to 127.0.0.1:`target`; "up" is towards the target."""

    def __init__(self, target):
        self.target = target
        self.fault = Fault()
        self.counts = collections.Counter()  # how often each fault took effect, by its name
        self._open = True
        self._drops = 0
        self._stalled = 0
        self._lock = threading.Lock()
        self._threads = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL_SECONDS)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    @property
    def endpoint(self):
        return f"https://127.0.0.1:{self.port}"

    @property
    def stalled(self):
        """How many connections are half open now."""
        with self._lock:
            return self._stalled

    def drop_stalled(self):
        """Resets the connections that are half open now."""
        with self._lock:
            self._drops += 1

    def close(self):
        self._open = False
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _start(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _count(self, name):
        with self._lock:
            self.counts[name] += 1

    def _accept(self):
        while self._open:
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._start(self._serve, client, self.fault)

    def _serve(self, client, fault):
        if fault.refuse:
            self._count(fault.name)
            reset(client)
            return
        try:
            server = socket.create_connection(("127.0.0.1", self.target), timeout=POLL_SECONDS)
        except OSError:
            reset(client)
            return
        if fault.name in ("slow", "clean"):
            self._count(fault.name)
        try:
            self._forward(client, server, fault)
        except OSError:  # one side has reset the connection: so does the other
            pass
        reset(client)
        reset(server)

    def _forward(self, client, server, fault):
        to = {client: (server, "up"), server: (client, "down")}
        passed = {"up": 0, "down": 0}
        for end in to:
            end.settimeout(None)
        while self._open and to:
            for end in select.select(list(to), [], [], POLL_SECONDS)[0]:
                other, direction = to[end]
                data = end.recv(CHUNK_BYTES)
                if not data:
                    other.shutdown(socket.SHUT_WR)
                    del to[end]
                    continue
                if fault.delay_s:
                    time.sleep(fault.delay_s)
                if fault.bytes_per_s:
                    time.sleep(len(data) / fault.bytes_per_s)
                for what, after in (("cut", fault.cut_after), ("stall", fault.stall_after)):
                    if after and after[0] == direction and passed[direction] + len(data) > after[1]:
                        # What is within the bound goes through: the message ends in its middle.
                        other.sendall(data[:after[1] - passed[direction]])
                        self._count(fault.name)
                        if what == "stall":
                            self._stall()
                        return
                other.sendall(data)
                passed[direction] += len(data)

    def _stall(self):
        """Holds the connection open and silent until it is dropped."""
        with self._lock:
            self._stalled += 1
            drops = self._drops
        while self._open:
            with self._lock:
                if self._drops != drops:
                    break
            time.sleep(POLL_SECONDS)
        with self._lock:
            self._stalled -= 1
