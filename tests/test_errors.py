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
    in_one_line,
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


def test_an_error_that_led_to_its_own_cause_is_told_once() -> None:
    first, second = OSError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert causes(first) == ("ValueError: second",)


def test_words_of_ours_that_another_error_repeats_are_told_once() -> None:
    missing = FileNotFoundError(2, "No such file or directory")
    inner = ModelError("can't read judge.keras: No such file or directory")
    outer = ModelError(f"the card names a judge: {inner}")
    outer.__cause__, inner.__cause__ = inner, missing
    assert causes(outer) == ("FileNotFoundError: [Errno 2] No such file or directory",)
    outer.__cause__ = ModelError("another")
    assert causes(outer) == ("batch_predict.errors.ModelError: another",)


def test_a_cause_that_has_no_words_has_its_type() -> None:
    class SilentError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("not this either")

    assert describe(SilentError()).endswith("SilentError")


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


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        pytest.param("GET https://me:pw@host/a: no", "GET https://...@host/a: no", id="password"),
        pytest.param("'https://host/a?sig=x&y=1' no", "'https://host/a?...' no", id="signature"),
        pytest.param("https://me:pw@host/a?sig=x", "https://...@host/a?...", id="both"),
        pytest.param("is it? s3://bucket/a@b", "is it? s3://bucket/a@b", id="neither"),
        pytest.param("https://me:p/w@x@host/a", "https://...@host/a", id="odd-password"),
        pytest.param("https://host/a?sig=<x>&y", "https://host/a?...", id="odd-signature"),
        pytest.param("https://host/a#access=x", "https://host/a#...", id="fragment"),
        pytest.param("Authorization: Bearer ab.c", "Authorization: ...", id="bearer"),
        pytest.param("AccountKey=a+b/c=;x=1", "AccountKey=...;x=1", id="account-key"),
        pytest.param("aws_secret_access_key = 'ab'", "aws_secret_access_key = '...'", id="secret"),
        pytest.param("unexpected token: x, key: y", "unexpected token: x, key: y", id="no-secret"),
    ],
)
def test_what_may_be_secret_of_an_address_is_left_out(message: str, shown: str) -> None:
    assert describe(OSError(message)) == f"OSError: {shown}"


def test_several_causes_are_one_line() -> None:
    assert in_one_line(CHAIN[1:]) == f"{CHAIN[1]}; caused by {CHAIN[2]}"
    assert in_one_line([]) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("é☃ 'q' \\", "é☃ 'q' \\", id="what it shows"),
        pytest.param("a\nb\tc\r", r"a\x0ab\x09c\x0d", id="line ends"),
        pytest.param("\x1b[31m\x07\x7f", r"\x1b[31m\x07\x7f", id="what it obeys"),
        pytest.param("\x85\xa0\xad", r"\x85\xa0\xad", id="controls of eight bits"),
        pytest.param("\u202e\u2028\u200b", r"\u202e\u2028\u200b", id="other ways to mislead"),
        pytest.param("\udce9\udcff", r"\xe9\xff", id="bytes that are not UTF-8"),
        pytest.param("\ud800", r"\ud800", id="half a character"),
    ],
)
def test_what_a_terminal_does_not_show_is_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown
