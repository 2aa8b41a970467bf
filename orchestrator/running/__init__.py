"""A whole run, from files to cleaning up: what verbs and the pytest plugin share.

Heavy imports wait until something runs.
"""

from orchestrator.running.chosen import contexts, draft, manifest, options, owner, raised
from orchestrator.running.conduct import ADVICE, Kept, carry_out, document_of
from orchestrator.running.engine import endpoint, open_engine
from orchestrator.running.lending import borrow, borrowed
from orchestrator.running.sweep import clean_up

__all__ = [
    "ADVICE",
    "Kept",
    "borrow",
    "borrowed",
    "carry_out",
    "clean_up",
    "contexts",
    "document_of",
    "draft",
    "endpoint",
    "manifest",
    "open_engine",
    "options",
    "owner",
    "raised",
]
