"""Time zones of a test's own: files as of the package tzdata (RFC 8536), whose clocks show what the test wants."""
import datetime
import struct


class Place:
    """A time zone of the test's own, below $TZDIR."""

    def __init__(self, directory, name):
        self.file = directory / name
        self.file.parent.mkdir(parents=True)
        (directory / "UTC").write_bytes(open("/usr/share/zoneinfo/UTC", "rb").read())

    def clock(self, hour, minute=0, second=0):
        """Sets its clocks; replaces the file as a package does."""
        now = datetime.datetime.now(datetime.timezone.utc)
        shown = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
        offset = round((shown - now).total_seconds())
        sign, rest = "-" if offset >= 0 else "", abs(offset)
        rule = f"<Here>{sign}{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}".encode()
        block = struct.pack(">6I", 0, 0, 0, 0, 1, 5) + struct.pack(">iBB", offset, 0, 0) + b"Here\0"
        new = self.file.with_suffix(".new")
        new.write_bytes((b"TZif2" + bytes(15) + block) * 2 + b"\n" + rule + b"\n")
        new.rename(self.file)
