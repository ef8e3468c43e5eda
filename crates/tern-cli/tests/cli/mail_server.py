"""A mail server for tests: aiosmtpd, with recipients that it treats badly.

Arguments: a folder; then perhaps `starttls` or `tls` with certificate and key, and perhaps `user:password`.
It prints its port, and a line when it keeps somebody waiting. What it takes, it keeps in the folder as 1.json, 2.json and so on, as Python's own parser
of mails reads it: by whom, to whom, Message-ID, the file's name, and what stands in it.
"""

import asyncio
import email
import email.policy
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("unknown"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("full"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        files = list(mail.iter_attachments())
        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "header_to": mail["To"],
            "subject": mail["Subject"],
            "id": mail["Message-ID"],
            "words": mail.get_body().get_content(),
            "name": files[0].get_filename(),
            "type": files[0].get_content_type(),
            "text": files[0].get_content().replace("\r\n", "\n"),
            "files": len(files),
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": session.auth_data.decode() if session.auth_data else None,
        }
        number = len(list(self.folder.glob("*.json"))) + 1
        draft = self.folder / "draft"
        draft.write_text(json.dumps(kept))
        draft.rename(self.folder / f"{number}.json")
        if envelope.rcpt_tos[0].startswith("cut"):
            server.transport.abort()
        if envelope.rcpt_tos[0].startswith("slow") and not (self.folder / "fast").exists():
            print("has it", flush=True)
            await asyncio.sleep(600)
        if envelope.rcpt_tos[0].startswith("spam"):
            return "554 5.7.1 not wanted"
        return "250 taken"


async def main():
    folder, *rest = sys.argv[1:]
    how, context = "plain", None
    if rest and rest[0] in ("starttls", "tls"):
        how, certificate, key, *rest = rest
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
    options = {"hostname": "localhost", "auth_require_tls": False}
    if how == "starttls":
        options |= {"tls_context": context, "require_starttls": True, "auth_require_tls": True}
    if rest:
        login = rest[0]

        def authenticate(server, session, envelope, mechanism, data):
            given = f"{data.login.decode()}:{data.password.decode()}"
            return AuthResult(success=given == login, auth_data=data.login)

        options |= {"authenticator": authenticate, "auth_required": True}
    handler, loop = Handler(folder), asyncio.get_running_loop()
    at_once = context if how == "tls" else None
    server = await loop.create_server(lambda: SMTP(handler, **options), "127.0.0.1", 0, ssl=at_once)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
