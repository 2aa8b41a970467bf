"""A cache that takes 64 MiB, on whatever machine."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MIB = 1 << 20


class Face(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"warm: {len(BLOCKS)} MiB\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    BLOCKS = [b"x" * MIB for _ in range(64)]
    ThreadingHTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
