"""The parts of the slide, each of them drawn from what the page is drawn from."""
