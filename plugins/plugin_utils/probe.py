# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP connections that must work, or must not: all of them at once. Runs here, or as a text on another host, so it imports nothing else."""
from __future__ import annotations

import errno
import json
import select
import socket
import time

AGAIN_SECONDS = 0.5


def connects(targets, seconds):
    """:returns: for each (host, port) an empty text where a connection was made, else why not"""
    answers, waiting = {}, {}
    for target in targets:
        try:
            family, kind, proto, _name, address = socket.getaddrinfo(target[0], target[1], type=socket.SOCK_STREAM)[0]
            trying = socket.socket(family, kind, proto)
            trying.setblocking(False)
            code = trying.connect_ex(address)
        except OSError as reason:
            answers[target] = str(reason)
            continue
        if code in (0, errno.EINPROGRESS):
            waiting[trying] = target
        else:
            answers[target] = errno.errorcode.get(code, str(code))
            trying.close()
    until = time.monotonic() + seconds
    while waiting and time.monotonic() < until:
        for trying in select.select([], list(waiting), [], max(0, until - time.monotonic()))[1]:
            code = trying.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            answers[waiting.pop(trying)] = errno.errorcode.get(code, str(code)) if code else ""
            trying.close()
    for trying, target in waiting.items():
        answers[target] = "no answer within %g s" % seconds
        trying.close()
    return answers


def judge(probes, seconds, patience):
    """What must work is tried again until it does, for as long as the patience lasts; what must not is tried once.

    :param probes: (host, port, whether it must work); :returns: sentences about those that are not as they must be
    """
    until = time.monotonic() + patience
    wrong = []
    open_now = connects([tuple(probe[:2]) for probe in probes if not probe[2]], seconds)
    for target, answer in open_now.items():
        if not answer:
            wrong.append("%s port %d can be connected to, and must not" % target)
    missing = [tuple(probe[:2]) for probe in probes if probe[2]]
    while missing:
        answers = connects(missing, seconds)
        missing = [target for target in missing if answers[target]]
        if missing and time.monotonic() > until:
            return wrong + ["%s port %d cannot be connected to (%s)" % (target + (answers[target],)) for target in missing]
        if missing:
            time.sleep(AGAIN_SECONDS)
    return wrong


def script(probes, seconds, patience):
    """:returns: this file as a program for another host's Python, which prints the answer as JSON"""
    with open(__file__.replace(".pyc", ".py"), encoding="utf-8") as stream:
        return "%s\nprint(json.dumps(judge(%r, %r, %r)))\n" % (stream.read(), [tuple(probe) for probe in probes], seconds, patience)


def read(text):
    """:returns: what such a program printed"""
    return json.loads(text.strip().splitlines()[-1])
