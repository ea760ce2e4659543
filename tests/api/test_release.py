# SPDX-License-Identifier: GPL-3.0-or-later
"""What a release has: the unit gives the service nothing it does not need, and the package holds every file it should."""
import os
import shutil
import subprocess
import tempfile

import kith
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNIT = os.path.join(ROOT, 'tools', 'deb', 'kith.service')
ON = ('NoNewPrivileges ProtectHome PrivateTmp PrivateDevices PrivateUsers ProtectClock ProtectHostname ProtectKernelLogs ProtectKernelModules '
      'ProtectKernelTunables ProtectControlGroups RestrictNamespaces RestrictRealtime RestrictSUIDSGID LockPersonality MemoryDenyWriteExecute RemoveIPC').split()
FILES = {'/usr/bin/kith': '-rwxr-xr-x', '/lib/systemd/system/kith.service': '-rw-r--r--', '/usr/lib/sysusers.d/kith.conf': '-rw-r--r--',
         '/etc/default/kith': '-rw-r--r--', '/usr/share/doc/kith/README.md': '-rw-r--r--', '/usr/share/doc/kith/copyright': '-rw-r--r--',
         '/usr/share/doc/kith/sbom.cdx.json': '-rw-r--r--'}


def test_the_unit_is_hardened():
    settings = {}
    for line in open(UNIT):
        key, is_one, value = line.strip().partition('=')
        if is_one:
            settings.setdefault(key, []).append(value)
    assert [name for name in ON if settings.get(name) != ['yes']] == []
    assert settings['ProtectSystem'] == ['strict'] and settings['ProtectProc'] == ['invisible'] and settings['UMask'] == ['0077']
    assert settings['CapabilityBoundingSet'] == settings['AmbientCapabilities'] == [''], 'no capability at all'
    assert settings['SystemCallFilter'][:2] == ['@system-service', '~@privileged @resources']
    assert settings['SystemCallArchitectures'] == ['native'] and settings['RestrictAddressFamilies'] == ['AF_UNIX AF_INET AF_INET6']
    assert settings['User'] == ['kith'] and settings['StateDirectoryMode'] == ['0700']
    if shutil.which('systemd-analyze'):
        done = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=20', UNIT], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.long
def test_the_package_has_its_files():
    """Built from the program under test, in a folder of its own."""
    out = tempfile.mkdtemp(prefix='kith-release-')
    try:
        subprocess.run(['tools/release', os.path.dirname(os.path.abspath(kith.BIN))], cwd=ROOT, check=True, env=dict(kith.ENV, OUT=out))
        package, = [n for n in os.listdir(out) if n.endswith('.deb')]
        tarball, = [n for n in os.listdir(out) if n.endswith('.tar.gz')]
        held = {}
        for line in subprocess.run(['dpkg-deb', '--contents', os.path.join(out, package)], capture_output=True, text=True, check=True).stdout.splitlines():
            mode, owner, _, _, _, name = line.split(None, 5)
            assert owner == 'root/root', line
            if not mode.startswith('d'):
                held[name.lstrip('.')] = mode
        assert held == FILES
        control = subprocess.run(['dpkg-deb', '--field', os.path.join(out, package)], capture_output=True, text=True, check=True).stdout
        assert 'libsqlite3-0' in control and 'libpq5' in control and 'libsodium23' in control, control
        names = subprocess.run(['tar', '-tzf', os.path.join(out, tarball)], capture_output=True, text=True, check=True).stdout.split()
        assert {n.split('/', 1)[1] for n in names} - {''} == {'LICENSE', 'README.md', 'kith', 'kith.service', 'sbom.cdx.json'}
    finally:
        shutil.rmtree(out)
