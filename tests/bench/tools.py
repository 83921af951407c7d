"""What a benchmark compares, and what it costs: see `program`, `network_alone` and `command`."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from batch_predict import Prediction
from batch_predict.records import Status
from tests.bench.cpu import cpu_seconds
from tests.bench.outcomes import Outcome
from tests.bench.sample import Sample

CHUNK = 500  # pictures a call in this process: those of 12 megapixels have megabytes each
DIGITS = tuple("0123456789")
NO_ANSWER = Prediction(None, None, str(Status.FAILED), "", None)


class ToolError(Exception):
    """A tool can't be run, or what it says can't be read."""


class Tool(Protocol):
    """What reads digits."""

    name: str
    about: dict[str, Any]  # what the JSON says of it
    together: int  # pictures of a call

    def answers(self, samples: Sequence[Sample]) -> "Answers":
        """What it says of each; raises `ToolError`."""
        ...


class Answers(NamedTuple):
    """What a tool says of some pictures, in their order."""

    predictions: list[Prediction]
    looks: list[int] | None = None  # of the program's networks at each
    peak: int | None = None  # bytes of memory


class Measured:
    """A tool, and what a call of it costs that answers one picture."""

    def __init__(self, tool: Tool, warm_up: Sequence[Sample]) -> None:
        self.tool = tool
        for samples in (warm_up, warm_up[:1]):  # loads what is loaded once
            tool.answers(samples)
        start = cpu_seconds()
        tool.answers(warm_up[:1])
        self.call_seconds = cpu_seconds() - start

    def score(self, samples: Sequence[Sample]) -> tuple[list[Outcome], float, int | None]:
        """Outcomes, CPU seconds beyond those of the calls alone, and the peak of memory."""
        start, outcomes, peaks = cpu_seconds(), list[Outcome](), list[int]()
        calls = range(0, len(samples), self.tool.together)
        for at in calls:
            part = samples[at : at + self.tool.together]
            answers = self.tool.answers(part)
            looks = answers.looks or [None] * len(part)
            outcomes += map(Outcome, part, answers.predictions, looks)
            if answers.peak is not None:
                peaks.append(answers.peak)
        cpu = cpu_seconds() - start - self.call_seconds * len(calls)
        return outcomes, max(cpu, 0.0), max(peaks, default=None)
