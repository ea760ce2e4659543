# SPDX-License-Identifier: GPL-3.0-or-later
"""Every reply to a test is held against the OpenAPI document of its server: known path, declared status, right shape.
Without python3-jsonschema nothing is checked."""
import re

import kith

try:
    import jsonschema
except ImportError:
    jsonschema = None

BASE = '/api/v1'
UNCHECKED = re.compile(r'^/(assets/|favicon|$)')
_documents = {}


class Document:
    """The OpenAPI document of one server, with its validators made when first used."""

    def __init__(self, document):
        self.document = document
        self.paths = []
        self.validators = {}
        for path, item in document['paths'].items():
            pattern = re.compile('^' + re.sub(r'\\\{\w+\\\}', r'[^/:]+', re.escape(path)) + '$')
            self.paths.append(('{' in path, pattern, item))
        self.paths.sort(key=lambda p: p[0])

    def operation(self, method, path):
        for _, pattern, item in self.paths:
            if pattern.match(path) and method.lower() in item:
                return item[method.lower()]
        return None

    def schema_of(self, operation, status, kind):
        answers = operation['responses']
        answer = answers.get(str(status)) or answers.get('%dXX' % (status // 100)) or answers.get('default')
        assert answer is not None, 'status %d is not declared by %s' % (status, operation['operationId'])
        if '$ref' in answer:
            answer = self.document['components']['responses'][answer['$ref'].rsplit('/', 1)[1]]
        media = answer.get('content', {}).get(kind)
        return media['schema'] if media else None

    def check(self, method, path, status, kind, body):
        operation = self.operation(method, path)
        if operation is None:
            assert status in (404, 405, 401, 400, 403, 421), '%s %s answers %d but is not in the document' % (method, path, status)
            return
        schema = self.schema_of(operation, status, kind)
        if schema is None or body is None:
            assert body is None or status == 304, '%s %s answers a body that is not declared' % (method, path)
            return
        key = (operation['operationId'], status, kind)
        if key not in self.validators:
            whole = dict(schema, components=self.document['components'])
            self.validators[key] = jsonschema.Draft202012Validator(whole)
        problem = next(iter(self.validators[key].iter_errors(body)), None)
        assert problem is None, '%s %s -> %s at %s' % (method, path, problem.message[:500], list(problem.absolute_path))


def key_of(server):
    return server.installation.dir, server.process.pid  # another start may have another layer


def document_of(server):
    key = key_of(server)
    if key not in _documents:
        if kith.ADMIN not in server.installation.keys:
            return None
        client = kith.Client(server, key=server.installation.keys[kith.ADMIN])
        reply = client.request('GET', '/openapi.json', unchecked=True)
        client.close()
        if reply.status != 200:
            return None
        _documents[key] = Document(reply.json)
    return _documents[key]


def install():
    """Wraps Client.request."""
    if jsonschema is None or getattr(kith.Client, 'is_checked', False):
        return
    plain = kith.Client.request
    kith.Client.is_checked = True

    def request(self, method, path, body=None, headers=None, root=False, unchecked=False, **params):
        reply = plain(self, method, path, body, headers, root, **params)
        full = path if root or path.startswith(self.ROOTS) else BASE + path
        full = full.split('?')[0]
        if unchecked or not full.startswith((BASE, '/health', '/metrics')):
            return reply
        document = document_of(self.server)
        if document:
            kind = reply.headers.get('content-type', '').split(';')[0]
            said = method, full, reply.status, kind, reply.json if reply.body else None
            try:
                document.check(*said)
            except AssertionError:  # the metadata may have changed since
                _documents.pop(key_of(self.server), None)
                document_of(self.server).check(*said)
        return reply
    kith.Client.request = request
