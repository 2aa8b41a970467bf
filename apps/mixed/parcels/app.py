"""Puts items into parcels of three, with `itertools.batched`: Python 3.12, standard library only."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import batched


class Face(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        items = range(1, int(self.path.strip("/") or 0) + 1)
        body = json.dumps({"parcels": [list(parcel) for parcel in batched(items, 3)]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
