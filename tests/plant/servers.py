"""mosquitto and prometheus as child processes: their files, their start, their end."""

import shutil
import subprocess
from pathlib import Path

BROKER = """listener {port} 127.0.0.1
allow_anonymous false
password_file {dir}/passwords
acl_file {dir}/acl
log_type all
log_timestamp true
log_dest file {dir}/mosquitto.log
connection_messages true
persistence false
user {user}
"""

#: The console's account may read and nothing else.
ACL = """user device
topic readwrite #

user console-ro
topic read #
topic read $sparkplug/#
"""

SCRAPE = """global:
  scrape_interval: 500ms
  scrape_timeout: 400ms
scrape_configs:
  - job_name: dcgm
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


def program(name):
    """Its path; /usr/sbin is not on every user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise SystemExit(f"{name} is not installed")
    return found


def broker(folder: Path, port):
    """A mosquitto with two accounts."""
    passwords = folder / "passwords"
    make = program("mosquitto_passwd")
    for create, user, word in ((["-c"], "device", "device"), ([], "console-ro", "secret")):
        subprocess.run([make, *create, "-b", str(passwords), user, word], check=True)
    (folder / "acl").write_text(ACL)
    for name in ("passwords", "acl"):
        (folder / name).chmod(0o600)
    config = folder / "mosquitto.conf"
    config.write_text(BROKER.format(port=port, dir=folder, user=folder.owner()))
    return subprocess.Popen([program("mosquitto"), "-c", str(config)], stderr=subprocess.DEVNULL)


def prometheus(folder: Path, port, exporter_port):
    """A prometheus that scrapes the exporter."""
    config = folder / "prometheus.yml"
    config.write_text(SCRAPE.format(port=exporter_port))
    return subprocess.Popen(
        [
            program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
