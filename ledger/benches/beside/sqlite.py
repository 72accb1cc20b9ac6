"""SQLite doing less than the ledger: one row in a table, journal WAL, synchronous FULL. Reads "COUNT BATCH SIZE" lines, makes COUNT
transactions of BATCH rows of SIZE bytes each, answers with their nanoseconds in one line. Python's own part is some microseconds."""
import os
import sqlite3
import sys
import time

database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma journal_mode = wal")
database.execute("pragma synchronous = full")
database.execute("create table entry (seq integer primary key, bytes blob not null)")
for line in sys.stdin:
    count, batch, size = map(int, line.split())
    rows = [(os.urandom(size),) for _ in range(batch)]
    took = []
    for _ in range(count):
        before = time.perf_counter_ns()
        database.execute("begin immediate")
        database.executemany("insert into entry (bytes) values (?)", rows)
        database.execute("commit")
        took.append(time.perf_counter_ns() - before)
    print(*took, flush=True)
