"""A real sshd on a free port of this machine, and an account of it with a home of its own."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.rotation.postgres import free_port

PROGRAM = shutil.which("sshd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
IS_HERE = PROGRAM is not None and shutil.which("ssh-agent") is not None
USER = pwd.getpwuid(os.geteuid()).pw_name
_TRIES = 1500
_PENALISING = (9, 8)
"""From this version of OpenSSH on, an address that was refused a few times is shut out."""


def key_pair(path: Path, kind: str = "ed25519", words: str = "") -> tuple[str, str]:
    """Have ssh-keygen make a pair; return the private key and the public one, without a comment."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", words, "-C", "", "-f", str(path)], check=True
    )
    return path.read_text(), path.with_suffix(".pub").read_text().strip()


def version() -> tuple[int, ...]:
    """Return the version of OpenSSH."""
    said = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr
    return tuple(map(int, re.findall(r"\d+", said)[:2]))


class Server:
    """The server, which runs as whoever tests, and lets that user in."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="secretctl-sshd-"))
        self.home = self.folder / "home"
        (self.home / ".ssh").mkdir(parents=True, mode=0o700)
        self.keys = self.home / ".ssh" / "authorized_keys"
        self.address = address
        self.port = port or free_port()
        _, self.host_key = key_pair(self.folder / "host")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        self.settings = {
            "Port": str(self.port),
            "ListenAddress": address,
            "HostKey": str(self.folder / "host"),
            "AuthorizedKeysFile": str(self.keys),
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
            "PermitUserRC": "no",
            "SetEnv": f"HOME={self.home}",
            "LogLevel": "VERBOSE",
            **({"PerSourcePenalties": "no"} if version() >= _PENALISING else {}),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Everything the server has logged."""
        return (self.folder / "log").read_text()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        assert PROGRAM is not None
        config = self.folder / "config"
        lines = [f"{name} {value}" for name, value in self.settings.items()]
        config.write_text("\n".join(lines) + "\n")
        words = [PROGRAM, "-D", "-f", str(config), "-E", str(self.folder / "log")]
        self._process = subprocess.Popen(words, cwd="/", stdin=subprocess.DEVNULL)
        for _ in range(_TRIES):
            try:
                socket.create_connection((self.address, self.port), 1).close()
            except OSError:
                assert self._process.poll() is None, self.log
                time.sleep(0.02)
            else:
                return
        raise AssertionError(self.log)

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it and take all away."""
        self.stop()
        shutil.rmtree(self.folder)

    def opens(self, private: str) -> bool:
        """Tell whether a private key is let in, asked by a plain ssh with a file."""
        file = self.folder / "tried"
        file.touch(mode=0o600)
        file.write_text(private)
        known = self.folder / "known"
        known.write_text(f"* {self.host_key}\n")
        options = ("IdentitiesOnly=yes", "BatchMode=yes", f"UserKnownHostsFile={known}")
        said = [word for each in options for word in ("-o", each)]
        words = ["ssh", "-F", "none", *said, "-i", str(file), "-p", str(self.port)]
        done = subprocess.run(
            [*words, f"{USER}@{self.address}", "true"],
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            check=False,
        )
        return done.returncode == 0
