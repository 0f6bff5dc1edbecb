"""The floor of a full read: bare `http.client` connections, twenty threads, nothing done with an answer.

Run as a program: `python -m tests.bench.sockets PORT CUSTOMERS THREADS`.
"""

from __future__ import annotations

import http.client
import queue
import sys
import threading


def read(port: int, waiting: queue.SimpleQueue[int]) -> None:
    """Ask for customers until none is waiting."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"RpmApiKey": "bench", "Content-Type": "application/json"}
    while True:
        try:
            customer_id = waiting.get_nowait()
        except queue.Empty:
            return
        connection.request("POST", "/Customer", b'{"CustomerID":%d}' % customer_id, headers)
        connection.getresponse().read()


def main(port: int, customers: int, threads: int) -> None:
    """Read each customer once."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for customer_id in range(1, customers + 1):
        waiting.put(customer_id)
    workers = [threading.Thread(target=read, args=(port, waiting)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
