"""A link builder of 2018, half ported: campaigns are loaded with importlib, links are still encoded by requests 2.18.

GET /link/spring/42 answers with the link that campaign `spring` sends to customer 42.
"""

import importlib.util
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

CAMPAIGNS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "campaigns")


def campaign(name):
    """A campaign is a file somebody dropped into a folder; importlib loads such files on every Python 3."""
    found = importlib.util.spec_from_file_location(name, os.path.join(CAMPAIGNS, name + ".py"))
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def link(name, customer):
    parameters = campaign(name).parameters(customer)
    return requests.Request("GET", "https://shop.example/offers", params=parameters).prepare().url


class Face(BaseHTTPRequestHandler):
    def do_GET(self):
        words = self.path.strip("/").split("/")
        if len(words) == 3 and words[0] == "link":
            self.answer(200, link(words[1], words[2]))
        else:
            self.answer(404, "GET /link/CAMPAIGN/CUSTOMER")

    def answer(self, status, text):
        body = "{}\n".format(text).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(os.environ["PORT"])), Face).serve_forever()
