"""The workshop page: what the terminal's `isolate lab` does, on loopback, for one learner's browser.

`workshop` does it, `view` shows it, `guard` lets nobody else in.
"""
