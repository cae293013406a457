# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With a secret on standard input: name every place where others could see it.

    find_secret.py              on a host, as root: what Docker shows and logs, the journal, every process' arguments and environment,
                                and, as the user nobody, every file that changed lately
    find_secret.py FILE...      these files alone
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import time

# So many characters are enough to know it by. Quotes and backslashes after them may be written in many ways.
HEAD = 24
NEEDLES = []
LATELY = time.time() - 6 * 3600
LARGEST = 4 * 1024 * 1024
NOBODY = 65534
KINDS = (
    ("container", ("ps", "-aq")),
    ("image", ("images", "-q")),
    ("volume", ("volume", "ls", "-q")),
    ("network", ("network", "ls", "-q")),
    ("service", ("service", "ls", "-q")),
    ("secret", ("secret", "ls", "-q")),
    ("config", ("config", "ls", "-q")),
)


def output(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout


def spellings(secret):
    """What a secret looks like where it is shown: as it is, inside JSON, in base64, cut off, or as a digest that guesses can be tried on."""
    head = secret[:HEAD]
    digests = {hashlib.new(name, secret).hexdigest().encode() for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")}
    return digests | {secret, json.dumps(secret.decode())[1:-1].encode(), base64.b64encode(secret)[:-4], head, base64.b64encode(head)[:-4]}


def holds(data):
    return any(needle in data for needle in NEEDLES)


def in_docker():
    for kind, listing in KINDS:
        done = subprocess.run(("docker",) + listing, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        for name in set(done.stdout.decode().split()):
            if holds(output("docker", kind, "inspect", name)):
                yield "docker %s inspect %s" % (kind, name)
            if kind == "container" and holds(output("docker", "logs", name)):
                yield "docker logs %s" % name
            if kind == "image" and holds(output("docker", "history", "--no-trunc", name)):
                yield "docker history %s" % name


def in_processes():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for kind in ("cmdline", "environ"):
            try:
                with open("/proc/%s/%s" % (pid, kind), "rb") as stream:
                    if int(pid) != os.getpid() and holds(stream.read()):
                        yield "/proc/%s/%s" % (pid, kind)
            except OSError:
                continue


def holding(paths):
    for path in paths:
        with open(path, "rb") as stream:
            if holds(stream.read()):
                yield path


def in_files():
    for directory, names, files in os.walk("/"):
        names[:] = [name for name in names if os.path.join(directory, name) not in ("/proc", "/sys", "/dev")]
        for path in (os.path.join(directory, name) for name in files):
            try:
                seen = os.lstat(path)
                if not os.path.isfile(path) or os.path.islink(path) or seen.st_ctime < LATELY or seen.st_size > LARGEST:
                    continue
                with open(path, "rb") as stream:
                    if holds(stream.read()):
                        yield path
            except OSError:
                continue


def everywhere():
    found = list(in_docker()) + list(in_processes())
    if holds(output("journalctl", "--no-pager", "--quiet")):
        found.append("the journal")
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    return found + list(in_files())


def main(paths):
    secret = sys.stdin.buffer.read().strip()
    if len(secret) < HEAD:
        sys.exit("a secret of %d characters or more is wanted on standard input" % HEAD)
    NEEDLES.extend(spellings(secret))
    found = list(holding(paths)) if paths else everywhere()
    print("\n".join(found) if found else "nowhere")


if __name__ == "__main__":
    main(sys.argv[1:])
