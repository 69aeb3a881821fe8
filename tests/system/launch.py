"""`heirloom`, for as long as the test lives that started it.

Its standard input is a pipe that the test holds: when that ends, however it ends, this process group ends too. So a run
of the tests that is stopped or killed leaves nothing behind.
"""

from __future__ import annotations

import os
import signal
import threading

from heirloom.cli import main


def _end_with_the_test() -> None:
    os.read(0, 1)  # nobody writes: it returns when the other end is closed
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_test, daemon=True).start()
    main()
