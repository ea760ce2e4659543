# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of components of a release (tools/sbom) names what the binary is linked with and what its pages are built from."""
import json
import os
import re
import subprocess

import kith


def test_every_component_is_named_with_its_version():
    run = subprocess.run([os.path.join(kith.ROOT, 'tools', 'sbom'), kith.BIN], capture_output=True, text=True,
                         env=kith.ENV)
    assert run.returncode == 0, run.stderr
    bom = json.loads(run.stdout)
    assert (bom['bomFormat'], bom['specVersion']) == ('CycloneDX', '1.5')
    assert re.fullmatch('urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', bom['serialNumber'])
    refs = [c['bom-ref'] for c in bom['components']]
    assert len(refs) == len(set(refs)) and all(c['name'] and c['version'] and c['purl'].startswith('pkg:') for c in bom['components'])
    of_kith = bom['dependencies'][0]
    assert of_kith['ref'] == bom['metadata']['component']['bom-ref'] and set(of_kith['dependsOn']) <= set(refs)
    needed = set(re.findall(r'\(NEEDED\).*\[(.+)\]', subprocess.run(['readelf', '-d', kith.BIN], capture_output=True, text=True).stdout))
    by_soname = {p['value']: c for c in bom['components'] for p in c.get('properties', []) if p['name'] == 'linked:soname'}
    assert needed and needed <= set(by_soname), needed - set(by_soname)
    assert by_soname['libsodium.so.23']['name'] == 'libsodium23' and by_soname['libsodium.so.23']['bom-ref'] in of_kith['dependsOn']
    versions = {c['name']: c['version'] for c in bom['components'] if c['purl'].startswith('pkg:npm/')}
    with open(os.path.join(kith.ROOT, 'package.json'), encoding='utf-8') as f:
        package = json.load(f)
    for name in package['dependencies']:
        with open(os.path.join(kith.ROOT, 'package-lock.json'), encoding='utf-8') as f:
            assert versions[name] == json.load(f)['packages']['node_modules/' + name]['version']
    assert not {'typescript', 'vite', 'vitest', 'playwright-core'} & set(versions), 'what only builds is not inside'
