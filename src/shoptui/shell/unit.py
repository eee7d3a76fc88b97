"""systemd units of an engine and of the daily backup; those under packaging/systemd are written from here."""

from __future__ import annotations

from string import Template

#: Where packages install the program; `shoptui engine --print-unit` puts the one that is running in its place.
PACKAGED_PROGRAM = "/usr/bin/shoptui"

_SYSTEM = Template("""\
# The engine of a shared house. Written by `shoptui engine --print-unit=system`; docs/install.md says how to set it up.
[Unit]
Description=shoptui engine: reads the stores, sends what was ordered
Documentation=man:shoptui(1)
Wants=network-online.target
After=network-online.target time-sync.target cups.service

[Service]
Type=exec
User=shoptui
Group=shoptui
ExecStart=$program engine
# An engine that made way for a newer program ends well and has to come back.
Restart=always
RestartSec=2
# Exit 3: another engine holds the house. Trying again would not help.
RestartPreventExitStatus=3
# Calls on their way are given engine.stop_s (20 s) to finish.
TimeoutStopSec=45

# /var/lib/shoptui for the house (the group reads it), /run/shoptui for the socket.
StateDirectory=shoptui
StateDirectoryMode=2750
RuntimeDirectory=shoptui
RuntimeDirectoryMode=0750
UMask=0027

# An app's secret as an encrypted credential (systemd-creds encrypt), which the settings name by
# secret_file = "tiktok-secret" under [apps.tiktok]:
# LoadCredentialEncrypted=tiktok-secret:/etc/credstore.encrypted/tiktok-secret

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
# Neither PrivateUsers= nor ProtectProc=: the engine tells operators apart by the user and terminal of the process at
# the other end of its socket.

[Install]
WantedBy=multi-user.target
""")

_USER = Template("""\
# The engine of one person's own house, always on. Written by `shoptui engine --print-unit=user`; put it into
# ~/.config/systemd/user/shoptui-engine.service, then: systemctl --user enable --now shoptui-engine
[Unit]
Description=shoptui engine: reads the stores, sends what was ordered
Documentation=man:shoptui(1)

[Service]
Type=exec
ExecStart=$program engine
Restart=always
RestartSec=2
# Exit 3: a cockpit has started an engine already.
RestartPreventExitStatus=3
TimeoutStopSec=45
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
""")

_BACKUP = Template("""\
# The daily backup of a shared house, made by the running engine; started by shoptui-backup.timer.
[Unit]
Description=shoptui backup
Documentation=man:shoptui(1)

[Service]
Type=oneshot
User=shoptui
Group=shoptui
ExecStart=$program backup --keep 14 --quiet
UMask=0077
# When the engine is stopped this process makes the backup itself, in the house's folder.
ReadWritePaths=/var/lib/shoptui
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
SystemCallArchitectures=native
SystemCallFilter=@system-service
""")

_TIMER = Template("""\
# Every night; a machine that was off catches up.
[Unit]
Description=shoptui backup, every night

[Timer]
OnCalendar=*-*-* 03:00:00
RandomizedDelaySec=600
Persistent=true

[Install]
WantedBy=timers.target
""")

#: By the word of `--print-unit`: the file it is called, and its text.
UNITS = {
    "system": ("shoptui-engine.service", _SYSTEM),
    "user": ("shoptui-engine.user.service", _USER),
    "backup": ("shoptui-backup.service", _BACKUP),
    "timer": ("shoptui-backup.timer", _TIMER),
}


def unit(kind: str, program: str = PACKAGED_PROGRAM) -> str:
    """The text of a unit that runs `program`. Raises KeyError for a kind there is none of."""
    return UNITS[kind][1].substitute(program=program)
