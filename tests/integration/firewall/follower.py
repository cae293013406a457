# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that a back end leaves on a host, run there as they are left."""
from __future__ import annotations

import contextlib
import subprocess
import time

from ansible_collections.fleetnet.docker.plugins.module_utils.adapters import firewall_engine, firewall_follow, iptables_follow, iptables_load

FOLDER = "/run/fleetnet-follower"
MODULES = {"nftables": (firewall_engine, firewall_follow),
           "iptables": (firewall_engine, firewall_follow, iptables_load, iptables_follow)}  # the last is the one that runs
# Of the legacy variant the kernel tells of no change, and the program looks each minute.
SECONDS = {False: 30, True: 90}


@contextlib.contextmanager
def running(site, policy):
    """The policy is in force, and the program follows what happens."""
    site.apply(state="absent")
    text = site.apply(**policy)["ruleset"]
    site.run("mkdir", "-p", FOLDER)
    put(site, "rules", text)
    for module in MODULES[site.backend]:
        source = module.__loader__.get_source(module.__name__)
        for path, name in ((iptables_follow.RULES, "rules"), (firewall_follow.RULES, "rules"), (firewall_follow.ELEMENTS, "elements")):
            source = source.replace(path, "%s/%s" % (FOLDER, name))
        name = module.__name__.rpartition(".")[2] + ".py"
        put(site, name, source)
    # nsenter stands between: a signal to it would leave the program itself running.
    program = subprocess.Popen([*site.inside, "sh", "-c", "echo $$ > %s/pid && exec python3 -I %s/%s" % (FOLDER, FOLDER, name)])
    try:
        yield program
    finally:
        site.run("sh", "-c", "kill $(cat %s/pid)" % FOLDER)
        program.wait()
        site.run("rm", "-r", FOLDER)


def put(site, name, text):
    site.feed(text, "tee", "%s/%s" % (FOLDER, name))


def settled(site, policy):
    """Whether the host gets to where the module has nothing to do, in check mode, so that it does not help."""
    until = time.monotonic() + SECONDS["legacy" in site.run("iptables", "-V")]
    while time.monotonic() < until:
        if not site.apply(**policy, _ansible_check_mode=True)["changed"]:
            return True
    return False
