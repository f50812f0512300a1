"""What a client asks for, from the bytes that it sent: each request by kind, and whether it is more than a read.

It is written apart from the console, and from the side of the attacker: whatever is not surely a read counts as a write.
"""

import json

READS = {1: "FC 1", 2: "FC 2", 3: "FC 3", 4: "FC 4"}
LISTENER = {1: "CONNECT", 8: "SUBSCRIBE", 12: "PINGREQ", 14: "DISCONNECT"}
REPORTS = ("summary", "stats", "devs")


def modbus(data):
    """(kind, is_write, bytes used) of the first request, or None while it is not complete."""
    if len(data) < 8:
        return None
    length = int.from_bytes(data[4:6], "big")
    if data[2:4] != b"\0\0" or not 2 <= length <= 254:
        return "not Modbus", True, len(data)
    if len(data) < 6 + length:
        return None
    function = data[7]
    return READS.get(function, f"FC {function}"), function not in READS or length != 6, 6 + length


def mqtt(data):
    """As `modbus`, for the packets of an MQTT client."""
    length, used = 0, 1
    while True:
        if used >= len(data):
            return None
        byte = data[used]
        length |= (byte & 0x7F) << 7 * (used - 1)
        used += 1
        if not byte & 0x80:
            break
    if len(data) < used + length:
        return None
    kind = data[0] >> 4
    body = data[used : used + length]
    will = kind == 1 and body[7] & 0b0011_1100
    name = LISTENER.get(kind, f"packet {kind}") + (" with a will" if will else "")
    return name, kind not in LISTENER or bool(will), used + length


def http(data):
    """As `modbus`, for HTTP/1.1."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = data[:end].decode("latin-1")
    method = head.split(" ", 1)[0]
    body = any(h in head.lower() for h in ("content-length:", "transfer-encoding:"))
    return method, method != "GET" or body, end + 4


def cgminer(data):
    """As `modbus`, for the cgminer API: one object a connection."""
    try:
        asked = json.loads(data)
    except ValueError:
        return None
    if not isinstance(asked, dict) or set(asked) != {"command"} or asked["command"] not in REPORTS:
        return str(asked)[:60], True, len(data)
    return asked["command"], False, len(data)


class Watch:
    """The requests of one connection, put together from its segments."""

    def __init__(self, protocol):
        self.first = {"modbus": modbus, "mqtt": mqtt, "http": http, "cgminer": cgminer}[protocol]
        self.rest = b""

    def feed(self, data):
        """(kind, is_write) of every request that these bytes complete."""
        self.rest += data
        while self.rest and (found := self.first(self.rest)):
            kind, is_write, used = found
            self.rest = self.rest[used:]
            yield kind, is_write
