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

LAB_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fleetnet-lab"


def lab_hosts():
    subnet = ipaddress.ip_network(os.environ.get("LAB_SUBNET", "10.203.0.0/24"))
    return [str(subnet[11 + index]) for index in range(int(os.environ.get("LAB_HOSTS", "3")))]


def one_host_per_release():
    """The lab's last host of each engine: trials restart the engine, and two of a kind tell nothing more."""
    found = {}
    for host in lab_hosts():
        asked = subprocess.run([*_ssh(host), "/usr/sbin/dockerd --version"], check=False, capture_output=True, text=True)
        if asked.returncode:
            raise SystemExit(
                "Lab host %s has no engine or cannot be reached; start the lab with LAB_ENGINE=20.10,26.1,28.5 first (%s)."
                % (host, asked.stderr.strip())
            )
        found[asked.stdout.split()[2].rpartition(".")[0]] = host
    return list(found.values())


def _ssh(host, *arguments):
    known = LAB_CACHE / os.environ.get("LAB_NAME", "fleetnet") / "known_hosts"
    options = {"BatchMode": "yes", "ConnectTimeout": "10", "IdentitiesOnly": "yes", "UserKnownHostsFile": str(known)}
    return ["ssh", "-i", str(LAB_CACHE / "id_ed25519"), *("-o%s=%s" % item for item in options.items()), *arguments, "ops@" + host]


# The lab's user may not open the engine's socket, and sshd forwards as that user: systemd relays it for the time of the trial.
REMOTE = "/run/fleetnet-assumptions.sock"
CLOSE = "sudo systemctl stop fleetnet-assumptions.socket fleetnet-assumptions.service 2>/dev/null; sudo rm -f " + REMOTE
OPEN = (
    CLOSE + "; sudo systemd-run --quiet --collect --unit=fleetnet-assumptions --socket-property=ListenStream=" + REMOTE
    + " --socket-property=SocketUser=ops --socket-property=SocketMode=0600 /usr/lib/systemd/systemd-socket-proxyd /run/docker.sock"
)  # fmt: skip


@contextlib.contextmanager
def lab_engine(host):
    """An engine of the lab behind a local socket."""
    if subprocess.run([*_ssh(host), OPEN], check=False).returncode:
        raise SystemExit("Lab host %s cannot be reached over SSH; start the lab with LAB_ENGINE=20.10,26.1,28.5 first." % host)
    with tempfile.TemporaryDirectory(prefix="fleetnet-") as folder:
        local = folder + "/docker.sock"
        tunnel = subprocess.Popen(_ssh(host, "-N", "-oExitOnForwardFailure=yes", "-L", local + ":" + REMOTE))
        try:
            while not os.path.exists(local) and tunnel.poll() is None:
                time.sleep(0.1)
            yield Engine("unix://" + local, lambda: _restart(host), host)
        finally:
            tunnel.terminate()
            tunnel.wait()
            subprocess.run([*_ssh(host), CLOSE], check=True)


def _restart(host):
    subprocess.run([*_ssh(host), "sudo systemctl reset-failed docker; sudo systemctl restart docker"], check=True)


def given_engines():
    """What FLEETNET_ENGINES lists (26.1=unix:///x.sock,...), or one host of each engine in the lab."""
    listed = [each.partition("=")[::2] for each in os.environ.get("FLEETNET_ENGINES", "").split(",") if each]
    if not listed:
        return [lab_engine(host) for host in one_host_per_release()]
    return [engine_at(url, os.environ.get("FLEETNET_RESTART_" + release.replace(".", "_"), "")) for release, url in listed]


@contextlib.contextmanager
def engine_at(url, restart_command):
    """An engine given by its URL, and the local command that restarts it."""

    def restart():
        if not restart_command:
            raise AssertionError("The trials restart the engine at %s: say how (FLEETNET_RESTART_26_1, or URL=COMMAND)." % url)
        subprocess.run(shlex.split(restart_command), check=True)

    yield Engine(url, restart)
