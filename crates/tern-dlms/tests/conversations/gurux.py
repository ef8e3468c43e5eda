"""Gurux's client (PyPI gurux-dlms, a program of its own) against the meter of these tests: one association a run.

Arguments: port, client wPort, authentication (NONE, LOW, HIGH_GMAC), security (NONE, AUTHENTICATION, ENCRYPTION,
AUTHENTICATION_ENCRYPTION), form (glo, general), longest APDU, a secret in hexadecimal (the password; for HIGH_GMAC encryption key
and authentication key), then what to do: register, clock, columns, range, entries, write, read, list, transfer:MASTER:NEW, release.
Prints a line for each.
"""

import datetime
import sys

from gurux_dlms import GXDLMSException
from gurux_dlms.enums import Authentication, Conformance, DataType, Security
from gurux_dlms.objects import GXDLMSClock, GXDLMSData, GXDLMSProfileGeneric, GXDLMSRegister, GXDLMSSecuritySetup
from gurux_dlms.objects.enums import GlobalKeyType
from gurux_line import Line

LONG = bytes(i % 251 for i in range(3000))
NOTE = "0.0.96.128.0.255"


class Meter(Line):
    """The connection that the arguments ask for; it remembers with which byte each of its requests began."""

    def __init__(self, port, client, authentication, security, form, longest, secret):
        password = secret if authentication == Authentication.LOW else None
        self.first_bytes = set()
        super().__init__(("127.0.0.1", port), client, authentication, password)
        self.client.maxReceivePDUSize = longest
        self.client.proposedConformance |= Conformance.MULTIPLE_REFERENCES
        if form == "glo":
            self.without_general_protection()
        if authentication == Authentication.HIGH_GMAC:
            self.protect(security, secret[:16], secret[16:], 1)

    def exchange(self, frame, reply):
        self.first_bytes.add(bytes(frame)[8])
        super().exchange(frame, reply)


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
    line = Meter(
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
