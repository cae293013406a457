# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guest of ./dev test-kernel starts from: a root directory and the images of the example, named by content."""

from __future__ import annotations

import fcntl
import hashlib
import pathlib
import shutil
import subprocess

import images

PLACE = images.CACHE / "kernel"
MODULES = pathlib.Path("/usr/lib/uml/modules")


def kernel_modules():
    return sorted(path.name for path in MODULES.iterdir()) if MODULES.is_dir() else []


def digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def unpack(image, directory):
    """The image's files as a directory, with the modules of user-mode Linux in their place."""
    container = subprocess.run(["docker", "create", image.tag, "true"], capture_output=True, text=True, check=True).stdout.strip()
    try:
        directory.mkdir(parents=True)
        images.run_logged(
            image.title + " root",
            [["docker", "export", container], ["tar", "--extract", "--numeric-owner", "--directory", str(directory)]],
            "unpacking",
        )
    finally:
        subprocess.run(["docker", "rm", container], capture_output=True, check=False)
    for name in kernel_modules():
        shutil.copytree(str(MODULES / name), str(directory / "usr/lib/modules" / name))


def forget_others(keep):
    """Each kind is kept once: what a former state of the project was made from is of no use."""
    for path in PLACE.iterdir():
        if path.name.split("-")[0] == keep.name.split("-")[0] and path != keep:
            shutil.rmtree(str(path)) if path.is_dir() else path.unlink()


def finished(path, make):
    """Make `path` under another name first, so that what has its name is whole."""
    if path.exists():
        return path
    forget_others(path)
    half = path.with_name(path.name + ".half")
    shutil.rmtree(str(half), ignore_errors=True)
    make(half)
    half.rename(path)
    return path


def ensure():
    """:returns: the root directory, and a directory with images.tar and images.txt (tag, then name in the registry)"""
    root_image, served = images.Image("kernel", "trixie"), [image for image in images.served() if image.name != "client"]
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = PLACE / ("root-" + digest(root_image.key, *kernel_modules()))
        archive = PLACE / ("images-" + digest(*[image.key for image in served]))
        missing = [image for path, needs in ((root, [root_image]), (archive, served)) if not path.exists() for image in needs]
        images.ensure(missing)
        finished(root, lambda half: unpack(root_image, half))
        finished(archive, lambda half: pack(served, half))
    return root, archive


def pack(served, directory):
    directory.mkdir()
    images.run_logged("example images", [["docker", "save", "--output", str(directory / "images.tar")] + [i.tag for i in served]], "saving")
    lines = ["%s lab/%s:%s\n" % (image.tag, image.name, images.SERVED[image.name][1]) for image in served]
    (directory / "images.txt").write_text("".join(lines), encoding="ascii")
