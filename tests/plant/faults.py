"""The 38 switches of what can go wrong between a device and a console, set and cleared while the plant runs."""

DEVICE = ("exc", "slow", "stall", "garbage", "nan", "freeze", "rollover", "sfchange")
WIRE = (
    "disconnect", "refuse", "blackhole", "truncate", "fragment",
    "wrong_unit", "wrong_tid", "dup", "late", "short",
)
MQTT = (
    "mqtt_stall", "mqtt_drop", "mqtt_ooo", "mqtt_skew", "mqtt_badjson", "mqtt_nan", "mqtt_dup", "mqtt_future",
)
HTTP = ("prom_500", "prom_slow", "prom_truncate", "prom_blank", "prom_missing", "prom_freeze", "prom_reset")
MINER = ("cg_deny", "cg_nonul", "cg_badjson", "cg_slow", "cg_refuse")
ALL = DEVICE + WIRE + MQTT + HTTP + MINER


class Faults:
    """Which switches are set, each with its particulars: `at` names the device that it concerns."""

    def __init__(self):
        self.set_now = {}

    def set(self, name, particulars):
        """Sets a switch; the particulars are those of the request."""
        if name not in ALL:
            raise ValueError(f"no switch is called {name}")
        self.set_now[name] = particulars

    def clear(self, name):
        """Clears one switch."""
        self.set_now.pop(name, None)

    def on(self, name, at):
        """The particulars if the switch is set for this device, else None."""
        found = self.set_now.get(name)
        if found is None or found.get("at", at) != at:
            return None
        return found
