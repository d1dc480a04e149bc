"""A slow or bad network between two programs: what comes on one port goes on to another, in small pieces, and is cut where it
was chosen."""
import selectors
import socket
import threading
import time


class Relay:
    """Forwards to an address ("HOST:PORT", or a function that gives one) in pieces of `step` bytes, with pause_s between
    them; after cut_after bytes in all, in both directions, whatever is open is cut, once."""

    def __init__(self, to, step=65536, pause_s=0.0, cut_after=None):
        self.to, self.step, self.pause_s, self.cut_after = to, step, pause_s, cut_after
        self.n_bytes = self.n_struck = 0
        self.is_closed = False
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listening.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def close(self):
        self.is_closed = True
        self.listening.close()

    def listen(self):
        while not self.is_closed:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        host, port = (self.to() if callable(self.to) else self.to).rsplit(":", 1)
        try:
            server = socket.create_connection((host, int(port)), 10)
        except OSError:
            client.close()
            return
        with client, server, selectors.DefaultSelector() as ready:
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ready.register(one, selectors.EVENT_READ, other)
            try:
                while not self.is_closed and ready.get_map():
                    for key, _ in ready.select(1):
                        self.forward(ready, key.fileobj, key.data)
            except OSError:
                pass

    def forward(self, ready, one, other):
        data = one.recv(self.step)
        if not data:
            ready.unregister(one)
            other.shutdown(socket.SHUT_WR)
            return
        self.n_bytes += len(data)
        if self.cut_after is not None and self.n_bytes >= self.cut_after:
            self.cut_after = None
            self.n_struck += 1
            raise ConnectionResetError
        self.n_struck += len(data) == self.step
        if self.pause_s:
            time.sleep(self.pause_s)
        other.sendall(data)
