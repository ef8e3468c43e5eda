"""Gurux's client (PyPI gurux-dlms, a program of its own) as a second opinion on the bytes of APDUs.

Reads lines from standard input and answers each with lines on standard output:
  requests             every request that the client makes, "name hexadecimal"
  answer HEX [HEX...]  what the client makes of the frames of an answer
  aare HEX             what the client makes of an AARE
"""

import datetime
import struct
import sys

from gurux_dlms import GXByteBuffer, GXReplyData
from gurux_dlms.enums import Authentication, DataType, InterfaceType, Security
from gurux_dlms.objects import (
    GXDLMSCaptureObject,
    GXDLMSClock,
    GXDLMSData,
    GXDLMSDisconnectControl,
    GXDLMSImageTransfer,
    GXDLMSProfileGeneric,
    GXDLMSRegister,
)
from gurux_dlms.secure import GXDLMSSecureClient

AARE = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400007e1f01f40007"


def client(authentication=Authentication.NONE, password=None, security=Security.NONE):
    made = GXDLMSSecureClient(True, 16, 1, authentication, password, InterfaceType.WRAPPER)
    made.ciphering.systemTitle = b"CLI00001"
    made.ciphering.blockCipherKey = bytearray(16)
    made.ciphering.authenticationKey = bytearray(16)
    made.ciphering.security = security
    return made


def associated():
    made = client()
    made.aarqRequest()
    made.parseAareResponse(GXByteBuffer(bytearray.fromhex(AARE)))
    return made


def say(name, messages):
    messages = messages if isinstance(messages, (list, tuple)) else [messages]
    for message in messages:
        print(name, bytes(message)[8:].hex())


def requests():
    say("aarq", client().aarqRequest())
    say("aarq-low", client(Authentication.LOW, "12345678").aarqRequest())
    say("aarq-gmac", client(Authentication.HIGH_GMAC).aarqRequest())
    say("aarq-glo", client(Authentication.HIGH_GMAC, None, Security.AUTHENTICATION_ENCRYPTION).aarqRequest())
    asking, register, data = associated(), GXDLMSRegister("1.0.1.8.0.255"), GXDLMSData("0.0.96.1.0.255")
    say("get", asking.read(register, 2))
    profile = GXDLMSProfileGeneric("1.0.99.1.0.255")
    profile.captureObjects.append((GXDLMSClock("0.0.1.0.0.255"), GXDLMSCaptureObject(2, 0)))
    profile.captureObjects.append((register, GXDLMSCaptureObject(2, 0)))
    hours = [datetime.datetime(2026, 1, 1, hour, 0) for hour in (1, 3)]
    say("get-range", asking.readRowsByRange(profile, *hours))
    say("get-entry", asking.readRowsByEntry(profile, 1, 5))
    data.setDataType(2, DataType.OCTET_STRING)
    data.value = bytearray(b"\x01\x02\x03")
    say("set", asking.write(data, 2))
    data.value = bytearray(b"\x01" * 1200)
    say("set-blocks", asking.write(data, 2))
    say("action", asking.method(GXDLMSDisconnectControl("0.0.96.3.10.255"), 1, 0, DataType.INT8))
    image = bytearray(b"\x05" * 1200)
    blocks = asking.method(GXDLMSImageTransfer("0.0.44.0.0.255"), 2, image, DataType.OCTET_STRING)
    say("action-blocks", blocks)


def shown(value):
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return "[" + " ".join(shown(element) for element in value) + "]"
    return str(value)


def answer(frames):
    asking, reply = associated(), GXReplyData()
    for frame in frames:
        apdu = bytes.fromhex(frame)
        framed = struct.pack(">HHHH", 1, 1, 16, len(apdu)) + apdu
        asking.getData(GXByteBuffer(framed), reply, GXReplyData())
        if reply.isMoreData():
            asking.receiverReady(reply)
    print(f"{int(reply.error)} {shown(reply.value)}")


def aare(apdu):
    asking = client()
    asking.aarqRequest()
    asking.parseAareResponse(GXByteBuffer(bytearray.fromhex(apdu)))
    print(f"size {asking.maxReceivePDUSize} conformance {int(asking.negotiatedConformance):06x}")


for line in sys.stdin:
    command, *arguments = line.split()
    try:
        if command == "requests":
            requests()
        elif command == "answer":
            answer(arguments)
        else:
            aare(*arguments)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
