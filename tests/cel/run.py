#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public CEL conformance cases and our own, through `kith cel`.

    run.py BINARY [-v]         BINARY is run as `BINARY cel`

Public cases: *.jsonl in $KITH_SHARED/data/cel (default ../shared beside the checkout): values are compared with their
types, and where an error is expected any error counts.  Own cases: tests/data/cel.test, blocks of an expression (the
word `strict` or `dynamic` before it), the expected typed value or `error PART OF THE TEXT`, and an empty line; a line
beginning with `#` is a remark and `@name {typed value}` binds a name from there on.  The last line is
`N passed, M failed`.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLOCK = {"now": "2026-03-15T22:30:00Z", "zone": "Europe/Warsaw", "me": "0000000000001"}


def same_double(a, b):
    x, y = float(a), float(b)
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    return x == y and math.copysign(1, x) == math.copysign(1, y)


def same_map(a, b):
    rest = list(b)
    for key, value in a:
        found = next((p for p in rest if same(key, p[0]) and same(value, p[1])), None)
        if found is None:
            return False
        rest.remove(found)
    return not rest


def same(want, got):
    """Whether two typed values are equal, type and all; the order of map entries does not count."""
    if not isinstance(got, dict) or not isinstance(want, dict) or want.keys() != got.keys():
        return False
    (kind,) = want.keys()
    a, b = want[kind], got[kind]
    if kind == "double":
        return same_double(a, b)
    if kind == "list":
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if kind == "map":
        return len(a) == len(b) and same_map(a, b)
    return a == b


def public_cases():
    shared = Path(os.environ.get("KITH_SHARED", ROOT.parent / "shared"))
    folder = shared / "data" / "cel"
    if not folder.is_dir():
        print(f"# public CEL cases skipped: no {folder}")
        return
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            keys = {k: case[k] for k in ("expr", "bindings", "check", "container") if k in case}
            yield f"{file.stem}/{case['name']}", keys, case.get("value"), ""


def own_cases(file):
    bindings, block = {}, []
    for line in [*file.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("#"):
            continue
        if line.startswith("@"):
            name, value = line[1:].split(" ", 1)
            bindings[name] = json.loads(value)
        elif line:
            block.append(line)
        elif block:
            mode, expr = block[0].split(" ", 1)
            keys = {"expr": expr, "bindings": dict(bindings), "strict": mode == "strict", **CLOCK}
            is_error = block[1].startswith("error")
            want = None if is_error else json.loads(block[1])
            yield f"{file.name}: {expr}", keys, want, block[1][6:] if is_error else ""
            block = []


def judge(want, part, reply):
    if want is None:
        return "error" in reply and part in reply["error"]
    return "value" in reply and same(want, reply["value"])


def main():
    binary, is_verbose = sys.argv[1], "-v" in sys.argv
    cases = [*public_cases(), *own_cases(ROOT / "tests" / "data" / "cel.test")]
    lines = "".join(json.dumps(keys) + "\n" for _, keys, _, _ in cases)
    run = subprocess.run([binary, "cel"], input=lines.encode(), stdout=subprocess.PIPE, timeout=120, check=False)
    replies = run.stdout.decode().split("\n")[:-1]
    if run.returncode != 0 or len(replies) != len(cases):
        print(f"# kith cel ended with {run.returncode} after {len(replies)} of {len(cases)} answers")
    failed = 0
    for i, (name, keys, want, part) in enumerate(cases):
        reply = json.loads(replies[i]) if i < len(replies) else {"error": "no answer"}
        is_good = judge(want, part, reply) and i < len(replies)
        failed += not is_good
        if not is_good or is_verbose:
            expected = json.dumps(want) if want is not None else f"error {part}"
            print(f"{'ok' if is_good else 'FAILED'} {name}: {keys['expr']!r}\n  want {expected}\n  got  {json.dumps(reply)}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or run.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
