"""What the console must never do, done on purpose, so that the detectors are seen to bite.

`python offend.py FOLDER [direct]`: asks each server for one write, through the proxies, or past them at the broker.
"""

import contextlib
import http.client
import json
import socket
import sys
from pathlib import Path

import paho.mqtt.client as mqtt

#: Write Single Register, Write Multiple Registers, Read/Write Multiple Registers of unit 1.
MODBUS = {
    "FC 6": bytes.fromhex("000100000006" "0106" "1008" "0001"),
    "FC 16": bytes.fromhex("000200000009" "0110" "1008" "0001" "02" "0001"),
    "FC 23": bytes.fromhex("00030000000d" "0117" "0bb8" "0002" "1008" "0001" "02" "0001"),
}


def raw(port, data):
    """Sends bytes and waits for whatever comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as s, contextlib.suppress(OSError):
        s.sendall(data)
        s.recv(1024)


def post(port):
    """An HTTP POST."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("POST", "/metrics", body="power=off")
        connection.getresponse().read()


def publish(port):
    """An MQTT PUBLISH with the console's own account."""
    client = mqtt.Client("offender")
    client.username_pw_set("console-ro", "secret")
    client.connect("127.0.0.1", port, keepalive=5)
    client.loop_start()
    with contextlib.suppress(ValueError, RuntimeError):
        client.publish("plant/setpoint", "0", qos=1).wait_for_publish(1)
    client.disconnect()
    client.loop_stop()


def main(folder, direct):
    """All of them."""
    ports = json.loads((folder / "ports.json").read_text())
    if direct:
        publish(ports["broker_itself"])
        return
    for data in MODBUS.values():
        raw(ports["meter"], data)
    post(ports["dcgm"])
    raw(ports["miner1"], b'{"command":"ascdisable","parameter":"0"}')
    publish(ports["broker"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        # to somebody who is no server of the plant
        s.sendto(b"x", ("127.0.0.1", 9))


if __name__ == "__main__":
    main(Path(sys.argv[1]), "direct" in sys.argv[2:])
