"""The control port: JSON lines on loopback. {"set": "exc", "code": 2}, {"clear": "exc"}, {"ask": "truth"}, {"ask": "wire"}."""

import asyncio
import json


class Control:
    """Sets switches, and tells what the plant and the wire log know."""

    def __init__(self, plant, faults, log):
        self.plant, self.faults, self.log = plant, faults, log

    def act(self, asked):
        """The answer to one line."""
        if name := asked.get("set"):
            self.faults.set(name, asked)
            return {"ok": name}
        if name := asked.get("clear"):
            self.faults.clear(name)
            return {"ok": name}
        if asked.get("ask") == "truth":
            return self.plant.truth()
        if asked.get("ask") == "wire":
            return {"kinds": self.log.kinds, "writes": self.log.writes, "bytes": self.log.bytes}
        raise ValueError("set, clear or ask")

    async def answer(self, reader, writer):
        """One connection, line by line."""
        try:
            while line := await reader.readline():
                try:
                    said = self.act(json.loads(line))
                except (ValueError, AttributeError) as e:
                    said = {"error": str(e)}
                writer.write((json.dumps(said) + "\n").encode())
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def start(self, port):
        """Listens."""
        return await asyncio.start_server(self.answer, "127.0.0.1", port)
