# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hammer.py HOST ALLOWED DENIED SECONDS: connects to both ports again and again while the host restarts, and tells as JSON how often it could.

It ends when the allowed port, after it had been gone, has answered for four seconds, or after SECONDS.
"""
from __future__ import annotations

import json
import socket
import sys
import threading
import time

AT_ONCE = 6
PATIENCE = 0.2
CALM = 4.0


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except OSError:
        # Also where no one has the address, which is told at once.
        time.sleep(0.02)
        return False
    return True


def deny(host: str, port: int, over: threading.Event, counts: list) -> None:
    while not over.is_set():
        counts.append(answers(host, port))


def watch(host: str, port: int, seconds: float) -> dict:
    began = time.monotonic()
    gone, back = None, None
    while time.monotonic() - began < seconds and not (back and time.monotonic() - back > CALM):
        if not answers(host, port):
            gone, back = gone or time.monotonic(), None
        elif gone:
            back = back or time.monotonic()
            time.sleep(0.05)
    return {"gone": bool(gone), "back": bool(back), "seconds": round(time.monotonic() - began, 1)}


def main(host: str, allowed: str, denied: str, seconds: str) -> None:
    over, counts = threading.Event(), []
    hammers = [threading.Thread(target=deny, args=(host, int(denied), over, counts)) for _each in range(AT_ONCE)]
    for hammer in hammers:
        hammer.start()
    try:
        seen = watch(host, int(allowed), float(seconds))
    finally:
        over.set()
    for hammer in hammers:
        hammer.join()
    print(json.dumps(dict(seen, tried=len(counts), got_through=sum(counts))))


if __name__ == "__main__":
    main(*sys.argv[1:])
