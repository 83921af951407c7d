"""Forks and what must not be forked wait for each other."""

import os
import threading

from batch_predict.process.fork_lock import FORK_LOCK


def child_ends(action: int = 0) -> bool:
    """Fork; whether the child can hold the lock, and ends."""
    pid = os.fork()
    if not pid:
        with FORK_LOCK.held():
            os._exit(action)
    return os.waitpid(pid, 0)[1] == 0


def test_a_fork_waits_for_a_thread_in_the_block_and_its_child_has_a_lock_of_its_own() -> None:
    inside, end = threading.Event(), threading.Event()
    order = []

    def hold() -> None:
        with FORK_LOCK.held():
            inside.set()
            end.wait(60)
            order.append("block")

    def fork() -> None:
        assert child_ends()
        order.append("fork")

    holder, forker = threading.Thread(target=hold), threading.Thread(target=fork)
    holder.start()
    assert inside.wait(60)
    forker.start()
    end.set()
    holder.join()
    forker.join()
    assert order == ["block", "fork"]


def test_who_holds_it_may_fork() -> None:
    with FORK_LOCK.held():
        assert child_ends()
