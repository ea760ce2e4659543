# SPDX-License-Identifier: GPL-3.0-or-later
"""`kith cel` over the case files: our own, and the public conformance suite where the shared data is there."""
import json
import os
import subprocess
import sys

import kith


def test_every_case_file_passes():
    run = subprocess.run([sys.executable, os.path.join(kith.ROOT, 'tests', 'cel', 'run.py'), kith.BIN], text=True,
                         capture_output=True, env=kith.ENV, cwd=kith.ROOT)
    passed, failed = (int(word) for word in run.stdout.splitlines()[-1].replace(',', '').split() if word.isdigit())
    assert (failed, run.returncode) == (0, 0), run.stdout[-3000:] + run.stderr[-1000:]
    assert passed >= 158


def test_a_bad_line_is_answered_and_the_next_one_too():
    lines = '{"expr": "1 +"}\nnot json\n{"expr": "1 + 1"}\n'
    run = subprocess.run([kith.BIN, 'cel'], input=lines, text=True, capture_output=True, env=kith.ENV)
    out = run.stdout.splitlines()
    assert [line.startswith('{"error"') for line in out[:2]] == [True, True]
    assert json.loads(out[2]) == {'value': {'int': '2'}} and run.returncode == 0, run.stdout + run.stderr
