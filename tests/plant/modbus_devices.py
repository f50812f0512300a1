"""Meter, genset controller and battery, served by pymodbus; their register images are made from the plant at each read."""

import asyncio
import math
import random
import struct

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

#: Registers of the meter: one block, as a PM5000 has it (documentation register minus one).
METER_FROM, METER_TO = 3000, 3220
NAN = struct.unpack(">HH", struct.pack(">f", math.nan))


def f32(value):
    """Two registers, high word first."""
    return list(struct.unpack(">HH", struct.pack(">f", value)))


def u32(value):
    """Two registers, high word first."""
    return list(struct.unpack(">HH", struct.pack(">I", int(value) % 2**32)))


def s16(value):
    """One register."""
    return [round(value) & 0xFFFF]


class Meter:
    """Power meter: co-sampled floats, a u32 of Wh, a heartbeat."""

    first, size = METER_FROM, METER_TO - METER_FROM

    def __init__(self, plant):
        self.plant = plant
        self.ahead_wh = 0.0

    def image(self, faults):
        """Address to registers, now."""
        p = self.plant
        if (found := faults.on("rollover", "meter")) and not found.get("done"):
            # from here on some seconds to the end of its range
            found["done"], self.ahead_wh = True, 2**32 - 1500 - p.gen_wh
        floats = {3009: p.amps, 3025: p.v, 3059: p.gen_kw, 3067: p.kvar, 3083: 0.95, 3109: p.f_hz}
        out = {at: f32(x) for at, x in floats.items()}
        if faults.on("nan", "meter"):
            out = {at: list(NAN) for at in out}
        out[3111] = [p.beat]
        out[3203] = u32(p.gen_wh + self.ahead_wh)
        return out


class Controller:
    """Genset controller with GenComm's codes for "no value" (the eight highest of a type)."""

    first, size = 0, 1100

    def __init__(self, plant):
        self.plant = plant

    def image(self, faults):
        """Address to registers, now."""
        p = self.plant
        out = {
            1024: [431], 1025: s16(88.0 + 2.0 * math.sin(p.t_s)), 1030: [round(p.f_hz * 30)],
            1031: [round(p.f_hz * 10)], 1090: [p.beat],
        }
        if faults.on("nan", "controller"):
            out.update({1024: [0xFFFF], 1025: [0x7FFA], 1030: [0xFFF8], 1031: [0xFFFC]})
        return out


class Bess:
    """SunSpec battery inverter: models 1, 701, 713 and 802 behind one another."""

    first, size = 40_000, 400

    def __init__(self, plant):
        self.plant = plant
        self.base = {1: 40_002, 701: 40_070, 713: 40_225, 802: 40_234, 0xFFFF: 40_298}

    def image(self, faults):
        """Address to registers, now."""
        p, base = self.plant, self.base
        out = {40_000: [0x5375, 0x6E53]}
        for model, length in ((1, 66), (701, 153), (713, 7), (802, 62), (0xFFFF, 0)):
            out[base[model]] = [model, length]
        # the power's power of ten may change, and the number with it
        exponent = 0 if faults.on("sfchange", "bess") else 1
        out[base[701] + 10] = s16(p.bess_kw * 1000.0 / 10**exponent)
        out[base[701] + 17] = u32(p.f_hz * 100)
        out[base[701] + 115], out[base[701] + 116] = s16(-2), s16(exponent)
        out[base[713] + 4], out[base[713] + 8] = s16(p.soc_pct * 10), s16(-1)
        out[base[802] + 18] = [p.beat]
        if faults.on("nan", "bess"):
            out[base[701] + 10], out[base[713] + 4] = [0x8000], [0xFFFF]
        return out


class Device:
    """One of the above behind a pymodbus server, with the faults that a device itself can have."""

    def __init__(self, name, model, faults, port):
        self.name, self.model, self.faults, self.port = name, model, faults, port
        self.frozen = None
        self.chance = random.Random(name)

    async def act(self, function, start, address, count, registers, values):
        """Called by pymodbus before each answer."""
        del values
        faults = self.faults
        if found := faults.on("exc", self.name):
            if address <= found.get("register", address) < address + count:
                return ExcCodes(found.get("code", 2))
        if faults.on("slow", self.name):
            await asyncio.sleep(0.3)
        while faults.on("stall", self.name):
            await asyncio.sleep(0.02)
        if function in (1, 2):
            return None
        fresh = self.model.image(faults)
        if faults.on("freeze", self.name):
            self.frozen = self.frozen or fresh
        else:
            self.frozen = None
        for at, words in (self.frozen or fresh).items():
            registers[at - start : at - start + len(words)] = words
        if faults.on("garbage", self.name):
            for k in range(address - start, address - start + count):
                registers[k] = self.chance.randrange(65536)
        return None

    async def start(self):
        """Serves until the process ends."""
        m = self.model
        zeros = [SimData(m.first, count=m.size, values=0, datatype=DataType.REGISTERS)]
        bits = [SimData(0, values=[k % 3 == 0 for k in range(64)], datatype=DataType.BITS)]
        same = [SimData(m.first, count=m.size, values=0, datatype=DataType.REGISTERS)]
        device = SimDevice(1, simdata=(bits, list(bits), zeros, same), action=self.act)
        server = ModbusTcpServer(device, address=("127.0.0.1", self.port))
        await server.serve_forever(background=True)
