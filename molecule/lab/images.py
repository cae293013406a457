# Copyright (c) 2026, fleetnet.docker contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the lab's images from Debian packages, name them by content, push them to the lab's registry."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pathlib
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "fleetnet-lab"
SUITE_OF_ENGINE = {"20.10": "bookworm", "26.1": "trixie", "28.5": "forky"}
SERVED = {"mysql": ("sid", "9"), "python-web": ("trixie", "3"), "client": ("trixie", "1")}
NOT_NEEDED = ("doc", "locale", "man", "info", "lintian", "bash-completion")
MACHINE_APT_SETTINGS = (
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
    "Acquire::Retries",
    "Acquire::http::Proxy",
    "Acquire::https::Proxy",
)
KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Failure(Exception):
    """Something the person at the terminal can act on."""


def apt_settings():
    """The machine's own way to reach packages holds inside the images too."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False).stdout
    return [line.rstrip(";") for line in dump.splitlines() if line.split(" ")[0] in MACHINE_APT_SETTINGS]


def base_command(suite):
    command = ["mmdebstrap", "--variant=apt", '--aptopt=APT::Install-Recommends "false"']
    command += ["--aptopt=" + setting for setting in apt_settings()]
    command += ["--dpkgopt=force-unsafe-io"]
    command += ["--dpkgopt=path-exclude=/usr/share/%s/*" % name for name in NOT_NEEDED]
    command += ["--dpkgopt=path-include=/usr/share/locale/locale.alias"]
    return command + [suite, "-"] + os.environ.get("LAB_MIRROR", "").split()


class Image:
    def __init__(self, name, suite, variant=None):
        self.name, self.suite, self.variant = name, suite, variant
        self.title = " ".join(part for part in (name, suite, variant) if part)
        self.base_key = self._digest(json.dumps(base_command(suite)).encode())
        self.base = "fleetnet-lab/base:%s-%s" % (suite, self.base_key)
        parts = [self.base_key.encode(), (variant or "").encode()]
        for path in sorted((HERE / "images" / name).rglob("*")):
            if path.is_file():
                parts += [path.name.encode(), oct(path.stat().st_mode & 0o111).encode(), path.read_bytes()]
        self.key = self._digest(b"\0".join(parts))
        self.tag = "fleetnet-lab/%s:%s-%s" % (name, "-".join(filter(None, (suite, variant))), self.key)

    @staticmethod
    def _digest(content):
        return hashlib.sha256(content).hexdigest()[:12]

    def build(self):
        arguments = ["--build-arg", "BASE=" + self.base]
        if self.variant:
            arguments += ["--build-arg", "VARIANT=" + self.variant]
        run_logged(
            self.title,
            [
                ["docker", "build", "--force-rm", "--label", "fleetnet.lab.image=" + self.name]
                + arguments
                + ["--tag", self.tag, str(HERE / "images" / self.name)]
            ],
        )


def exists(tag):
    return subprocess.run(["docker", "image", "inspect", tag], capture_output=True, check=False).returncode == 0


def say(text):
    print(text, flush=True)


def run_logged(title, commands, doing="building"):
    """Run a pipeline with its output in a log file; say when it starts and ends."""
    log = CACHE / "logs" / (title.replace(" ", "-") + ".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    say("  image %s: %s" % (title, doing))
    environment = dict(os.environ, DOCKER_BUILDKIT="0")
    with log.open("wb") as output:
        pipe, processes = None, []
        for index, command in enumerate(commands):
            last = index == len(commands) - 1
            process = subprocess.Popen(
                command,
                stdin=pipe or subprocess.DEVNULL,
                stdout=output if last else subprocess.PIPE,
                stderr=output,
                env=environment,
            )
            if pipe:
                pipe.close()
            pipe = process.stdout
            processes.append(process)
        codes = [process.wait() for process in processes]
    if any(codes):
        tail = "\n".join(line[:300] for line in log.read_text(errors="replace").splitlines()[-15:])
        raise Failure(
            "image %s could not be built; the end of its log:\n%s\nFix what it names (often the network or a "
            "full disk), then run the command again. Whole log: %s" % (title, tail, log)
        )
    say("  image %s: ready after %d s" % (title, time.monotonic() - started))


def build_base(image):
    # Many machines forbid to run anything in /tmp.
    command = ["env", "TMPDIR=/var/tmp"] + base_command(image.suite)
    if KEYRING.exists():  # not part of the image: where Debian is not the machine's own, its keys for sid are not looked for
        command.insert(3, "--keyring=%s" % KEYRING)
    if os.geteuid() != 0:
        command = ["sudo"] + command
    importing = ["docker", "import", "--change", "LABEL fleetnet.lab.image=base", "-", image.base]
    try:
        run_logged("base " + image.suite, [command, importing])
    except Failure:
        # The import ends well even when what it was given ended in the middle.
        subprocess.run(["docker", "rmi", image.base], capture_output=True, check=False)
        raise


def node(engine, variant):
    if engine not in SUITE_OF_ENGINE:
        raise Failure(
            "LAB_ENGINE names engine '%s', which no Debian suite has; use one of %s." % (engine, ", ".join(SUITE_OF_ENGINE))
        )
    if variant not in ("engine", "bare"):
        raise Failure("LAB_VARIANT is '%s'; use engine or bare." % variant)
    return Image("node", SUITE_OF_ENGINE[engine], variant)


def served():
    """The images that the lab's registry holds."""
    return [Image(name, suite) for name, (suite, _tag) in SERVED.items()]


def registry():
    return Image("registry", "trixie")


def ensure(images):
    """Build what is missing: bases first, then two images at a time. Two labs that start at once take turns."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "images.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build_missing(images)


def build_missing(images):
    missing = list({image.tag: image for image in images if not exists(image.tag)}.values())
    bases = {image.base: image for image in missing if not exists(image.base)}
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(build_base, bases.values()))
        list(pool.map(Image.build, missing))


def await_registry(registry, seconds=30):
    """What stands in front of it takes connections before it listens, and then breaks them off."""
    until = time.monotonic() + seconds
    while True:
        try:
            return digest(registry, "lab", "none")
        except OSError as problem:
            if time.monotonic() > until:
                raise SystemExit("The lab's registry at %s did not answer within %d s (%s); 'docker logs' of its container says why, and "
                                 "'./dev clean' makes room for a new one." % (registry, seconds, problem)) from problem
            time.sleep(0.2)


def digest(registry, repository, tag):
    """What a tag in the registry points to, or None."""
    request = urllib.request.Request("http://%s/v2/%s/manifests/%s" % (registry, repository, tag), method="HEAD")
    request.add_header("Accept", "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json")
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return answer.headers["Docker-Content-Digest"]
    except urllib.error.HTTPError as problem:
        if problem.code == 404:
            return None
        raise


def is_served(image, repository, registry):
    held = [digest(registry, repository, tag) for tag in (SERVED[image.name][1], image.key)]
    return held[0] is not None and held[0] == held[1]


def push(image, repository, registry):
    """Push under the stable tag and the content's own; the second says what the first one holds."""
    if is_served(image, repository, registry):
        return False
    for tag in (SERVED[image.name][1], image.key):
        target = "%s/%s:%s" % (registry, repository, tag)
        subprocess.run(["docker", "tag", image.tag, target], check=True)
        try:
            run_logged("%s:%s" % (image.name, tag), [["docker", "push", target]], "pushing to the lab's registry")
        finally:
            subprocess.run(["docker", "rmi", target], capture_output=True, check=False)
    return True
