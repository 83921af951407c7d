import pickle

import pytest

from batch_predict.errors import (
    BatchPredictError,
    ExitCode,
    MissingExtraError,
    ModelError,
    OutputError,
    causes,
    describe,
    printable,
)


class LibraryError(Exception):
    """One that is not built in."""


def raised() -> OutputError:
    try:
        try:
            try:
                raise ValueError("page 3\n is   torn")
            except ValueError as error:
                raise LibraryError from error
        except LibraryError:
            raise OSError(28, "No space left on device")  # noqa: B904  # a context, no cause
    except OSError as error:
        try:
            raise OutputError("can't write x") from error
        except OutputError as ours:
            return ours


CHAIN = (
    "OSError: [Errno 28] No space left on device",
    "tests.test_errors.LibraryError",
    "ValueError: page 3 is torn",
)


def test_causes_are_those_of_the_traceback_nearest_first() -> None:
    assert causes(raised()) == CHAIN


def test_an_error_with_no_cause_or_one_that_is_left_out_has_none() -> None:
    assert causes(OutputError("x")) == ()
    error = OutputError("y")
    error.__context__ = ValueError("x")
    assert causes(error) == ("ValueError: x",)
    error.__cause__ = None  # as `from None` does it
    assert causes(error) == ()


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ModelError("it is missing"), id="of one text"),
        pytest.param(MissingExtraError("the runtime onnx", "onnx"), id="with arguments of its own"),
    ],
)
def test_an_error_comes_out_of_another_process_whole(error: BatchPredictError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.exit_code) == (type(error), str(error), error.exit_code)


def test_causes_come_out_of_another_process() -> None:
    twice = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(raised()))))
    assert causes(twice) == CHAIN
    assert twice.exit_code is ExitCode.OUTPUT


def test_a_long_message_is_cut() -> None:
    assert describe(ValueError("x" * 10_000)) == f"ValueError: {'x' * 500}..."


def test_what_a_terminal_does_not_show_is_an_escape() -> None:
    assert printable("a\nb\x1b[31mé☃\udcff 'q'") == "a\\nb\\x1b[31mé☃\\udcff 'q'"
