"""The parts of the page, each from the record alone: what is drawn is computed here, how it looks stands in the CSS."""
