# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engines under trial: those of a running lab, over SSH, or any given by URL."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

from assumptions.engine import Engine

KEY = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fleetnet-lab" / "id_ed25519"
SSH_OPTIONS = (
    "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=10 -o BatchMode=yes"
).split()


def lab_hosts():
    subnet = ipaddress.ip_network(os.environ.get("LAB_SUBNET", "10.203.0.0/24"))
    return [str(subnet[11 + index]) for index in range(int(os.environ.get("LAB_HOSTS", "3")))]


def _ssh(host, *arguments):
    return ["ssh", "-i", str(KEY), *SSH_OPTIONS, *arguments, "ops@" + host]


@contextlib.contextmanager
def lab_engine(host):
    """An engine of the lab through a forwarded socket; the host itself is left as it is."""
    with tempfile.TemporaryDirectory(prefix="fleetnet-") as folder:
        local = os.path.join(folder, "docker.sock")
        tunnel = subprocess.Popen(_ssh(host, "-N", "-o", "ExitOnForwardFailure=yes", "-L", local + ":/run/docker.sock"))
        try:
            _wait_for(local, tunnel, host)
            yield Engine("unix://" + local, lambda: _restart(host))
        finally:
            tunnel.terminate()
            tunnel.wait()


def _wait_for(path, tunnel, host):
    for _attempt in range(100):
        if os.path.exists(path):
            return
        if tunnel.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit("No SSH connection to lab host %s; start the lab with LAB_ENGINE=20.10,26.1,28.5 first." % host)


def _restart(host):
    subprocess.run([*_ssh(host), "sudo systemctl reset-failed docker; sudo systemctl restart docker"], check=True)


@contextlib.contextmanager
def engine_at(url, restart_command):
    """An engine given by its URL, and the local command that restarts it."""

    def restart():
        if not restart_command:
            raise SystemExit("The trials restart the engine %s: say how, URL=COMMAND." % url)
        subprocess.run(shlex.split(restart_command), check=True)

    yield Engine(url, restart)
