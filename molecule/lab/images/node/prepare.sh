#!/bin/sh
# Makes a host that Ansible can reach: the user ops, sshd with keys only, no background jobs.
set -eu

useradd --create-home --shell /bin/bash --uid 1000 ops
install -d -m 0700 -o ops -g ops /home/ops/.ssh
echo 'ops ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/ops
chmod 0440 /etc/sudoers.d/ops

cat >/etc/ssh/sshd_config.d/lab.conf <<'CONF'
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
MaxStartups 100:30:200
CONF

# apt's and dpkg's timers would hold locks while roles install packages;
# there is no console and the kernel belongs to the machine.
systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  fstrim.timer systemd-tmpfiles-clean.timer console-getty.service getty.target \
  getty-static.service systemd-firstboot.service systemd-modules-load.service \
  systemd-udev-trigger.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
  sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
  dev-hugepages.mount dev-mqueue.mount systemd-pcrextend.socket \
  sys-fs-fuse-connections.mount >/dev/null 2>&1
systemctl set-default multi-user.target >/dev/null 2>&1
systemctl enable ssh.service >/dev/null 2>&1

# The vendors' settings are for whole machines (pid_max, file limits) and would change this one.
mkdir -p /etc/sysctl.d
for vendor in /usr/lib/sysctl.d/*.conf; do
    [ -e "$vendor" ] && ln -sf /dev/null "/etc/sysctl.d/${vendor##*/}"
done
: >/etc/machine-id
