"""isolate: run apps side by side on their own runtimes, and prove that one environment cannot hold them."""

__version__ = "0.1.0"
