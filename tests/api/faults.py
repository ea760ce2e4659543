# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures put into a running program from outside: a file of words it shares with the test (src/base/fault.h)."""
import mmap
import os
import random
import struct
import tempfile
import time

STEP, WRITE, SYNC, FULL, CHUNK, MALLOC = range(6)
ALWAYS = 1 << 62
DIES = -1
SEED = int(os.environ.get('KITH_SEED') or time.strftime('%Y%m%d'))


class Faults:
    """`env` goes to the program.  The n-th call of a kind, or all of a range, fail until clear()."""

    def __init__(self):
        handle, self.path = tempfile.mkstemp(prefix='kith-faults-')
        os.write(handle, bytes(6 * 24))
        self.words = mmap.mmap(handle, 6 * 24)
        os.close(handle)
        self.env = {'KITH_TEST_FAULTS': self.path}

    def _put(self, kind, word, value):
        struct.pack_into('<q', self.words, kind * 24 + word * 8, value)

    def set(self, kind, first, last=None):
        """Counting from now, the calls `first` to `last` fail (ALWAYS: until cleared); by default just one.
        With DIES the program is killed by the call `first`, and so is whoever comes after, until cleared."""
        for word, value in ((0, 0), (2, 0), (1, last or first), (0, first)):
            self._put(kind, word, value)

    def clear(self):
        """No more failures; counting begins anew."""
        for kind in range(6):
            self.set(kind, 0, 0)

    def seen(self, kind):
        """Calls since set() or clear()."""
        return struct.unpack_from('<q', self.words, kind * 24 + 16)[0]

    def close(self):
        self.words.close()
        os.unlink(self.path)


def sample(count, size, salt):
    """At most `size` of the numbers 1 to `count`, others every day; always the first and the last."""
    if count <= size:
        return list(range(1, count + 1))
    rng = random.Random('%d %s' % (SEED, salt))
    return sorted({1, count, *rng.sample(range(2, count), size - 2)})
