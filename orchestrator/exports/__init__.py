"""A plan in the words of other tools: `Plan -> files`. Exporters run nothing, so they are no engines."""
