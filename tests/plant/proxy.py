"""A proxy in front of every server: logs each byte of the console, counts and stops write attempts, and is the bad wire."""

import asyncio
import json
import time

from detect import Watch

#: Late: after the console's time-out. Slow enough for each piece of a fragmented answer to come alone.
LATE_S, FRAGMENT_S, PIECE = 0.8, 0.002, 4


class WireLog:
    """All bytes that left the console, by link, with the count of each kind of request."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="ascii", buffering=1)
        self.kinds, self.writes, self.bytes = {}, [], 0

    def note(self, link, data):
        """Bytes as they came."""
        self.bytes += len(data)
        self.file.write(json.dumps({"t": round(time.time(), 4), "link": link, "hex": data.hex()}) + "\n")

    def count(self, link, kind, is_write):
        """One request."""
        counts = self.kinds.setdefault(link, {})
        counts[kind] = counts.get(kind, 0) + 1
        if is_write:
            self.writes.append(f"{link}: {kind}")


class Proxy:
    """One listening port in front of one server."""

    def __init__(self, name, protocol, port, target, faults, log):
        self.name, self.protocol, self.port, self.target = name, protocol, port, target
        self.faults, self.log = faults, log
        self.server, self.open = None, set()

    def on(self, fault):
        """Whether a switch is set for this link."""
        return self.faults.on(fault, self.name)

    def refuses(self):
        """Whether nobody is at home."""
        return any(self.on(f) for f in ("refuse", "cg_refuse", "mqtt_drop"))

    async def run(self):
        """Listens, and does not while it refuses."""
        while True:
            if self.refuses() and self.server:
                self.server.close()
                self.server = None
                for writer in list(self.open):
                    writer.transport.abort()
            elif not self.refuses() and not self.server:
                self.server = await asyncio.start_server(self.connection, "127.0.0.1", self.port)
            await asyncio.sleep(0.02)

    async def connection(self, reader, writer):
        """One console, one connection to the server."""
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self.open |= {writer, up_writer}
        tasks = [
            asyncio.ensure_future(self.requests(reader, up_writer)),
            asyncio.ensure_future(self.answers(up_reader, writer)),
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # what the server said last still has to arrive
        await asyncio.wait(tasks[1:], timeout=0.05)
        for task in tasks:
            task.cancel()
        for w in (writer, up_writer):
            self.open.discard(w)
            w.close()

    async def requests(self, reader, up_writer):
        """Console to server."""
        watch = Watch(self.protocol) if self.log else None
        while data := await reader.read(4096):
            if watch:
                self.log.note(self.name, data)
                for kind, is_write in watch.feed(data):
                    self.log.count(self.name, kind, is_write)
                    if is_write:
                        return
            if self.on("disconnect"):
                return
            if self.on("blackhole"):
                continue
            while self.on("mqtt_stall"):
                await asyncio.sleep(0.02)
            up_writer.write(data)
            await up_writer.drain()

    async def answers(self, up_reader, writer):
        """Server to console."""
        if self.protocol == "modbus":
            while True:
                head = await up_reader.readexactly(6)
                frame = head + await up_reader.readexactly(int.from_bytes(head[4:6], "big"))
                await self.send(bytearray(frame), writer)
        while data := await up_reader.read(65536):
            while self.on("mqtt_stall"):
                await asyncio.sleep(0.02)
            writer.write(data)
            await writer.drain()

    async def send(self, frame, writer):
        """One Modbus answer over a bad wire."""
        if self.on("blackhole"):
            return
        if self.on("late"):
            await asyncio.sleep(LATE_S)
        if self.on("wrong_unit"):
            frame[6] ^= 0x55
        if self.on("wrong_tid"):
            frame[1] ^= 0x55
        if self.on("short") and frame[7] in (3, 4) and frame[8] > 2:
            del frame[-2:]
            frame[5] -= 2
            frame[8] -= 2
        if self.on("truncate"):
            del frame[len(frame) // 2 :]
        if self.on("fragment"):
            for at in range(0, len(frame), PIECE):
                writer.write(bytes(frame[at : at + PIECE]))
                await asyncio.sleep(FRAGMENT_S)
        else:
            writer.write(bytes(frame) * (2 if self.on("dup") else 1))
        await writer.drain()
