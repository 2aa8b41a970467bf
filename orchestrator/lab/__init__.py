"""Hands-on labs: a learner breaks a shared environment, sees why, isolates, and proves it by isolate's own verdicts."""
