"""Starts the test plant: `python tests/plant FOLDER`.

Every server stands on a free port of loopback behind a proxy; FOLDER gets `site.ron` (the map for `ballast feed`),
`wire.log` (every byte that the console sent), `mosquitto.log` and `ports.json`. One line on stdout says that all is up.
It ends when its standard input closes; exit code 3 means that somebody tried to write.
"""

import asyncio
import json
import logging
import os
import socket
import string
import sys
import traceback
from pathlib import Path

import servers
from control import Control
from exporter import Exporter
from faults import Faults
from miners import Miner
from modbus_devices import Bess, Controller, Device, Meter
from plant import Plant
from proxy import Proxy, WireLog
from publishers import Gateway, Node
from second_meter import SecondMeter

STEP_S, PUBLISH_EVERY = 0.02, 10


def free_ports(count):
    """So many ports that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


async def reachable(port):
    """Waits until somebody listens."""
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.05)
    raise SystemExit(f"nobody listens on port {port}")


async def main(folder):
    """Everything in one loop, but for the child processes and the threads of paho and pyModbusTCP."""
    plant, faults, log = Plant(), Faults(), WireLog(folder / "wire.log")
    plant.step(STEP_S)
    protocols = {
        "meter": "modbus", "meter2": "modbus", "controller": "modbus", "bess": "modbus", "broker": "mqtt",
        "dcgm": "http", "federate": "http", "miner1": "cgminer", "miner2": "cgminer", "miner3": "cgminer",
    }
    numbers = iter(free_ports(2 * len(protocols) + 2))
    inner = {name: next(numbers) for name in protocols}
    outer = {name: next(numbers) for name in protocols}
    # the publishers have a wire of their own, which can be cut; what they send is no concern of the log
    field_port, control_port = next(numbers), next(numbers)

    children = [
        servers.broker(folder, inner["broker"]),
        servers.prometheus(folder, inner["federate"], inner["dcgm"]),
    ]
    try:
        second = SecondMeter(plant, inner["meter2"])
        second.start()
        for name, model in (("meter", Meter(plant)), ("controller", Controller(plant)), ("bess", Bess(plant))):
            await Device(name, model, faults, inner[name]).start()
        listening = [await Exporter(plant, faults).start(inner["dcgm"])]
        for name in ("miner1", "miner2", "miner3"):
            listening.append(await Miner(name, plant, faults).start(inner[name]))
        listening.append(await Control(plant, faults, log).start(control_port))
        proxies = [Proxy(n, p, outer[n], inner[n], faults, log) for n, p in protocols.items()]
        proxies.append(Proxy("field", "mqtt", field_port, inner["broker"], faults, None))
        tasks = [asyncio.ensure_future(p.run()) for p in proxies]
        for port in [*inner.values(), *outer.values(), field_port]:
            await reachable(port)
        gateway, node = Gateway(plant, faults, field_port), Node(plant, field_port)

        text = string.Template((Path(__file__).parent / "site.ron").read_text())
        (folder / "site.ron").write_text(text.substitute({n: str(p) for n, p in outer.items()}))
        (folder / "ports.json").write_text(json.dumps({"control": control_port, "broker_itself": inner["broker"], **outer}))
        print("up", flush=True)

        end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        steps, begun = 0, asyncio.get_running_loop().time()
        while not end.done():
            plant.step(STEP_S)
            second.refresh()
            steps += 1
            if steps % PUBLISH_EVERY == 0:
                gateway.publish()
                node.publish()
            await asyncio.sleep(max(0.0, begun + steps * STEP_S - asyncio.get_running_loop().time()))
        del listening, tasks
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()
    return 3 if log.writes else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    place = Path(sys.argv[1]).resolve()
    place.mkdir(parents=True, exist_ok=True)
    # what the stacks say of the faults is not what is tested
    logging.disable(logging.CRITICAL)
    # leaves without taking the servers down one by one: the threads of the stacks have no other end
    code = 1
    try:
        code = asyncio.new_event_loop().run_until_complete(main(place))
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)
