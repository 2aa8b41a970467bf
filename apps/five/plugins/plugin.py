"""What the command below finds in its folder."""

WORDS = "hello from a plugin"
