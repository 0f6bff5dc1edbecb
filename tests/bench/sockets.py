"""The floor of a full read: bare `http.client` connections, twenty threads, nothing done with an answer.

Run as a program: `python -m tests.bench.sockets PORT CUSTOMERS THREADS [AUTHORITY]`, by TLS where it is told whom to trust.
"""

from __future__ import annotations

import http.client
import queue
import ssl
import sys
import threading


def read(port: int, waiting: queue.SimpleQueue[int], tls: ssl.SSLContext | None) -> None:
    """Ask for customers until none is waiting."""
    if tls is None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
    else:
        connection = http.client.HTTPSConnection("localhost", port, context=tls)
    headers = {"RpmApiKey": "bench", "Content-Type": "application/json"}
    while True:
        try:
            customer_id = waiting.get_nowait()
        except queue.Empty:
            return
        connection.request("POST", "/Customer", b'{"CustomerID":%d}' % customer_id, headers)
        connection.getresponse().read()


def main(port: int, customers: int, threads: int, authority: str | None = None) -> None:
    """Read each customer once."""
    tls = None if authority is None else ssl.create_default_context(cafile=authority)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for customer_id in range(1, customers + 1):
        waiting.put(customer_id)
    workers = [threading.Thread(target=read, args=(port, waiting, tls)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
