"""Evidence -> verdict, kind, reasons, by the design of the experiment (SPEC section 4). It never touches an engine."""

from orchestrator.judge.case import Case, Finding, Question
from orchestrator.judge.verdict import judge, question
from orchestrator.judge.words import HOW, fates

__all__ = ["HOW", "Case", "Finding", "Question", "fates", "judge", "question"]
