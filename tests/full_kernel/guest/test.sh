#!/bin/sh
# Runs the tests that /output/arguments names, one argument a line.
set -u
# shellcheck source=tests/full_kernel/guest/services.sh
. /project/tests/full_kernel/guest/services.sh

# box:1: a busybox, so that containers cost next to nothing.
box_image() {
    mkdir -p /run/box/bin
    cp /bin/busybox /run/box/bin/busybox
    for name in sh sleep ping ip nslookup nc cat httpd wget; do ln -s busybox "/run/box/bin/$name"; done
    tar -C /run/box -c . | docker import - box:1 >/dev/null
}

start_services || exit 1
box_image || exit 1
ANSIBLE_COLLECTIONS_PATH=$(echo /project/.venv/collections /project/.venv/lib/python3*/site-packages | tr " " :)
export ANSIBLE_COLLECTIONS_PATH ANSIBLE_PIPELINING=1 ANSIBLE_LOCALHOST_WARNING=0 ANSIBLE_INVENTORY_UNPARSED_WARNING=0
# The clone is read-only, so what is compiled of it needs a place.
export PYTHONPYCACHEPREFIX=/run/compiled ANSIBLE_CALLBACKS_ENABLED=ansible.posix.profile_tasks

cd /project || exit 1
xargs --arg-file=/output/arguments --delimiter='\n' \
    python3 -m pytest -c tests/pytest.ini --rootdir=tests -p no:cacheprovider --color=no -v --junitxml=/output/junit.xml
result=$?
stop_engine
exit "$result"
