"""Gurux's client (PyPI gurux-dlms, a program of its own) against a meter of `tern world`: one association a run.

Arguments: host, port, client wPort, then `none`; `low` and a password; or `glo` or `general` with encryption and authentication key
in hexadecimal, and master key and a new encryption key where that is to be changed. Prints a line for each thing that it reads.
"""

import datetime
import pathlib
import sys

from gurux_dlms import GXDLMSException
from gurux_dlms.enums import Authentication, Security
from gurux_dlms.objects import GXDLMSClock, GXDLMSData, GXDLMSProfileGeneric, GXDLMSRegister, GXDLMSSecuritySetup
from gurux_dlms.objects.enums import GlobalKeyType

sys.path.append(str(pathlib.Path(__file__).parents[3] / "tern-dlms" / "tests" / "conversations"))
from gurux_line import Line  # noqa: E402: it stands beside the scripts of tern-dlms


def opened(where, client, how, keys):
    if how == "none":
        return Line(where, client)
    if how == "low":
        return Line(where, client, Authentication.LOW, keys[0])
    counted = Line(where, 16).associate().read(GXDLMSData("0.0.43.1.0.255"), 2)
    line = Line(where, client, Authentication.HIGH_GMAC)
    if how == "glo":
        line.without_general_protection()
    encryption, authentication = (bytearray.fromhex(text) for text in keys[:2])
    line.protect(Security.AUTHENTICATION_ENCRYPTION, encryption, authentication, counted + 1)
    return line


def measures(line):
    register = GXDLMSRegister("1.0.1.8.0.255")
    line.read(register, 3)
    print("register", line.read(register, 2) > 0)
    clock = line.read(GXDLMSClock("0.0.1.0.0.255"), 2)
    off = clock.value.replace(tzinfo=datetime.timezone.utc) - datetime.datetime.now(datetime.timezone.utc)
    print("clock", abs(off.total_seconds()) < 600)
    profile = GXDLMSProfileGeneric("1.0.99.1.0.255")
    line.read(profile, 3)
    day = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    first = day - datetime.timedelta(days=2)
    last = first + datetime.timedelta(hours=23, minutes=59)
    rows = line.client.updateValue(profile, 2, line.ask(line.client.readRowsByRange(profile, first, last)).value)
    print("profile", len(rows))


def account(line):
    print("mode", line.read(GXDLMSData("0.0.96.65.0.255"), 2), "balance", line.read(GXDLMSData("0.0.96.65.1.255"), 2))
    print("values", len(line.read(GXDLMSData("0.0.96.65.5.255"), 2)))
    rates = [line.read(GXDLMSRegister(f"1.0.1.8.{rate}.255"), 2) for rate in (1, 2)]
    print("rates", sum(rates) == line.read(GXDLMSRegister("1.0.1.8.0.255"), 2))


def main():
    host, port, client, how, *keys = sys.argv[1:]
    try:
        line = opened((host, int(port)), int(client), how, keys).associate()
        print("device", bytes(line.read(GXDLMSData("0.0.96.1.0.255"), 2)).hex())
        if how != "none":
            measures(line)
        if how in ("glo", "general"):
            account(line)
        if len(keys) == 4:
            master, new = (bytearray.fromhex(text) for text in keys[2:])
            transfers = [(GlobalKeyType.UNICAST_ENCRYPTION, new)]
            line.ask(GXDLMSSecuritySetup().globalKeyTransfer(line.client, bytes(master), transfers))
            print("changed")
    except (GXDLMSException, EOFError):
        print("refused")


main()
