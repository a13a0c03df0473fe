"""Anki on the same rows: a note for each page, its own sync server, two collections.

Reads pages as JSON from the standard input, one a line, and prints what it measured as JSON:
seconds, and milliseconds where the name says so. The first argument is an empty folder.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

from anki.buildinfo import version
from anki.collection import AddNoteRequest, Collection
from anki.sync_pb2 import SyncCollectionResponse

AT_ONCE = 500
EDITS = 10_000
UNCOUNTED, SINGLE_EDITS = 5, 40
ADDITION = " Ask at the desk if it does not help."


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def serve(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"SYNC_USER1": "bench:bench", "SYNC_BASE": folder, "SYNC_HOST": "127.0.0.1", "SYNC_PORT": str(port)}
    settings["MAX_SYNC_PAYLOAD_MEGS"] = "2000"
    command = [sys.executable, "-m", "anki.syncserver"]
    server = subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if not any(b"listening" in line for line in server.stdout):
        raise SystemExit("Anki's server did not start")
    # What it says later is read, so that it never waits for a reader.
    threading.Thread(target=server.stdout.read, daemon=True).start()
    return server, f"http://127.0.0.1:{port}/"


class Laptop:
    def __init__(self, path, url):
        self.collection = Collection(path)
        self.auth = self.collection.sync_login("bench", "bench", url)

    def sync(self):
        answer = self.collection.sync_collection(self.auth, False)
        self.auth.endpoint = answer.new_endpoint or self.auth.endpoint
        return answer.required

    def whole(self, upload):
        self.collection.close_for_full_sync()
        self.collection.full_upload_or_download(auth=self.auth, server_usn=None, upload=upload)
        self.collection.reopen(after_full_sync=True)

    def edit(self, notes):
        for note in notes:
            note.fields[1] += ADDITION
        self.collection.update_notes(notes)


def main():
    folder = sys.argv[1]
    server, url = serve(os.path.join(folder, "server"))
    try:
        author, reader = (Laptop(os.path.join(folder, name), url) for name in ("author.anki2", "reader.anki2"))
        collection = author.collection
        kind, deck = collection.models.by_name("Basic"), collection.decks.id("Pages")
        pages = [json.loads(line) for line in sys.stdin]
        for first in range(0, len(pages), AT_ONCE):
            requests = []
            for page in pages[first : first + AT_ONCE]:
                note = collection.new_note(kind)
                note.fields = [page["title"], page["body"]]
                note.tags = page["tags"] + [page["status"], page["org"]]
                requests.append(AddNoteRequest(note=note, deck_id=deck))
            collection.add_notes(requests)
        author.sync()
        author.whole(upload=True)
        reader.sync()
        download = timed(lambda: reader.whole(upload=False))
        assert reader.collection.note_count() == len(pages)
        author.sync()
        reader.sync()
        quiet = statistics.median(timed(reader.sync) for _ in range(50))

        notes = [collection.get_note(note) for note in collection.find_notes("")[:EDITS]]
        assert len(notes) == min(EDITS, len(pages))
        author.edit(notes)
        sent = timed(lambda: expect(author.sync()))
        taken_in = timed(lambda: expect(reader.sync()))
        assert all(reader.collection.get_note(note.id).fields[1].endswith(ADDITION) for note in notes[:50])

        def single(note):
            author.edit([note])
            expect(author.sync())
            expect(reader.sync())

        ways = [timed(lambda: single(note)) for note in notes[: UNCOUNTED + SINGLE_EDITS]][UNCOUNTED:]
        figures = {"download": download, "sent": sent, "taken_in": taken_in, "way_ms": statistics.median(ways) * 1e3}
        json.dump({"version": version, "quiet_ms": quiet * 1e3, **figures}, sys.stdout)
        author.collection.close()
        reader.collection.close()
    finally:
        server.kill()
        server.wait()


def expect(required):
    changed = SyncCollectionResponse.ChangesRequired
    if required not in (changed.NO_CHANGES, changed.NORMAL_SYNC):
        raise SystemExit(f"Anki wants a whole sync: {required}")


main()
