"""What talks to the broker: a gateway that publishes JSON, and a Sparkplug B edge node (pysparkplug)."""

import contextlib
import json
import time

import paho.mqtt.client as mqtt
import pysparkplug as spb

TOPIC = "plant/bus"
GROUP, NODE = "plant", "gateway"
SKEW_S, FUTURE_S = 90.0, 3600.0


class Gateway:
    """JSON on one topic, with a will on another."""

    def __init__(self, plant, faults, port):
        self.plant, self.faults = plant, faults
        self.client = mqtt.Client("gateway")
        self.client.username_pw_set("device", "device")
        self.client.will_set("plant/online", '{"online": false}')
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda c, *_: c.publish("plant/online", '{"online": true}', retain=True)
        self.client.connect_async("127.0.0.1", port, keepalive=5)
        self.client.loop_start()
        self.held = None

    def publish(self):
        """One message, or what the faults make of it."""
        p, on = self.plant, lambda name: self.faults.on(name, "gateway")
        t_s = time.time() - (SKEW_S if on("mqtt_skew") else 0.0) + (FUTURE_S if on("mqtt_future") else 0.0)
        values = {"p_kw": p.gen_kw, "f_hz": p.f_hz, "ts": t_s}
        if on("mqtt_nan"):
            values.update(p_kw=None, f_hz="NaN")
        text = json.dumps(values)
        if on("mqtt_badjson"):
            text = text[: len(text) // 2]
        if on("mqtt_ooo"):
            # always the younger of two first
            if self.held is None:
                self.held = text
                return
            self.client.publish(TOPIC, text)
            text, self.held = self.held, None
        self.client.publish(TOPIC, text)
        if on("mqtt_dup"):
            self.client.publish(TOPIC, text)


class Node:
    """Sparkplug edge node with two metrics."""

    def __init__(self, plant, port):
        self.plant = plant
        client = spb.Client(client_id="node", username="device", password="device")
        self.node = spb.EdgeNode(GROUP, NODE, self.metrics(900.0, 60.0), client=client)
        self.node.connect("127.0.0.1", port=port, keepalive=5)

    @staticmethod
    def metrics(p_kw, f_hz):
        """Both metrics, stamped now."""
        now = spb.get_current_timestamp()
        return (
            spb.Metric(now, "p_kw", spb.DataType.DOUBLE, value=p_kw, alias=1),
            spb.Metric(now, "f_hz", spb.DataType.FLOAT, value=f_hz, alias=2),
        )

    def publish(self):
        """Data of both metrics; none while the wire is cut."""
        with contextlib.suppress(spb.MQTTError):
            self.node.update(self.metrics(self.plant.gen_kw, self.plant.f_hz))
