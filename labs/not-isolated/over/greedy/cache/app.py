"""A cache that takes two thirds of its box, whatever it was told."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MIB = 1 << 20
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where a box finds its own limit: by version 2 of cgroups, or by version 1."""


def memory():
    """Bytes of memory there are for us: the box's limit, where it has one, else the machine's."""
    with open("/proc/meminfo") as file:
        there = int(file.readline().split()[1]) * 1024
    for path in filter(os.path.exists, LIMITS):
        with open(path) as file:
            limit = file.read().strip()
        if limit != "max":
            there = min(there, int(limit))
    return there


def warmed(size):
    return [b"x" * MIB for _ in range(size // MIB)]


class Face(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"warm: {len(BLOCKS)} MiB\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    there = memory()
    print(f"{there // MIB} MiB of memory, {there * 2 // 3 // MIB} MiB of it for the cache", flush=True)
    BLOCKS = warmed(there * 2 // 3)
    ThreadingHTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
