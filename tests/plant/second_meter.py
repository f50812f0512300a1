"""A second meter on the same bus, by another stack (pyModbusTCP): W and Hz as floats, as an UMG 96RM-E has them."""

from pyModbusTCP.server import ModbusServer

from modbus_devices import f32

POWER, FREQUENCY = 19_026, 19_050


class SecondMeter:
    """Serves in a thread of its own."""

    def __init__(self, plant, port):
        self.plant = plant
        self.server = ModbusServer(host="127.0.0.1", port=port, no_block=True)

    def start(self):
        """Listens."""
        self.server.start()

    def refresh(self):
        """Copies the plant into the registers."""
        bank = self.server.data_bank
        bank.set_holding_registers(POWER, f32(self.plant.gen_kw * 1000.0))
        bank.set_holding_registers(FREQUENCY, f32(self.plant.f_hz))
