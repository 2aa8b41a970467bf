"""What was searched for, and found: ways out, reasons, versions, environments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from orchestrator.model.declared import Mark
from orchestrator.model.observed import Cell, Outcome

EscapeName = Literal["side-by-side", "roll-forward", "other-version", "order"]


@dataclass(frozen=True, slots=True)
class Escape:
    """A cheaper way out than isolation, and what came of trying it; `cells` are the evidence."""

    name: EscapeName
    outcome: Outcome
    detail: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """One line of a manifest or of a list of packages, and whose it is: an app's, or a shared entry's."""

    app: str
    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Proof:
    """One observation of a certificate: all demands, or all `without` one of them."""

    outcome: Literal["fails", "passes"]
    detail: str
    without: Demand | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why there is a conflict: demands of which none can be dropped, and the observations that show it."""

    demands: tuple[Demand, ...]
    because: tuple[str, ...]
    certificate: tuple[Proof, ...]
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a file of an app promises, and which of the observed environments that admits."""

    text: str
    mark: Mark
    admits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One app, alone in each environment.

    own:   the app on the runtime it declares; None where the search was cut short before that.
    over:  environments that a claim admits, and in which the app fails.
    under: environments that a claim does not admit, and in which the app passes.
    """

    app: str
    runtime: str
    cells: tuple[Cell, ...]
    own: Cell | None = None
    claims: tuple[Claim, ...] = ()
    over: tuple[str, ...] = ()
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Apps by versions, oldest first. A row has a cell for each environment of its family."""

    environments: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """An environment, and the apps that were seen to pass in it together."""

    environment: str
    apps: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """The fewest environments that serve all apps.

    runtimes: what they could be made of; other versions were not looked at.
    unserved: the cells of apps that pass alone in none of the environments.
    refuted:  sets of apps that were seen to fail, by which one environment fewer is impossible.
    assumed:  whether that rests on more than observation: that adding an app repairs no set that fails.
    repaired: where that was seen not to hold, a sentence each.
    apart:    families of which no OS base is known that serves both: known, not observed.
    checked:  observations made to do without the assumption; `observations` counts all, remembered ones included.
    """

    runtimes: tuple[str, ...]
    bins: tuple[Bin, ...]
    unserved: tuple[Cell, ...]
    refuted: tuple[Bin, ...]
    assumed: bool
    repaired: tuple[str, ...]
    apart: tuple[str, ...]
    checked: int
    observations: int


@dataclass(frozen=True, slots=True)
class Bisected:
    """The first version that breaks an app, or serves it again.

    story:     breaks (the oldest serves it, the newest does not), mends (the other way round), never (both ends serve
               it), always (neither does).
    first:     the oldest version that was seen to fail while the one before it passes.
    mended:    the oldest version that was seen to pass while the one before it fails.
    monotonic: False where more was seen to change than the story tells of, None where versions are `unseen`.
    """

    app: str
    runtime: str
    story: Literal["breaks", "mends", "never", "always"]
    first: str | None
    mended: str | None
    monotonic: bool | None
    cells: tuple[Cell, ...]
    unseen: tuple[str, ...] = ()
    observations: int = field(default=0)
