"""A registry that has every image, of one layer, and fails where it is told to."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal["none", "trickles", "falls silent", "cut off", "lies"]
FAULTS: tuple[Fault, ...] = ("trickles", "falls silent", "cut off", "lies")
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONTENT = random.Random(8).randbytes(1 << 20)


def _layer() -> tuple[bytes, str]:
    """Zipped, and the digest of what it is unzipped."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        info = tarfile.TarInfo("content")
        info.size = len(CONTENT)
        tar.addfile(info, io.BytesIO(CONTENT))
    return gzip.compress(plain.getvalue(), mtime=0), _digest(plain.getvalue())


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _described(content: bytes, kind: str) -> dict[str, object]:
    return {"mediaType": f"application/vnd.docker.{kind}", "size": len(content), "digest": _digest(content)}


LAYER, PLAIN = _layer()
CONFIG = json.dumps(
    {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [PLAIN]}}
).encode()
INDEX = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _described(CONFIG, "container.image.v1+json"),
        "layers": [_described(LAYER, "image.rootfs.diff.tar.gzip")],
    }
).encode()


@contextmanager
def registry(fault: Fault, within: Callable[[Callable[[], ThreadingHTTPServer]], ThreadingHTTPServer]) -> Iterator[str]:
    """Its `host:port`; `within` calls what makes the server's socket, in the network where it is to be."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            blob = {_digest(LAYER): LAYER, _digest(CONFIG): CONFIG}.get(self.path.rpartition("/")[2])
            content = INDEX if "/manifests/" in self.path else blob or b"{}"
            self.send_response(200)
            self.send_header("Content-Type", MANIFEST if content is INDEX else "application/octet-stream")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Docker-Content-Digest", _digest(content))
            self.end_headers()
            if self.command == "GET":
                self._give(content, fault if content is LAYER else "none")

        def _give(self, content: bytes, how: Fault) -> None:
            half = len(content) // 2
            match how:
                case "none":
                    self.wfile.write(content)
                case "lies":
                    self.wfile.write(content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])
                case "cut off":
                    self.wfile.write(content[:half])
                    self.close_connection = True
                case "falls silent":
                    self.wfile.write(content[:half])
                    over.wait()
                case "trickles":
                    for byte in content:
                        self.wfile.write(bytes([byte]))
                        if over.wait(0.05):
                            return

        def handle(self) -> None:
            """Whoever asked may have gone."""
            try:
                super().handle()
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = within(lambda: ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            over.set()
            server.shutdown()
            thread.join()
