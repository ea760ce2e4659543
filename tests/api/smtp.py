# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server for tests: speaks SMTP on loopback (RFC 5321, AUTH PLAIN, STARTTLS), keeps what it is given."""
import base64
import email
import email.policy
import socketserver
import ssl
import threading


class Handler(socketserver.StreamRequestHandler):
    def say(self, *lines):
        for n, line in enumerate(lines):
            self.wfile.write(line.replace(' ', '-' if n < len(lines) - 1 else ' ', 1).encode() + b'\r\n')

    def handle(self):
        mail, post = None, self.server.post
        self.say('220 test ESMTP')
        while True:
            line = self.rfile.readline()
            if not line:
                return
            text = line.decode().strip()
            word, rest = text[:4].upper(), text[5:]
            post.heard.append(text)
            if word == 'EHLO':
                self.say('250 test', *(['250 STARTTLS'] if post.context else []), *(['250 AUTH PLAIN'] if post.password else []), '250 8BITMIME')
            elif word == 'HELO':
                self.say('250 test')
            elif text.upper() == 'STARTTLS' and post.context:
                self.say('220 go on')
                try:
                    self.connection = post.context.wrap_socket(self.connection, server_side=True)
                except (ssl.SSLError, OSError):
                    return
                self.rfile, self.wfile = self.connection.makefile('rb'), self.connection.makefile('wb', 0)
            elif text.upper().startswith('AUTH PLAIN'):
                if not text[11:]:
                    self.say('334 ')
                    text = 'AUTH PLAIN ' + self.rfile.readline().decode().strip()
                _, user, password = base64.b64decode(text[11:]).decode().split('\0')
                self.say('235 welcome' if (user, password) == post.password else '535 wrong password')
            elif word == 'MAIL':
                mail = {'from': rest, 'to': [], 'data': b''}
                self.say(post.answers.pop('MAIL', '250 ok'))
            elif word == 'RCPT':
                answer = next((a for address, a in post.refused.items() if address in rest), '250 ok')
                if answer.startswith('250'):
                    mail['to'].append(rest)
                self.say(answer)
            elif word == 'DATA':
                self.say('354 go on')
                while (line := self.rfile.readline()) not in (b'.\r\n', b''):
                    mail['data'] += line[1:] if line.startswith(b'..') else line
                post.mails.append(Mail(mail))
                self.say('250 taken')
            elif word == 'QUIT':
                self.say('221 bye')
                return
            else:
                self.say('250 ok')


class Mail:
    """One letter: `sender`, `to`, `subject`, `text`, and `message` as the library of Python reads it."""

    def __init__(self, mail):
        self.sender, self.to, self.raw = mail['from'], mail['to'], mail['data']
        self.message = email.message_from_bytes(mail['data'], policy=email.policy.default)
        self.subject, self.text = self.message['Subject'], self.message.get_content()


class Post:
    """A running server; `mails` what it has taken.  `refused`: answers by recipient, `password`: (user, password) it asks for."""

    def __init__(self, password=None, context=None):
        self.mails, self.heard, self.refused, self.answers = [], [], {}, {}
        self.password, self.context = password, context
        self.server = socketserver.ThreadingTCPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads, self.server.post = True, self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def to(self, address):
        return [m for m in self.mails if any(address in to for to in m.to)]
