"""Answers every GET with today's date. It says Python 3.11, and runs on any Python 3."""

import os
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer


class Face(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(date.today().isoformat().encode())


HTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
