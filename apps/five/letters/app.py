"""Writes a letter from a template of Jinja 2, with a filter as Jinja 3.1 has it no more."""

from jinja2 import Environment, contextfilter


@contextfilter
def dear(context, name):
    return f"{context['greeting']} {name}"


environment = Environment()
environment.filters["dear"] = dear
print(environment.from_string("{{ name | dear }}").render(name="Ada", greeting="Dear"))
