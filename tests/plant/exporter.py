"""A look-alike of the GPU exporter: Prometheus text over HTTP, refreshed every 0.2 s (the real one: 30 s)."""

import asyncio
import random
import time

GPUS = 4
INTERVAL_S = 0.2
#: A measured power is never twice the same in its last digits, be the load as steady as it may, W a GPU.
NOISE_W = 5.0
#: The 64-bit code of "blank" that older exporters let through.
BLANK = 9223372036854775794


class Exporter:
    """Serves the page, or what the faults make of it."""

    def __init__(self, plant, faults):
        self.plant, self.faults = plant, faults
        self.page, self.made_s = "", 0.0
        self.energy_mj, self.reset = 5e12, False
        self.chance = random.Random(2)

    def text(self):
        """The page of this interval."""
        now = time.monotonic()
        if now - self.made_s < INTERVAL_S or (self.page and self.faults.on("prom_freeze", "dcgm")):
            return self.page
        watts = self.plant.gpu_kw * 1000.0 / GPUS
        if self.faults.on("prom_reset", "dcgm"):
            self.energy_mj, self.reset = (self.energy_mj if self.reset else 0.0), True
        else:
            self.reset = False
        self.energy_mj += watts * 1000.0 * min(now - self.made_s, 1.0)
        self.made_s = now
        lines = ["# TYPE DCGM_FI_DEV_POWER_USAGE gauge"]
        missing = self.faults.on("prom_missing", "dcgm")
        for gpu in range(GPUS):
            if missing and (missing.get("all") or gpu == GPUS - 1):
                continue
            labels = f'{{gpu="{gpu}",UUID="GPU-{gpu}",modelName="H100 {{SXM}}, 80GB",Hostname="n1"}}'
            measured = watts + self.chance.uniform(-NOISE_W, NOISE_W)
            power = BLANK if self.faults.on("prom_blank", "dcgm") and gpu == 1 else f"{measured:.3f}"
            lines.append(f"DCGM_FI_DEV_POWER_USAGE{labels} {power}")
            lines.append(f"DCGM_FI_DEV_GPU_TEMP{labels} {60 + gpu + now % 3:.2f}")
        lines.append(f'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{gpu="0"}} {self.energy_mj:.0f}')
        self.page = "\n".join(lines) + "\n"
        return self.page

    async def answer(self, reader, writer):
        """One connection, several requests."""
        try:
            while (await reader.readline()).strip():
                while (await reader.readline()).strip():
                    pass
                if self.faults.on("prom_slow", "dcgm"):
                    await asyncio.sleep(1.5)
                body = self.text().encode()
                status = "500 Internal Server Error" if self.faults.on("prom_500", "dcgm") else "200 OK"
                kind = "text/plain; version=0.0.4"
                head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
                if self.faults.on("prom_truncate", "dcgm"):
                    # no length, and the page ends within a number
                    writer.write(f"{head}Connection: close\r\n\r\n".encode() + body[: body.rfind(b".") - 1])
                    break
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def start(self, port):
        """Listens."""
        return await asyncio.start_server(self.answer, "127.0.0.1", port)
