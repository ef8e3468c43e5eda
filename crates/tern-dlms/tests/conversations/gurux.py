"""Gurux's client (PyPI gurux-dlms, a program of its own) against the meter of these tests: one association a run.

Arguments: port, client wPort, authentication (NONE, LOW, HIGH_GMAC), security (NONE, AUTHENTICATION, ENCRYPTION,
AUTHENTICATION_ENCRYPTION), form (glo, general), longest APDU, a secret in hexadecimal (the password; for HIGH_GMAC encryption key
and authentication key), then what to do: register, clock, columns, range, entries, write, read, list, transfer:MASTER:NEW, release.
Prints a line for each.
"""

import datetime
import socket
import sys

from gurux_dlms import GXByteBuffer, GXDLMSException, GXReplyData
from gurux_dlms.enums import Authentication, Conformance, DataType, InterfaceType, Security
from gurux_dlms.objects import GXDLMSClock, GXDLMSData, GXDLMSProfileGeneric, GXDLMSRegister, GXDLMSSecuritySetup
from gurux_dlms.objects.enums import GlobalKeyType
from gurux_dlms.secure import GXDLMSSecureClient

LONG = bytes(i % 251 for i in range(3000))
NOTE = "0.0.96.128.0.255"


class Line:
    """A connection, and the package's client state."""

    def __init__(self, port, client, authentication, security, form, longest, secret):
        password = secret if authentication == Authentication.LOW else None
        self.client = GXDLMSSecureClient(True, client, 1, authentication, password, InterfaceType.WRAPPER)
        self.client.maxReceivePDUSize = longest
        self.client.proposedConformance |= Conformance.GENERAL_PROTECTION | Conformance.MULTIPLE_REFERENCES
        if form == "glo":
            self.client.proposedConformance &= ~Conformance.GENERAL_PROTECTION
        if authentication == Authentication.HIGH_GMAC:
            ciphering = self.client.ciphering
            ciphering.systemTitle = b"CLI00001"
            ciphering.blockCipherKey = bytearray(secret[:16])
            ciphering.authenticationKey = bytearray(secret[16:])
            ciphering.security = security
            ciphering.invocationCounter = 1
        self.first_bytes = set()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def exchange(self, frame, reply):
        frame = bytes(frame)
        self.first_bytes.add(frame[8])
        self.socket.sendall(frame)
        received, notification = GXByteBuffer(), GXReplyData()
        while True:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise EOFError("closed")
            received.set(chunk)
            if self.client.getData(received, reply, notification):
                break
        if reply.error:
            raise GXDLMSException(reply.error)

    def ask(self, frames):
        reply = GXReplyData()
        for frame in frames:
            reply.clear()
            self.exchange(frame, reply)
            while reply.isMoreData():
                self.exchange(self.client.receiverReady(reply), reply)
        return reply

    def associate(self):
        reply = self.ask(self.client.aarqRequest())
        self.client.parseAareResponse(reply.data)
        if self.client.authentication > Authentication.LOW:
            reply = self.ask(self.client.getApplicationAssociationRequest())
            self.client.parseApplicationAssociationResponse(reply.data)

    def read(self, thing, attribute):
        reply = self.ask(self.client.read(thing, attribute))
        return self.client.updateValue(thing, attribute, reply.value)


def note(value=None):
    data = GXDLMSData(NOTE)
    data.value = value
    data.setDataType(2, DataType.OCTET_STRING)
    return data


def profile(line):
    thing = GXDLMSProfileGeneric("1.0.99.1.0.255")
    line.read(thing, 3)
    return thing


def rows(line, thing, frames):
    found = line.client.updateValue(thing, 2, line.ask(frames).value)
    return [(str(moment), value) for moment, value in found]


def do(line, what):
    word, *rest = what.split(":")
    if word == "register":
        thing = GXDLMSRegister("1.0.1.8.0.255")
        line.read(thing, 3)
        return line.read(thing, 2)
    if word == "clock":
        return line.read(GXDLMSClock("0.0.1.0.0.255"), 2)
    if word == "columns":
        return [str(column[0].logicalName) for column in profile(line).captureObjects]
    if word == "range":
        thing = profile(line)
        utc = datetime.timezone.utc
        first, last = datetime.datetime(2026, 1, 1, 1, 0, tzinfo=utc), datetime.datetime(2026, 1, 1, 3, 0, tzinfo=utc)
        return rows(line, thing, line.client.readRowsByRange(thing, first, last))
    if word == "entries":
        thing = profile(line)
        return rows(line, thing, line.client.readRowsByEntry(thing, 3, 2))
    if word == "write":
        line.ask(line.client.write(note(LONG), 2))
        return "ok"
    if word == "read":
        return bytes(line.read(note(), 2)) == LONG
    if word == "echo":
        reply = line.ask(line.client.method(note(), 1, LONG, DataType.OCTET_STRING))
        return bytes(reply.value) == LONG
    if word == "list":
        things = [(GXDLMSRegister("1.0.1.8.0.255"), 2), (GXDLMSClock("0.0.1.0.0.255"), 2)]
        reply = line.ask(line.client.readList(things)[0])
        line.client.updateValues(things, reply.value)
        return [str(thing.getValues()[1]) for thing, _ in things]
    if word == "transfer":
        master, new = (bytes.fromhex(text) for text in rest)
        transfers = [(GlobalKeyType.UNICAST_ENCRYPTION, bytearray(new))]
        line.ask(GXDLMSSecuritySetup().globalKeyTransfer(line.client, master, transfers))
        return "ok"
    if word == "release":
        line.ask(line.client.releaseRequest() or [])
        return "ok"
    raise ValueError(what)


def main():
    port, client, authentication, security, form, longest, secret, *tasks = sys.argv[1:]
    line = Line(
        int(port),
        int(client),
        Authentication[authentication],
        Security[security],
        form,
        int(longest),
        bytes.fromhex(secret),
    )
    try:
        line.associate()
        for what in tasks:
            print(what.split(":")[0], do(line, what))
        print("sent", " ".join(f"{byte:02x}" for byte in sorted(line.first_bytes)))
    except GXDLMSException as error:
        print("refused", error)
    except EOFError:
        print("closed")


main()
