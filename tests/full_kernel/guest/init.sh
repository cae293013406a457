#!/bin/sh
# First process of the guest, as user-mode Linux or as a throw-away world on the machine's own kernel.
# FLEETNET_GUEST is uml or world; FLEETNET_TASK is fill or test. In a world what is mounted here is there already.
# The root is read-only: all that is written goes to memory, to /store or to /output.
export PATH=/run/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8

say() { echo "guest: $*"; }

mount_machine() {
    set -e
    mount -t sysfs sysfs /sys
    mount -t devtmpfs devtmpfs /dev
    mkdir -p /dev/pts /dev/shm
    mount -t devpts devpts /dev/pts
    mount -t tmpfs tmpfs /dev/shm
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mount -t hostfs -o "$FLEETNET_OUTPUT" none /output
    mount -t ext4 -o noatime,barrier=0 /dev/ubda /store
    set +e
    ln -sfn /proc/self/fd /dev/fd
}

mount_memory() {
    for place in /run /tmp /root /var/tmp /var/lib/fleetnet /etc/docker; do mount -t tmpfs -o mode=0755 tmpfs "$place"; done
    chmod 1777 /tmp /var/tmp
    mkdir -p /run/lock /run/bin /store/docker /store/registry
    mount --bind /store/docker /var/lib/docker
}

# Rules made through nf_tables need NAT support there, which not every kernel has.
choose_iptables() {
    if iptables-nft -t nat -N TRIAL 2>/dev/null; then
        iptables-nft -t nat -X TRIAL
        return
    fi
    for tool in iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore; do
        ln -s "/usr/sbin/$(echo "$tool" | sed 's/tables/tables-legacy/')" "/run/bin/$tool"
    done
}

start() {
    hostname guest
    ip link set lo up
    ip netns add lan
    ip link add up0 type veth peer name up1 netns lan
    ip address add 192.0.2.1/24 dev up0
    ip link set up0 up
    ip -n lan address add 192.0.2.254/24 dev up1
    ip -n lan link set up1 up
    ip route add default via 192.0.2.254
    echo 1 >/proc/sys/net/ipv4/ip_forward
    choose_iptables
}

if [ "$FLEETNET_GUEST" = uml ]; then mount_machine; fi
mount_memory
start
say "kernel $(uname -r) is up"
/bin/sh "/project/tests/full_kernel/guest/$FLEETNET_TASK.sh"
echo $? >/output/exit
sync
if [ "$FLEETNET_GUEST" = uml ]; then
    umount -l /store
    echo o >/proc/sysrq-trigger
    sleep 10
fi
