"""Queries from many clients, by EDNS Client Subnet: sent as fast as they are answered, replies counted by their first address."""
import collections
import ipaddress
import socket
import struct

WINDOW = 60  # in flight: less than what a socket's buffer holds


def question(name, prefix, number, kind=1):
    """A query for an A (1) or AAAA (28) record with the client's network."""
    network = ipaddress.ip_network(prefix)
    address = network.network_address.packed[:(network.prefixlen + 7) // 8]
    subnet = struct.pack("!HBB", network.version if network.version == 1 else {4: 1, 6: 2}[network.version], network.prefixlen, 0) + address
    option = struct.pack("!HH", 8, len(subnet)) + subnet
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return (struct.pack("!6H", number, 0, 1, 0, 0, 1) + labels + b"\0" + struct.pack("!HH", kind, 1) +
            b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option)


def first_address(reply):
    """The address of the first A or AAAA record of the answer; None: there is none."""
    if not struct.unpack_from("!H", reply, 6)[0]:
        return None
    at = 12
    while reply[at]:
        at += 1 + reply[at]
    at += 5  # the root label, type and class of the question
    kind, length = struct.unpack_from("!H", reply, at + 2)[0], struct.unpack_from("!H", reply, at + 10)[0]
    return str(ipaddress.ip_address(reply[at + 12:at + 12 + length])) if kind in (1, 28) else None


def ask(port, questions):
    """Asks all of (name, prefix[, kind]) over UDP; a counter of (name, first address)."""
    counts, waiting = collections.Counter(), {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", port))
        s.settimeout(5)

        def receive():
            reply = s.recv(4096)
            name = waiting.pop(struct.unpack_from("!H", reply)[0])
            counts[name, first_address(reply)] += 1

        for number, (name, prefix, *kind) in enumerate(questions):
            number %= 65536
            waiting[number] = name
            s.send(question(name, prefix, number, *kind))
            if len(waiting) >= WINDOW:
                receive()
        while waiting:
            receive()
    return counts
