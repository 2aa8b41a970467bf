"""Carries the three arms of a plan out on an engine and emits what happened. No opinions: the judge has them."""

from orchestrator.arms.conductor import Conductor
from orchestrator.arms.escapes import escapes
from orchestrator.arms.isolated import isolated
from orchestrator.arms.probes import settled
from orchestrator.arms.trials import not_run, trials

__all__ = ["Conductor", "escapes", "isolated", "not_run", "settled", "trials"]
