"""Loads a plug-in from the file beside it, the way it was done for twenty years."""

import imp

print(imp.load_source("plugin", "plugin.py").greeting())
