"""Renders one template with Django."""

import django
from django.conf import settings
from django.template import Context, Template

settings.configure(TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}])
django.setup()
print(Template("<b>{{ version }}</b>").render(Context({"version": django.get_version()})))
