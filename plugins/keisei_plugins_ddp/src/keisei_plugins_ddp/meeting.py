"""Where workers that keisei started meet: a store at a port of this machine, which others on it can reach.

Torch's own choice for one machine, c10d, keeps its state in that store as a pickle and loads it every few seconds, so
that whoever can connect runs code in the launcher. Its static rendezvous has no state: the store holds texts.
"""

import socket
from typing import Final

from torch.distributed import TCPStore  # type: ignore[attr-defined]
from torch.distributed.elastic.rendezvous import RendezvousInfo
from torch.distributed.elastic.rendezvous.static_tcp_rendezvous import StaticTCPRendezvous

LOOPBACK: Final = "127.0.0.1"


class LocalRendezvous(StaticTCPRendezvous):
    """The static rendezvous at a port that the system chooses; torch's would need one to be known, and taken later."""

    def __init__(self, run_id: str, timeout_s: float) -> None:
        """Prepares; the store is opened when the agent asks for it.

        Args:
            run_id: sets the agent's entries in the store apart.
            timeout_s: how long a caller of the store waits for an entry.
        """
        super().__init__(LOOPBACK, 0, rank=0, world_size=1, run_id=run_id, timeout=round(timeout_s))

    def next_rendezvous(self) -> RendezvousInfo:
        """Returns the store, the same whenever the workers are started again."""
        if self._store is None:
            # Torch's own socket would listen on every interface of the machine.
            listener = socket.create_server((LOOPBACK, 0))
            self.master_port = listener.getsockname()[1]
            self._store = TCPStore(
                LOOPBACK,
                self.master_port,
                self.world_size,
                is_master=True,
                timeout=self.timeout,
                master_listen_fd=listener.detach(),
            )
        return super().next_rendezvous()
