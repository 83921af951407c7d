"""A cluster: each node runs the local engine, and the driver hands out blocks and gathers rows."""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, Final

from batch_predict.engines.blocks import blocks
from batch_predict.engines.ray_cluster import cluster, ray
from batch_predict.engines.ray_node import Node
from batch_predict.engines.tasks import Task
from batch_predict.errors import BatchPredictError, InputError, UsageError, describe
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import Code, ImageRef, Status
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer
from batch_predict.storage import open_input

_LOGGER: Final = logging.getLogger(__name__)
_ACTOR: Final = ray.remote(Node)
_AFFINITY: Final = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
_LOOK_S: Final = 10.0  # seconds between two looks for nodes that have come or gone
_DEATHS_ALLOWED: Final = 2  # of actors of a node, one after the other, that gave no row
_UNSEEN: Final = frozenset({Code.VANISHED, Code.UNREADABLE})
_MEND: Final = "every node needs the folder at the same path, or let it be a bucket"


def run(
    refs: Iterable[ImageRef],
    prepare: PrepareStep,
    make_scorer: Callable[[], Scorer],
    options: Options,
) -> Generator[Rows, None, None]:
    """See `Engine`; a lost actor or node costs retries."""
    left = blocks(refs)
    first = next(left, None)
    if first is None:
        return
    with cluster(options.ray_address):
        shares = _Shares(chain([first], left), prepare, make_scorer, options)
        while shares.give():
            yield from shares.receive()


class _Share:
    """What a node has to do: its actor, the calls to it, the pictures that it has not answered."""

    def __init__(self, actor: Any, name: str) -> None:
        self._actor = actor
        self._giving = actor.give.remote(None)  # is answered when the actor has begun
        self._scored = actor.scored.remote()
        self._is_finishing = True
        self.name = name
        self.has_read = False  # whether the node is known to see the pictures
        self.left: dict[str, ImageRef] = {}  # by path

    @property
    def calls(self) -> list[Any]:
        """Those to the actor that are not answered."""
        return [call for call in (self._giving, self._scored) if call is not None]

    @property
    def has_room(self) -> bool:
        """Whether the actor can be given a block."""
        return self._giving is None

    def give(self, block: Task | None) -> None:
        """Have `block` scored; None: finish what there is."""
        if block is None and self._is_finishing:
            return
        self._is_finishing = block is None
        self.left |= {ref.path: ref for ref in block.refs} if block else {}
        self._giving = self._actor.give.remote(block)

    def receive(self, call: Any) -> list[Rows]:
        """The rows that came with the answer to `call`; raises what the engine raised, RayError."""
        answer: list[Rows] | BatchPredictError | None = ray.get(call)
        if call == self._giving:
            self._giving = None
            return []
        if isinstance(answer, InputError):
            raise InputError(f"node {self.name}: {answer}: {_MEND}") from answer
        if isinstance(answer, BatchPredictError):
            raise answer
        self._scored = self._actor.scored.remote()
        for ref in chain.from_iterable(rows.refs for rows in answer or ()):
            del self.left[ref.path]
        return answer or []

    def end(self) -> None:
        """Kill the actor, which may have lost no more than its connection."""
        ray.kill(self._actor)


class _Shares:
    """The nodes of the cluster and their shares; what is lost with one becomes that of others."""

    def __init__(
        self,
        new: Iterator[Task],
        prepare: PrepareStep,
        make_scorer: Callable[[], Scorer],
        options: Options,
    ) -> None:
        self._blocks = new
        self._arguments = prepare, make_scorer
        self._options = options
        self._shares: dict[str, _Share] = {}  # by the node's id
        self._deaths: Counter[str] = Counter()  # since the node gave rows
        self._last_error: Exception | None = None
        self._next_look = 0.0
        self._is_all_given = False

    def give(self) -> bool:
        """Give blocks to the nodes that have room; False where all is answered."""
        if time.monotonic() > self._next_look:
            self._next_look = time.monotonic() + _LOOK_S
            self._begin_missing()
        for share in self._shares.values():
            if share.has_room:
                block = next(self._blocks, None)
                self._is_all_given = block is None
                share.give(block)
        return not self._is_all_given or any(share.left for share in self._shares.values())

    def receive(self) -> Iterator[Rows]:
        """Wait for what a node has done; its rows."""
        nodes = {call: node for node, share in self._shares.items() for call in share.calls}
        done, _ = ray.wait(list(nodes), timeout=_LOOK_S)
        for node in (nodes[call] for call in done):
            share = self._shares.pop(node)
            try:
                answers = share.receive(done[0])
            except ray.exceptions.RayTaskError:  # a bug: it holds the traceback
                raise
            except ray.exceptions.RayError as error:
                self._lose(node, share, error)
                continue
            self._shares[node] = share  # behind the others, which are to have their turn
            for rows in answers:
                del self._deaths[node]
                share.has_read |= any(ref.content_sha256 is not None for ref in rows.refs)
                if not share.has_read:
                    check_sees(share.name, rows, self._options)
                yield rows

    def _begin_missing(self) -> None:
        """Begin an actor on each node that has none.

        Raises:
            UsageError: there is no node with a CPU.
            RuntimeError: on each they died again and again.
        """
        known = ray.nodes()  # type: ignore[no-untyped-call]
        nodes = [node for node in known if node["Alive"] and _cpus(node)]
        if not nodes:
            raise UsageError("no node of the Ray cluster has a CPU")
        for node in nodes:
            id_ = node["NodeID"]
            if id_ not in self._shares and self._deaths[id_] <= _DEATHS_ALLOWED:
                self._shares[id_] = self._begun(node)
        if not self._shares:
            raise RuntimeError("the actors of every node die at once") from self._last_error

    def _begun(self, node: Mapping[str, Any]) -> _Share:
        workers = self._options.workers or _cpus(node)
        options = replace(self._options, workers=workers)
        actor = _ACTOR.options(
            max_concurrency=2,  # see `Node`
            num_cpus=min(workers, _cpus(node)),
            scheduling_strategy=_AFFINITY(node["NodeID"], soft=False),
        ).remote(*self._arguments, options, os.getcwd())
        return _Share(actor, node["NodeManagerHostname"])

    def _lose(self, node: str, share: _Share, error: Exception) -> None:
        """Let other actors do what the one of `node` has not done."""
        _LOGGER.info("node %s is begun again: %s", share.name, describe(error))
        share.end()
        self._blocks = chain(blocks(share.left.values()), self._blocks)
        self._is_all_given = False
        self._deaths[node] += 1
        self._last_error = error
        self._next_look = 0.0


def _cpus(node: Mapping[str, Any]) -> int:
    return int(node["Resources"].get("CPU", 0))


def check_sees(node: str, rows: Rows, options: Options) -> None:
    """Check that `node`, which has read no file yet, sees the folder that this machine sees.

    Raises:
        InputError: one of `rows` could not be read there, and can be here.
    """
    source = open_input(options.in_dir, archives=options.archives)
    for place in rows.with_status(Status.FAILED):
        if any(reason.code in _UNSEEN for reason in rows.reasons[place]):
            (content,) = source.read_each([rows.refs[place]])
            if isinstance(content, bytes):
                raise InputError(f"node {node} does not see {options.in_dir}: {_MEND}")
            return
