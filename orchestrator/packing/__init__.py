"""The fewest shared environments that serve all apps: exact up to twenty apps, and by observation."""

from orchestrator.packing.pack import pack
from orchestrator.packing.values import Bin, Failing, Packing, Repaired

__all__ = ["Bin", "Failing", "Packing", "Repaired", "pack"]
