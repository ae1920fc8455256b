"""The report that several processes make together."""

from collections.abc import Sequence
from pathlib import Path
from threading import Barrier, Thread

import pytest

from alembic_proof.items import join
from alembic_proof.reports.store import Proof, kept_proof, proof_in_parts
from tests.unit.test_shards import part


def test_each_part_is_made_once(tmp_path: Path) -> None:
    """Whoever comes takes what nobody is at; threads lock as processes do. All get the same proof."""
    made: list[int] = []
    joined: list[int] = []
    got: list[Proof] = []
    start = Barrier(3)

    def make(number: int) -> Proof:
        made.append(number)
        return Proof(part(f"{number}/4"))

    def count(parts: Sequence[Proof]) -> Proof:
        joined.append(len(parts))
        return join(parts)

    def work() -> None:
        start.wait()
        got.append(proof_in_parts(tmp_path, 4, make, count))

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sorted(made), joined) == ([1, 2, 3, 4], [4])
    assert got == [kept_proof(tmp_path)] * 3
    assert got[0].judged().project.shard == ""


def test_a_part_that_was_given_up_is_made_by_another(tmp_path: Path) -> None:
    """A process that breaks off leaves nothing behind that looks like a part."""

    def breaks(number: int) -> Proof:
        if number == 2:
            raise KeyboardInterrupt
        return Proof(part(f"{number}/2"))

    with pytest.raises(KeyboardInterrupt):
        proof_in_parts(tmp_path, 2, breaks, join)
    assert kept_proof(tmp_path) is None
    assert proof_in_parts(tmp_path, 2, lambda number: Proof(part(f"{number}/2")), join).judged().project.shard == ""


def test_what_went_wrong_in_a_part_went_wrong_in_all(tmp_path: Path) -> None:
    """An error is no part that can be left out."""
    proofs = {1: Proof(part("1/2")), 2: Proof(None, "Cannot do it.")}

    assert proof_in_parts(tmp_path, 2, proofs.__getitem__, join).error == "Cannot do it."


def test_alone_it_is_made_at_once() -> None:
    """Without a folder nothing is written."""
    proof = Proof(part("1/1"))

    assert proof_in_parts(None, 1, lambda _number: proof, join) is proof
