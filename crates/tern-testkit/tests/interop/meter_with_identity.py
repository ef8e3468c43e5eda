"""The meter of another author, given the objects by which an S1SP identifies an ESME; all that is said around them is the other's.

Run: `python meter_with_identity.py DLMS_METER_PY`. Prints its port, as that does.
"""
import importlib.util
import sys

spec = importlib.util.spec_from_file_location("dlms_meter", sys.argv[1])
meter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(meter)
own = meter.H.get


def words(text):
    return meter.oct_(text.encode())


def get(self, cls, name, attribute, selection):
    known = {
        (1, "0.0.96.1.0.255", 2): meter.oct_(meter.ST),
        (1, "0.0.96.1.1.255", 2): bytes([2, 2]) + words("Another author") + words("dlms_meter"),
        (1, "1.0.0.2.0.255", 2): words("1.0"),
        # One certificate: a client's, for digital signature, with serial number and issuer.
        (64, "0.0.43.0.0.255", 6): bytes([1, 1, 2, 6, 0x16, 1, 0x16, 0])
        + meter.oct_(bytes([7])) + words("CN=Issuer") + words("subject") + words(""),
    }
    value = known.get((cls, ".".join(map(str, name)), attribute))
    return own(self, cls, name, attribute, selection) if value is None else value


meter.H.get = get
server = meter.T(("127.0.0.1", 0), meter.H)
print(server.server_address[1], flush=True)
server.serve_forever()
