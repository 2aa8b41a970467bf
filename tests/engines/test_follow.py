"""What a box's log stream tells: last lines to quote, the whole output to match, and why an app ended."""

from __future__ import annotations

import io
import struct

from orchestrator.engines.follow import KEPT_ANSWER, KEPT_BYTES, MOST_NAMES, Follower


def framed(*pieces: tuple[str, bytes]) -> io.BytesIO:
    """A log as the engine multiplexes it."""
    heads = {"stdout": 1, "stderr": 2}
    return io.BytesIO(b"".join(struct.pack(">BxxxL", heads[name], len(data)) + data for name, data in pieces))


def followed(*pieces: tuple[str, bytes]) -> Follower:
    follower = Follower()
    follower.read(framed(*pieces))
    return follower


def out(*lines: str) -> tuple[str, bytes]:
    return "stdout", "".join(f"{line}\n" for line in lines).encode()


def test_an_app_that_ends_after_the_box_was_told_to_stop_did_not_end_by_itself() -> None:
    follower = followed(out(":exit first 3", ":stopped", ":exit second 143"))
    assert follower.exits == {"first": 3, "second": 143}
    assert follower.stopped == {"second"}


def test_no_app_can_say_that_the_box_was_stopped() -> None:
    assert followed(out("a| :stopped", ":exit a 1")).stopped == set()


def test_the_last_lines_are_for_quoting_and_the_whole_output_for_matching() -> None:
    follower = followed(out(*(f"job| {n}" for n in range(1000))), ("stderr", b"job| oh\n"))
    assert list(follower.output["stdout"]["job"]) == [str(n) for n in range(800, 1000)]
    assert follower.said == {"job": ("".join(f"{n}\n" for n in range(1000)), "oh\n")}


def test_a_line_longer_than_a_quote_is_matched_as_a_whole() -> None:
    pieces = [f"job+ {'x' * 500}" for _ in range(40)]
    follower = followed(out(*pieces, "job| end"))
    assert follower.said["job"][0] == "x" * 20000 + "end\n"
    assert len(follower.output["stdout"]["job"][0]) < 9000


def test_a_character_on_a_seam_between_two_pieces_stays_one() -> None:
    first, second = "é".encode()[:1], "é".encode()[1:]
    follower = followed(("stdout", b"job+ " + first + b"\njob| " + second + b" \xff\n"))
    assert follower.said["job"][0] == "é \N{REPLACEMENT CHARACTER}\n"
    assert list(follower.output["stdout"]["job"]) == ["é \N{REPLACEMENT CHARACTER}"]


def test_what_is_kept_of_an_endless_output_is_bounded_on_each_stream() -> None:
    line = f"job| {'x' * 400}\n".encode() * 4000
    follower = followed(("stdout", line), ("stderr", line))
    assert [len(text) for text in follower.said["job"]] == [KEPT_BYTES, KEPT_BYTES]


def test_what_an_app_forges_in_the_launchers_name_is_bounded_and_breaks_nothing() -> None:
    """It may write to /proc/1/fd/1."""
    answers = f":runtime python {'3' * 8000}\n".encode() * 1000
    names = b"".join(f":runtime f{n} 1\n:exit a{n} 0\n:limit b{n} memory\nc{n}| x\n".encode() for n in range(2000))
    follower = followed(out("job| first"), ("stdout", answers + names), out(":exit job x", ":exit job 3", "job| last"))
    assert len(follower.versions["python"]) == KEPT_ANSWER
    told = (follower.versions, follower.exits, follower.met, follower.output["stdout"])
    assert all(len(one) <= MOST_NAMES for one in told)
    assert follower.exits["job"] == 3
    assert list(follower.output["stdout"]["job"]) == ["first", "last"]


def test_a_runtimes_answer_that_is_no_text_can_still_be_printed() -> None:
    follower = followed(("stdout", b":runtime python \xff3.12\n:done\n"))
    follower.versions["python"].encode()
