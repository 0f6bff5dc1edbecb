"""The floor of a full read, and of as many edits: bare `http.client` connections, nothing done with an answer.

Run as a program: `python -m tests.bench.sockets PORT ENDPOINT CUSTOMERS THREADS [AUTHORITY]`, by TLS where it is told whom to
trust.
"""

from __future__ import annotations

import http.client
import queue
import ssl
import sys
import threading
from typing import Final

BODIES: Final = {
    "Customer": '{"CustomerID":%d}',
    "CustomerEdit": '{"Customer":{"CustomerID":%d,"Website":"https://moved.example/"}}',
}


def call(port: int, endpoint: str, waiting: queue.SimpleQueue[int], tls: ssl.SSLContext | None) -> None:
    """Read or edit customers until none is waiting."""
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
        connection.request("POST", f"/{endpoint}", (BODIES[endpoint] % customer_id).encode(), headers)
        connection.getresponse().read()


def main(port: int, endpoint: str, customers: int, threads: int, authority: str | None = None) -> None:
    """Read or edit each customer once."""
    tls = None if authority is None else ssl.create_default_context(cafile=authority)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for customer_id in range(1, customers + 1):
        waiting.put(customer_id)
    workers = [threading.Thread(target=call, args=(port, endpoint, waiting, tls)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])
