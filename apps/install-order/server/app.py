"""Answers one request, in memory."""

from werkzeug.test import Client
from werkzeug.wrappers import Response

print(Client(Response("hello")).get("/").status)
