"""Verdicts of `tlog-scales` and `aics-tlog` on logs made by Tracegate.

    python verdicts.py FOLDER

Prints `CASE<TAB>VERIFIER<TAB>accept|reject<TAB>REASON` for every case under FOLDER.
"""

import logging
import sys
from pathlib import Path

import aics_tlog
from tlog_scales import backend, signing, tiles, tlog
from tlog_scales.reader import TilesReader

# Every entry of a small log is checked, every 97th of a large one: each takes a proof of its own.
SMALL = 1000
STEP = 97


def scales(case: Path) -> None:
    """Signature, both cosignatures, the root, entries against the root, growth since the head seen."""
    reader = TilesReader(backend.LocalBackend(case / "log"))
    head = reader.get_checkpoint()
    seen = tlog.Checkpoint.from_text((case / "seen").read_text())
    log_key = signing.Vkey.from_string((case / "log.vkey").read_text().strip())
    head.verify(log_key)
    seen.verify(log_key)
    keys = [signing.Vkey.from_string(line) for line in (case / "witnesses").read_text().split()]
    cosigned = signing.VkeySet(*keys).verify(head.signatures, head)
    if len(cosigned) != len(keys):
        raise ValueError(f"{len(cosigned)} of {len(keys)} witnesses cosigned")
    if reader.calculate_root_hash() != head.root_hash:
        raise ValueError("the tiles do not lead to the root")
    for index in range(0, head.size, 1 if head.size <= SMALL else STEP):
        proof = reader.get_inclusion_proof(index, head.size)
        proof.check(tiles.leaf_hash(reader.get_entry(index)), head.root_hash)
    if head.size < seen.size:
        raise ValueError("rolled back")
    growth = reader.get_consistency_proof(seen.size, head.size)
    growth.check(seen.root_hash, head.root_hash)


def aics(case: Path) -> None:
    """Signature and quorum, every tile and every entry, growth since the head seen."""
    log_key = aics_tlog.parse_vkey((case / "log.vkey").read_text().strip())
    # This verifier knows Ed25519 cosignatures only.
    witness = aics_tlog.parse_vkey((case / "witnesses").read_text().split()[0])
    head, seen = (
        aics_tlog.parse_note((case / name).read_bytes()) for name in ("log/checkpoint", "seen")
    )
    for note in (head, seen):
        result = aics_tlog.verify_checkpoint(note, log_key, [witness], 1)
        if not result.ok:
            raise ValueError(result.error)
    head, seen = (aics_tlog.parse_checkpoint(note.text) for note in (head, seen))
    files = aics_tlog.FileSystemTileReader(case / "log")
    aics_tlog.audit_tiles(files, head.size, head.root)
    if head.size < seen.size:
        raise ValueError("rolled back")
    proof = aics_tlog.consistency_proof_from_tiles(files, seen.size, head.size)
    if not aics_tlog.verify_consistency(seen.size, head.size, seen.root, head.root, proof):
        raise ValueError("the head does not continue the one seen")


def main() -> None:
    logging.disable(logging.CRITICAL)
    for case in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        for verifier in (scales, aics):
            try:
                verifier(case)
                print(case.name, verifier.__name__, "accept", "", sep="\t", flush=True)
            except Exception as error:  # any way to refuse is a refusal
                reason = f"{type(error).__name__}: {error}".splitlines()[0][:120]
                print(case.name, verifier.__name__, "reject", reason, sep="\t", flush=True)


main()
