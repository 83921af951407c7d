"""Looks by fake networks: each answer can be read off the pixels, and none is even."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.marking import Marker
from batch_predict.records import CLASSES, INK_CLASSES
from batch_predict.runtimes import Classifier, Network, Runtime
from batch_predict.runtimes.ink import Ink
from batch_predict.runtimes.judges import Judges
from batch_predict.runtimes.looks_plan import Form, Look, LooksPlan
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.padded import Padded
from batch_predict.runtimes.rule import AGAIN, HEAD, SOURCES, UNMARKED, NoDigit, Rule
from batch_predict.scoring import Networks, Scorer
from tests.support import fakes

#: every source counts, each with another weight; without a head, no digit is what readings say
RULE: Final = Rule(
    tuple(0.8 + place / 20 for place in range(len(SOURCES))),
    NoDigit(-3.0, readings=0.5, head=0.4, again=0.2),
)
#: what each reading says counts, and nothing else
READINGS_ALONE: Final = Rule(
    tuple(0.0 if source in (HEAD, AGAIN) else 1.0 for source in SOURCES), NoDigit(0.0, readings=1.0)
)
#: what is made of a picture that nobody has marked counts, and nothing else
UNMARKED_ALONE: Final = Rule(
    tuple(float(source in UNMARKED) for source in SOURCES), NoDigit(0.0, readings=1.0)
)


def look(rule: Rule = RULE, *, mnist: float, other: float) -> Look:
    """One rule for both forms, sure from these confidences."""
    return Look(dict.fromkeys(Form, rule), {Form.MNIST: mnist, Form.OTHER: other})


#: some pictures stop at each look
PLAN: Final = LooksPlan(
    {"judge.keras": "0" * 64},
    look(mnist=0.6, other=0.6),
    look(mnist=0.4, other=0.5),
    look(mnist=2.0, other=2.0),
)


def give_looks(model: Path, plan: LooksPlan) -> None:
    """Write the card of the file `model`, with `plan`, and the judges that it names."""
    hashes = {}
    for name in plan.judges:
        content = model.read_bytes() + name.encode()
        (model.parent / name).write_bytes(content)
        hashes[name] = hashlib.sha256(content).hexdigest()
    card = {
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "looks": plan._replace(judges=hashes).to_json(),
    }
    model.with_suffix(".json").write_text(json.dumps(card))


def load_judge(model: ModelFile, batch_size: int) -> Classifier:
    """A stand-in for a runtime's: it reads otherwise than the screen, and knows left from right."""
    ramp = np.arange(1, 29, dtype=np.int64)

    def network(pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        assert pixels.shape == (batch_size, 28, 28, 1)
        levels = np.rint(pixels[..., 0] * 255).astype(np.int64)
        ink = (levels * ramp).sum(axis=(1, 2)) + len(model.path)
        confidence = (0.5 + (ink // CLASSES % 100) / 210).astype(np.float32)
        answers = np.repeat((1 - confidence)[:, None] / (CLASSES - 1), CLASSES, axis=1)
        answers[np.arange(len(ink)), ink % CLASSES] = confidence
        return (answers,)

    return Classifier(network)


def load_any_size(model: ModelFile, outputs: Sequence[str]) -> Network:
    """A stand-in for the ink network, whose head takes a picture for something, too."""
    marks = fakes.load_any_size(model, ["maps"])

    def network(pictures: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        level = pictures.sum(axis=(1, 2, 3)).astype(np.int64)
        share = (0.3 + (level // 7 % 100) / 200).astype(np.float32)
        classes = np.repeat((1 - share)[:, None] / (INK_CLASSES - 1), INK_CLASSES, axis=1)
        classes[np.arange(len(level)), level % CLASSES] = share
        (maps,) = marks(pictures)
        return tuple({"maps": maps, "classes": classes}[name] for name in outputs)

    return network


RUNTIME: Final = Runtime(load_judge, load_any_size)


def marker() -> Marker:
    """One that asks the fake ink network."""
    return Marker(Ink(ModelFile("ink.keras", "", None, None), load_any_size))


def judges(runtime: Runtime = RUNTIME) -> Judges:
    """Two of them, which differ."""
    models = [ModelFile(name, "", None, None) for name in ("one.keras", "another.keras")]
    return Judges(models, runtime)


def scorer(batch_size: int, plan: LooksPlan | None = PLAN) -> Scorer:
    """One with fake networks of all kinds."""
    classifier = fakes.load_classifier(ModelFile("", "", None, None), batch_size)
    return Scorer(Networks(classifier, marker(), judges()), plan, batch_size)


def screen(batch_size: int) -> Padded:
    """The first network of `scorer`."""
    return Padded(fakes.load_classifier(ModelFile("", "", None, None), batch_size), batch_size)
