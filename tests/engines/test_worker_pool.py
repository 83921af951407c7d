"""The workers, seen from where their answers arrive."""

import os
import socket

from batch_predict.engines.worker import Task
from batch_predict.engines.worker_pool import Crew
from batch_predict.records import ImageRef, Prepared
from tests.conftest import noise

COUNT = 512  # pictures, whose answer is larger than a pipe
HEADER = 4  # bytes before an answer that say its size


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size))


def test_a_worker_killed_in_the_middle_of_its_answer_costs_no_picture() -> None:
    refs = [ImageRef(f"{n:05d}.png", n) for n in range(COUNT)]
    tasks = iter([Task(refs)])
    answered: list[ImageRef] = []
    with Crew(good, size=1, image_timeout=30) as crew:
        crew.feed(tasks, COUNT)
        (worker,) = crew._workers
        with socket.socket(fileno=os.dup(worker.connection.fileno())) as pipe:
            while len(pipe.recv(HEADER + 1, socket.MSG_PEEK)) <= HEADER:
                pass
        worker.process.kill()
        worker.process.join()
        while not crew.feed(tasks, COUNT):
            for answer in crew.receive():
                answered += answer.batch.refs
    assert answered == refs
