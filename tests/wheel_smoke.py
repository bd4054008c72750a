"""What the wheel must do in an environment of its own: check itself, and open the demo.

Run by .ci/run with the Python the wheel was installed into; needs nothing but it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bot.clinic import DEMO_CLINIC

EXOPLAN = Path(sys.executable).with_name("exoplan")


def check() -> None:
    """The shipped texts, protocols and tables are consistent in the wheel too."""
    subprocess.run([EXOPLAN, "check", "--clinic", DEMO_CLINIC], check=True)


def demo() -> None:
    """The page answers where the demo says it is."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [
            str(EXOPLAN),
            "demo",
            "--no-browser",
            "--port",
            "0",
            "--folder",
            folder,
        ]
        demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert demo.stdout is not None
            found = None
            while found is None:
                line = demo.stdout.readline()
                assert line, "the demo ended before it was ready"
                found = re.search(r"http://127\.0\.0\.1:\d+/\S+", line)
            with urllib.request.urlopen(found[0]) as page:
                assert b"<html" in page.read()
            seconds = time.monotonic() - began
            print(f"the page answered after {seconds:.2f} s")
        finally:
            demo.terminate()
            assert demo.wait(10) == 0, "the demo did not end cleanly"


if __name__ == "__main__":
    check()
    demo()
    print("wheel: check and demo work")
