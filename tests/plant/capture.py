"""Reads what the kernel saw: `python capture.py STRACE FOLDER`, the output of
`strace -f -e trace=network,write,writev,close -xx -s 65535`.

Prints one JSON object: requests by link and kind, what was more than a read, and every connection to an address that is
no server of the plant. The bytes are judged by `detect.py`; a call that can send and is not understood counts as a write.
"""

import json
import re
import sys
from pathlib import Path

from detect import Watch

CALL = re.compile(r"^(?:\[pid +)?(?P<pid>\d+)?\]? *(?P<name>[a-z0-9_]+)\((?P<rest>.*)$")
CONNECT = re.compile(r"(?P<fd>\d+), \{sa_family=AF_INET6?, .*?htons\((?P<port>\d+)\)")
SENDS = {"sendto": 1, "write": 1, "send": 1}
VECTORS = ("sendmsg", "sendmmsg", "writev")
PROTOCOLS = {"broker": "mqtt", "dcgm": "http", "federate": "http", "miner": "cgminer"}


def text_bytes(text):
    """The bytes of the first quoted text of a line."""
    found = re.search(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?', text)
    if not found or found.group(2):
        return None
    return bytes.fromhex(found.group(1).replace("\\x", ""))


def protocol(link):
    """How a link speaks."""
    return next((p for name, p in PROTOCOLS.items() if link.startswith(name)), "modbus")


def read(lines, links):
    """Goes through the calls in order."""
    open_fds, kinds, writes, strangers = {}, {}, [], []
    for line in lines:
        if not (found := CALL.match(line.strip())):
            continue
        name, rest = found.group("name"), found.group("rest")
        fd = re.match(r"\d+", rest)
        fd = int(fd.group()) if fd else -1
        if name == "connect":
            if to := CONNECT.match(rest):
                link = links.get(int(to.group("port")))
                if link is None:
                    strangers.append(line.strip()[:120])
                else:
                    open_fds[int(to.group("fd"))] = (link, Watch(protocol(link)))
            elif "AF_UNIX" not in rest:
                strangers.append(line.strip()[:120])
        elif name == "close":
            open_fds.pop(fd, None)
        elif fd in open_fds and (name in SENDS or name in VECTORS):
            link, watch = open_fds[fd]
            data = text_bytes(rest) if name in SENDS else None
            if data is None:
                writes.append(f"{link}: {name} that cannot be read")
                continue
            for kind, is_write in watch.feed(data):
                counts = kinds.setdefault(link, {})
                counts[kind] = counts.get(kind, 0) + 1
                if is_write:
                    writes.append(f"{link}: {kind}")
        elif name == "sendto" and "sin_port" in rest:
            strangers.append(line.strip()[:120])
    return {"kinds": kinds, "writes": writes, "strangers": strangers}


if __name__ == "__main__":
    names = json.loads((Path(sys.argv[2]) / "ports.json").read_text())
    by_port = {port: name for name, port in names.items() if name != "control"}
    with open(sys.argv[1], encoding="latin-1") as file:
        print(json.dumps(read(file, by_port)))
