# shellcheck shell=sh
# What the pieces of ./dev share. They run from the top of the clone.

say() { printf '%s\n' "$*"; }
fail() { printf 'dev: %s\n' "$*" >&2; exit 1; }

cache=${XDG_CACHE_HOME:-$HOME/.cache}/fleetnet-lab
mkdir -p "$cache"

# Some environments keep Python from writing compiled modules beside the sources; then every one of the thousand processes
# of a test run would compile Ansible anew, a third of its start. The compiled modules have a folder of their own here.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="${PYTHONPYCACHEPREFIX:-$PWD/.cache/pycache}"

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "'$*' needs root, and there is no sudo: run ./dev as root, or run that command yourself first."
    fi
}

# Install the packages of one profile of bindep.txt that are missing, and only those.
packages() {
    # Where packages have other names, what is there cannot be asked for; a tool that is missing names itself when it is called.
    if ! command -v dpkg-query >/dev/null; then
        say "This is no Debian or Ubuntu: the counterparts of the packages in bindep.txt (profile $1) are expected to be installed."
        return 0
    fi
    missing=
    # shellcheck disable=SC2013 # words are wanted
    for package in $(sed -n "s/^\([a-z0-9.+-]*\) \[platform:[a-z]* $1\]\$/\1/p" bindep.txt); do
        case $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || :) in
            installed) ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    say "Installing packages:$missing"
    package_log=$cache/logs/packages.log
    mkdir -p "$cache/logs"
    # shellcheck disable=SC2086 # one word per package
    if ! { as_root apt-get -q update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
            install --no-install-recommends $missing; } >"$package_log" 2>&1 </dev/null; then
        tail -n 15 "$package_log" >&2
        fail "the packages$missing could not be installed; the lines above and $package_log say why. Install them and run this again."
    fi
}

ansible_environment() {
    bin=$PWD/.venv/bin
    case $PATH in "$bin":*) ;; *) PATH=$bin:$PATH ;; esac
    # ansible's own tools take the collections from here, and the venv's bundle for the others.
    ANSIBLE_COLLECTIONS_PATH=$PWD/.venv/collections
    ANSIBLE_PIPELINING=1 ANSIBLE_FORKS=${ANSIBLE_FORKS:-10} ANSIBLE_LOCALHOST_WARNING=0
    ANSIBLE_INVENTORY_UNPARSED_WARNING=0 ANSIBLE_CALLBACK_RESULT_FORMAT=yaml
    export ANSIBLE_CALLBACK_RESULT_FORMAT PATH ANSIBLE_COLLECTIONS_PATH ANSIBLE_PIPELINING ANSIBLE_FORKS ANSIBLE_LOCALHOST_WARNING \
        ANSIBLE_INVENTORY_UNPARSED_WARNING
}
