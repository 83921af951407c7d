"""How refs are cut into tasks, and which task comes next."""

import pickle

import pytest

from batch_predict.engines.tasks import Task, TaskQueue, tasks
from batch_predict.records import ImageRef


def ref(name: str, size: int = 0) -> ImageRef:
    return ImageRef(name, size)


A, B, C, D = map(ref, "abcd")
NEW = [A]  # what no worker has seen
LARGE = Task([B], is_large=True)
RETURNED = Task([C])
ALONE = Task([D], is_alone=True)


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        pytest.param(0, 0, [], id="none"),
        pytest.param(31, 0, [31], id="fewer than a task"),
        pytest.param(1000, 0, [32, 64, 128, 256, 512, 8], id="growing"),
        pytest.param(100, 64 << 10, [4] * 25, id="larger files, smaller tasks"),
    ],
)
def test_tasks_grow_up_to_a_weight(count: int, size: int, sizes: list[int]) -> None:
    refs = [ref("", size) for _ in range(count)]
    assert [len(task.refs) for task in tasks(refs)] == sizes


@pytest.mark.parametrize(
    "task",
    [
        pytest.param(Task([A, ImageRef("e", None, "5 1", 7), ImageRef("f")]), id="several"),
        pytest.param(LARGE, id="large"),
        pytest.param(ALONE, id="alone"),
        pytest.param(Task([]), id="of none"),
    ],
)
def test_a_task_that_is_sent_is_the_same(task: Task) -> None:
    sent = pickle.loads(pickle.dumps(task))
    assert sent == task
    assert [type(ref) for ref in sent.refs] == [ImageRef] * len(task.refs)


@pytest.mark.parametrize(
    ("put_back", "postponed", "running", "expected"),
    [
        pytest.param([], [], [], Task(NEW), id="new refs"),
        pytest.param([], [B], [], LARGE, id="a large picture before new refs"),
        pytest.param([RETURNED], [B], [], RETURNED, id="what a dead worker had before both"),
        pytest.param([], [B], [Task([D])], LARGE, id="a large picture beside small ones"),
        pytest.param([], [B], [Task([D], True)], Task(NEW), id="no two large ones"),
        pytest.param([LARGE], [], [Task([D], True)], Task(NEW), id="nor one of a dead worker's"),
        pytest.param([LARGE], [D], [], LARGE, id="the large one of a dead worker first"),
    ],
)
def test_the_order_of_tasks(
    put_back: list[Task], postponed: list[ImageRef], running: list[Task], expected: Task
) -> None:
    queue = TaskQueue(NEW)
    queue.put_back(put_back)
    queue.postpone(postponed)
    assert queue.take(running) == expected


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        pytest.param([Task([A])], [Task(NEW), None], id="not beside another"),
        pytest.param([], [Task(NEW), ALONE, None], id="after all others"),
        pytest.param([ALONE], [None], id="nothing beside it"),
    ],
)
def test_what_had_too_little_memory_is_alone(
    running: list[Task], expected: list[Task | None]
) -> None:
    queue = TaskQueue(NEW)
    queue.leave_alone([D])
    assert [queue.take(running) for _ in expected] == expected


def test_one_that_ended_a_worker_alone_stays_so() -> None:
    queue = TaskQueue([])
    queue.put_back([ALONE])
    assert (queue.take([RETURNED]), queue.take([])) == (None, ALONE)


def test_every_task_is_taken_once() -> None:
    queue = TaskQueue(NEW)
    queue.put_back([RETURNED])
    queue.postpone([B])
    assert [queue.take([]) for _ in range(4)] == [RETURNED, LARGE, Task(NEW), None]
