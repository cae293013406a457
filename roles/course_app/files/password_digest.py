# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell whether data was made with this password, from the labels of its volumes, and make the label for a new volume.

Reads {"volume": NAME, "given": TEXT, "file": PATH, "labels": [TEXT...]} as JSON. The password is the one that is given, or else remembered
in the file, or else a new one. Answers {"remembered": TEXT or "", "made": TEXT or "", "is_private": BOOL (the file's directory is there,
and only root can enter it), "known": BOOL, "label": TEXT}.
Everybody who may ask the engine can see a label, so a guess at the password behind it must cost something: it is salted, and scrypt
takes 32 MB and a tenth of a second for each. Volumes of former versions carry a plain digest, and keep it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
import string
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


def remembered(file):
    try:
        with open(file, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""


def is_private(directory):
    try:
        seen = os.lstat(directory)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(seen.st_mode) and stat.S_IMODE(seen.st_mode) == 0o700 and seen.st_uid == seen.st_gid == 0


def reply(volume, given, file, labels):
    former = remembered(file)
    made = "" if given or former else "".join(secrets.choice(string.ascii_letters + string.digits) for _position in range(32))
    told = answer(volume, given or former or made, labels)
    return dict(told, remembered=former, made=made, is_private=is_private(os.path.dirname(file)))


if __name__ == "__main__":
    print(json.dumps(reply(**json.load(sys.stdin))))
