# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parents with shims: make all of them in one task, find nothing to do, change one, remove them.

Every run happens in a network namespace of its own, which has a card for each parent: no link outside is touched. Needs root.
Writes macvlan_parent.md and .json under docs/benchmarks/; no figure there is written by hand.
"""
from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
TARGET = ROOT / "docs" / "benchmarks"
NAMESPACE = "fleetnet-bench-links"
PHASES = ("create", "nothing to do", "change one", "remove")


def rows(count, phase):
    made = [{"link": "card%d" % n, "persist": "none", "shim": {"addresses": ["10.213.%d.2" % n], "routes": ["10.213.%d.192/26" % n]}}
            for n in range(count)]
    if phase == "change one":
        made[count // 2]["shim"]["routes"] = ["10.213.%d.128/26" % (count // 2)]
    return [{"link": row["link"], "state": "absent"} for row in made] if phase == "remove" else made


def cards(count):
    """A card for each parent, with an address, as it would have it from the host."""
    subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    lines = ["link set lo up"]
    for n in range(count):
        lines += ["link add card%d type veth peer name far%d" % (n, n), "address add 10.213.%d.1/24 dev card%d" % (n, n),
                  "link set card%d up" % n, "link set far%d up" % n]
    subprocess.run(["ip", "-netns", NAMESPACE, "-batch", "-"], input="\n".join(lines), check=True, text=True)


def seconds(folder, count, phase):
    """:returns: seconds of the whole run, and those of processors"""
    given = pathlib.Path(folder, "variables.json")
    given.write_text(json.dumps({"bench_parents": rows(count, phase), "bench_folder": folder + "/state"}), encoding="utf-8")
    begun, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["ip", "netns", "exec", NAMESPACE, "ansible-playbook", "-i", "localhost,", "-c", "local", "-e",
                           "ansible_python_interpreter=" + sys.executable, "-e", "@" + str(given), str(HERE / "ours.yml")],
                          capture_output=True, text=True, check=False, env=ordinary())
    if done.returncode:
        sys.exit("The run failed:\n%s%s" % (done.stdout, done.stderr))
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - begun, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def ordinary():
    """Libraries are there compiled, as an ordinary host has them, whatever this process was told."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure(count, repeat):
    """:returns: phase -> (median of the whole run, median of the processors' time)"""
    samples = {phase: [] for phase in PHASES}
    for _round in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            cards(count)
            for phase in PHASES:
                samples[phase].append(seconds(folder, count, phase))
                print("%3d parents, %-13s %6.2f s, %.2f s of processors" % (count, phase, *samples[phase][-1]), flush=True)
    return {phase: [round(statistics.median(column), 2) for column in zip(*found)] for phase, found in samples.items()}


def page(table, facts):
    lines = ["# Parents with shims: whole runs of ansible-playbook", "",
             "Written by `python tests/benchmarks/macvlan_parent/run.py` on %(date)s: ansible-core %(ansible)s, Python %(python)s, %(cores)d cores. "
             "Medians of %(repeat)d runs in seconds; in brackets the processors' own time, which does not depend on what else runs." % facts, "",
             "| parents | %s |" % " | ".join(PHASES), "|---" * (len(PHASES) + 1) + "|"]
    lines += ["| %s | %s |" % (count, " | ".join("%.2f (%.2f)" % tuple(found[phase]) for phase in PHASES)) for count, found in table.items()]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="1,50")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--output", type=pathlib.Path, default=TARGET, help="another folder, for a trial")
    options = parser.parse_args()
    from ansible import release
    try:
        table = {count: measure(int(count), options.repeat) for count in options.counts.split(",")}
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)
    facts = {"date": datetime.date.today().isoformat(), "ansible": release.__version__, "python": platform.python_version(),
             "cores": os.cpu_count(), "repeat": options.repeat}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "macvlan_parent.md").write_text(page(table, facts), encoding="utf-8")
    (options.output / "macvlan_parent.json").write_text(json.dumps({"facts": facts, "medians": table}, indent=1) + "\n", encoding="utf-8")
    print("\nwritten: macvlan_parent.md and .json in %s" % options.output)


if __name__ == "__main__":
    main()
