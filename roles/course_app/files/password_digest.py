# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell whether data was made with this password, from the labels of its volumes, and make the label for a new volume.

Reads {"volume": NAME, "password": TEXT, "labels": [TEXT...]} as JSON, and answers {"known": BOOL, "label": TEXT}.
Everybody who may ask the engine can see a label, so a guess at the password behind it must cost something: it is salted, and scrypt
takes 32 MB and a tenth of a second for each. Volumes of former versions carry a plain digest, and keep it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys

SCHEME = "scrypt"
COST = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}


def label_of(password, salt):
    return "$".join((SCHEME, salt.hex(), hashlib.scrypt(password.encode(), salt=salt, dklen=32, **COST).hex()))


def former_label(volume, password):
    return hashlib.sha512(("%s:%s" % (volume, password)).encode()).hexdigest()


def fits(label, volume, password):
    """False also for a label that nobody can read: better to refuse than to guess."""
    scheme, _dollar, rest = label.partition("$")
    if scheme != SCHEME:
        return hmac.compare_digest(label.encode(), former_label(volume, password).encode())
    try:
        salt = bytes.fromhex(rest.partition("$")[0])
    except ValueError:
        return False
    return hmac.compare_digest(label.encode(), label_of(password, salt).encode())


def answer(volume, password, labels):
    return {"known": all(fits(label, volume, password) for label in labels), "label": label_of(password, os.urandom(16))}


if __name__ == "__main__":
    print(json.dumps(answer(**json.load(sys.stdin))))
