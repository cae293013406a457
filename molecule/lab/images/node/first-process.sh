#!/bin/sh
# First process of a lab host: takes the lab's settings from the environment, gives systemd
# a cgroup hierarchy of its own where the machine has cgroup v1 or a hybrid, then becomes init.
set -eu

configure() {
    [ -s /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
    printf '%s\n' "$LAB_AUTHORIZED_KEY" >/home/ops/.ssh/authorized_keys
    chown ops:ops /home/ops/.ssh/authorized_keys
    if [ -x /usr/sbin/dockerd ] && [ ! -e /etc/docker/daemon.json ]; then
        mkdir -p /etc/docker
        printf '{\n  "insecure-registries": ["%s"]\n}\n' "$LAB_REGISTRY" >/etc/docker/daemon.json
    fi
}

# Drop-ins live in /run, so a package that is installed later finds them too.
drop_in() {
    mkdir -p "/run/systemd/system/$1.d"
    cat >"/run/systemd/system/$1.d/lab.conf"
}

own_cgroup_hierarchies() {
    mount -o remount,rw /sys
    umount -l /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    # Engine and runtimes inside need the v1 controllers; systemd must not see them.
    tail -n +2 /proc/cgroups | while read -r controller hierarchy _ enabled; do
        if [ "$enabled" != 1 ] || [ "$hierarchy" = 0 ]; then continue; fi
        mkdir -p "/run/cgroup-v1/$controller"
        mount -t cgroup -o "$controller" cgroup "/run/cgroup-v1/$controller"
    done
    mkdir -p /run/cgroup-v1/systemd
    mount -t cgroup -o none,name=systemd cgroup /run/cgroup-v1/systemd
    drop_in docker.service <<'CONF'
[Service]
BindPaths=/run/cgroup-v1:/sys/fs/cgroup
ExecStart=
ExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS
CONF
    # Two units with bind mounts have two mount namespaces, and containers would get an
    # empty root: the engine starts a containerd of its own.
    ln -sf /dev/null /run/systemd/system/containerd.service
}

if [ "${1:-}" = own-cgroup ]; then
    own_cgroup_hierarchies
elif [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
    mkdir -p /run/machine-cgroup2
    mount -t cgroup2 cgroup2 /run/machine-cgroup2
    group=/run/machine-cgroup2/fleetnet-lab/$LAB_HOST
    mkdir -p "$group"
    echo $$ >"$group/cgroup.procs"
    umount /run/machine-cgroup2
    exec unshare --cgroup "$0" own-cgroup
fi

for path in /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger; do
    if grep -q " $path " /proc/mounts; then umount "$path"; fi
done

capabilities=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
if [ $((0x$capabilities >> 24 & 1)) = 0 ]; then
    # Without CAP_SYS_RESOURCE nobody may raise this limit.
    drop_in systemd-journald.service <<'CONF'
[Service]
LimitNOFILE=1024
CONF
fi

configure
mount --make-rshared /
exec /sbin/init
