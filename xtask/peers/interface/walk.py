"""Runs the commands of a page of the documentation as they stand there, in a folder and with a port of its own."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

# What a page writes for the port of its gate, and for that of the machine that is told.
WRITTEN, TOLD = "8018", "8019"


def save(page: Path, folder: Path) -> None:
    """Writes every Python block that a page says to save."""
    for name, code in re.findall(r"Save this as `(.*?)`.*?```python\n(.*?)```", page.read_text(), re.DOTALL):
        (folder / name).write_text(code)


def run(page: Path, folder: Path, program: Path, port: int) -> str:
    """What the page's commands printed; what it starts goes on in the background."""
    save(page, folder)
    path = f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    with open(folder / "walk.log", "w") as log:
        done = subprocess.run(["bash"], input="\n".join(script(page, port)), text=True, cwd=folder, stdout=log,
                              stderr=log, env={**os.environ, "PATH": path})
    printed = (folder / "walk.log").read_text()
    if done.returncode != 0:
        raise SystemExit(f"a command of {page} failed:\n{printed[-3000:]}")
    return printed


def script(page: Path, port: int):
    """A shell script of every command of a page, with what a reader at a terminal does by eye."""
    yield "set -euo pipefail"
    for command in commands(page.read_text().replace(WRITTEN, str(port)).replace(TOLD, str(port + 1))):
        serves = command.startswith("tracegate") and command.endswith("&")
        if serves:
            # A client's share is not what is tested here.
            yield (f"sed -i -e '1i calls_per_second = 1000000' -e s/:{WRITTEN}/:{port}/ demo/tracegate.toml")
        yield command
        if serves:
            yield (f"for _ in $(seq 600); do curl -sf http://127.0.0.1:{port}/health > up.json && break; "
                   "sleep 0.1; done")
        if "tracegate agency submit" in command:
            yield (f"for _ in $(seq 100); do curl -s http://127.0.0.1:{port}/api/v1/cases/$CASE "
                   "-H \"$(sed -n 's/^ov-james-whitlock /Authorization: Bearer /p' demo/tokens.txt)\" "
                   "| grep -q casework_review && break; sleep 0.1; done")


def commands(page: str):
    """Commands with their continuation lines, in their order."""
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        command = ""
        for line in block.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command
                command = line[2:]
            else:
                command += "\n" + line
        if command:
            yield command


def stop(folder: Path) -> None:
    """Ends what a page has started in this folder."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            started_here = (process / "cwd").readlink() == folder.resolve()
        except OSError:
            continue
        if started_here and (words[0].endswith(b"tracegate") or b"told.py" in words):
            os.kill(int(process.name), signal.SIGTERM)
