"""Runs the commands of a page of the documentation as they stand there.

    python walk.py PAGE FOLDER PORT

Writes every Python block that the page says to save, then prints a shell script of every command, in which
the port of the page is PORT. Run it in FOLDER.
"""

import re
import sys
from pathlib import Path

PAGE, FOLDER, PORT = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]


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


def main() -> None:
    page = PAGE.read_text().replace("8018", PORT)
    for name, code in re.findall(r"Save this as `(.*?)`.*?```python\n(.*?)```", page, re.DOTALL):
        (FOLDER / name).write_text(code)
    print("set -euo pipefail")
    for command in commands(page):
        print(command)
        if command.endswith("&"):
            # The page's reader sees when the server is up; a script asks.
            print(f"for _ in $(seq 600); do curl -sf http://127.0.0.1:{PORT}/health > up.json && break; sleep 0.1; done")
        if "tracegate agency submit" in command:
            print("for _ in $(seq 100); do curl -s http://127.0.0.1:%s/api/v1/cases/$CASE "
                  "-H \"$(sed -n 's/^ov-james-whitlock /Authorization: Bearer /p' demo/tokens.txt)\" "
                  "| grep -q casework_review && break; sleep 0.1; done" % PORT)


main()
