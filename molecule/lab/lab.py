# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's hosts: their images built, what the registry serves pushed, and whether they answer (ready)."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import images
from plan import plan
from surroundings import output

Failure = images.Failure


def build():
    """Build the images that this lab needs and nobody has built yet."""
    hosts = {(host["engine"], host["variant"]) for host in plan()["hosts"]}
    images.ensure([images.node(*kind) for kind in sorted(hosts)] + [images.registry()] + images.served())


def publish():
    """Push what the registry does not hold yet under the content's own tag."""
    registry = "127.0.0.1:" + registry_port(plan())
    images.await_registry(registry)
    for image in images.served():
        if images.push(image, "lab/" + image.name, registry):
            print("pushed %s" % image.name, flush=True)


def ssh_options(current):
    return [
        "-i", current["key"], "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ConnectTimeout=2",
        "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes",
        "-o", "UserKnownHostsFile=%s/known_hosts" % current["cache"],
    ]  # fmt: skip


def wait_for(host, current, started):
    """Wait for SSH, a settled systemd without failed units, and the engine's answer."""
    if host["variant"] == "engine":
        question = "systemctl is-system-running --wait && sudo docker info --format '{{.ServerVersion}}'"
    else:
        question = "systemctl is-system-running --wait"
    command = ["ssh"] + ssh_options(current) + ["ops@" + host["address"], question]
    answer = None
    while time.monotonic() < started + 90:
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        except subprocess.TimeoutExpired:
            continue
        if answer.returncode == 0:
            version = answer.stdout.split()[-1]
            if host["variant"] == "engine" and not version.startswith(host["engine"]):
                raise Failure("%s runs engine %s, not %s; rebuild with `./dev clean --images`." % (host["name"], version, host["engine"]))
            print("  %s %s answers (%s %s)" % (host["name"], host["address"], host["variant"], version), flush=True)
            return
        time.sleep(0.3)
    units = subprocess.run(
        ["docker", "exec", host["container"], "systemctl", "--failed", "--plain", "--no-legend"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    raise Failure(
        "%s (%s) did not come up within 90 s: %s %s %sLook at `docker exec %s journalctl -p warning`, then run `./dev lab down` and try again."
        % (host["name"], host["address"], answer.stdout.strip() if answer else "", answer.stderr.strip() if answer else "no answer,",
           units.stdout, host["container"])
    )  # fmt: skip


def host_key(host):
    """The host's public key, read through the engine and not over the network, so that SSH can be strict."""
    for _attempt in range(50):
        found = subprocess.run(
            ["docker", "exec", host["container"], "cat", "/etc/ssh/ssh_host_ed25519_key.pub"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if found.returncode == 0 and found.stdout.startswith("ssh-ed25519"):
            return "%s %s\n" % (host["address"], " ".join(found.stdout.split()[:2]))
        if "is not running" in found.stderr:
            break
        time.sleep(0.2)
    raise Failure(
        "%s ended or made no SSH host key (%s); `docker logs %s` says why. Then run `./dev lab down` and try again."
        % (host["name"], found.stderr.strip(), host["container"])
    )


def running():
    """Whether the lab stands as planned, so that nothing needs to be made: fails with what is missing."""
    current = plan()
    wanted_labels = {host["container"]: "%s-%s" % (host["engine"], host["variant"]) for host in current["hosts"]}
    wanted_labels[current["registry"]["name"]] = ""
    listed = output(
        "docker", "ps", "--filter", "label=fleetnet.lab=" + current["name"], "--format", '{{.Names}} {{.Label "fleetnet.engine"}}'
    )
    found = dict(line.split(" ", 1) for line in listed.splitlines())
    missing = [name for name, label in wanted_labels.items() if found.get(name) != label]
    if missing or not served_images_are_current(current):
        sys.exit(1)
    ready()


def registry_port(current):
    return output("docker", "port", current["registry"]["name"], "5000/tcp").split(":")[-1].strip()


def served_images_are_current(current):
    registry = "127.0.0.1:" + registry_port(current)
    return all(images.is_served(image, "lab/" + image.name, registry) for image in images.served())


def ready():
    current, started = plan(), time.monotonic()
    folder = pathlib.Path(current["cache"])
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=8) as pool:
        folder.joinpath("known_hosts").write_text("".join(pool.map(host_key, current["hosts"])))
        list(pool.map(lambda host: wait_for(host, current, started), current["hosts"]))


COMMANDS = {
    "check": lambda: plan() and None,
    "plan": lambda: print(json.dumps(plan())),
    "build": build,
    "publish": publish,
    "ready": ready,
    "running": running,
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit("usage: lab.py %s" % "|".join(COMMANDS))
    try:
        COMMANDS[sys.argv[1]]()
    except Failure as failure:
        sys.exit("lab: %s" % failure)
