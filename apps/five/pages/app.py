"""Sets words in columns, two a page."""

from itertools import batched

from jinja2 import Template

pages = batched("abcde", 2)
print(Template("{{ pages | map('join', ' ') | join(' | ') }}").render(pages=pages))
