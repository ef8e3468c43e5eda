"""A connection of Gurux's client (PyPI gurux-dlms, a program of its own) over the TCP wrapper, as every script here drives it."""

import socket

from gurux_dlms import GXByteBuffer, GXDLMSException, GXReplyData
from gurux_dlms.enums import Authentication, Conformance, InterfaceType
from gurux_dlms.secure import GXDLMSSecureClient


class Line:
    """A connection, and the package's client state."""

    def __init__(self, where, client, authentication=Authentication.NONE, password=None):
        self.client = GXDLMSSecureClient(True, client, 1, authentication, password, InterfaceType.WRAPPER)
        self.client.proposedConformance |= Conformance.GENERAL_PROTECTION
        self.socket = socket.create_connection(where, timeout=10)

    def exchange(self, frame, reply):
        self.socket.sendall(bytes(frame))
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
        return self

    def read(self, thing, attribute):
        reply = self.ask(self.client.read(thing, attribute))
        return self.client.updateValue(thing, attribute, reply.value)

    def protect(self, security, encryption, authentication, counter):
        ciphering = self.client.ciphering
        ciphering.systemTitle = b"CLI00001"
        ciphering.blockCipherKey = bytearray(encryption)
        ciphering.authenticationKey = bytearray(authentication)
        ciphering.security = security
        ciphering.invocationCounter = counter

    def without_general_protection(self):
        self.client.proposedConformance &= ~Conformance.GENERAL_PROTECTION
