"""Renders a greeting, escaped."""

from jinja2 import Environment

print(Environment(autoescape=True).from_string("Hello {{ name }}").render(name="<you>"))
