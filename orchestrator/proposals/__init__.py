"""What a folder holds -> a first manifest, with the source of everything in it. Nothing here reads a file."""

from orchestrator.proposals.document import document
from orchestrator.proposals.names import fit, project_name
from orchestrator.proposals.propose import propose
from orchestrator.proposals.tree import Place, Tree, patterns
from orchestrator.proposals.values import Proposal, ProposedApp

__all__ = ["Place", "Proposal", "ProposedApp", "Tree", "document", "fit", "patterns", "project_name", "propose"]
