"""What a program sees of the place it runs in."""

import os
import platform
import socket


def read(path):
    with open(path) as file:
        return file.read().strip()


VIEWS = {
    "python": platform.python_version,
    "hostname": socket.gethostname,
    "processes": lambda: os.readlink("/proc/self/ns/pid"),
    "kernel": lambda: os.uname().release,
    "boot": lambda: read("/proc/sys/kernel/random/boot_id"),
    "uptime": lambda: read("/proc/uptime").split()[0],
    "load": lambda: " ".join(read("/proc/loadavg").split()[:3]),
}
