"""Look-alikes of miners: the cgminer API, one request a connection, answers that end with NUL."""

import asyncio
import json
import time

#: What may be asked; everything else answers "Access denied", as without --api-allow W.
REPORTS = ("summary", "stats", "devs")


class Miner:
    """One machine of the fleet."""

    def __init__(self, name, plant, faults):
        self.name, self.plant, self.faults = name, plant, faults

    def report(self, command):
        """The answer as text."""
        denied = command not in REPORTS or self.faults.on("cg_deny", self.name)
        status = {"STATUS": "S", "When": int(time.time()), "Code": 11, "Msg": "Summary"}
        if denied:
            status.update(STATUS="E", Code=45, Msg=f"Access denied to '{command}' command")
            return json.dumps({"STATUS": [status], "id": 1})
        # a third of the hall each
        watts = self.plant.miner_kw * 1000.0 / 3
        summary = {"Elapsed": int(self.plant.t_s), "MHS av": watts * 3.3e4, "Power": watts, "Chip Temp Avg": 71.5}
        text = json.dumps({"STATUS": [status], "SUMMARY": [summary], "id": 1})
        found = self.faults.on("cg_badjson", self.name)
        if found:
            # the comma that some firmware forgets, or nothing that can be mended
            text = text.replace('"id"', '"STATS": [{"Type": "M50"}{"Elapsed": 5}], "id"') if found.get("mild") else text[:-9]
        return text

    async def answer(self, reader, writer):
        """One connection."""
        try:
            asked = json.loads(await reader.read(1024))
            if self.faults.on("cg_slow", self.name):
                await asyncio.sleep(2.0)
            writer.write(self.report(asked.get("command")).encode())
            writer.write(b"" if self.faults.on("cg_nonul", self.name) else b"\0")
            await writer.drain()
        except (ConnectionError, ValueError, AttributeError):
            pass
        finally:
            writer.close()

    async def start(self, port):
        """Listens."""
        return await asyncio.start_server(self.answer, "127.0.0.1", port)
