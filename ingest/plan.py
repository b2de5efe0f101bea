"""Compare a folder with what the index holds: what is to be read, and what is to be forgotten."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.folder import Listing
from ingest.load import document_id_of


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync has to do.

    `to_read` are the new and changed files, each with the hash of its content. For a new one, `copies` names a
    document of the index with the same content; where that one is gone, `renamed` names it as well.
    """

    to_read: list[tuple[Path, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def compare(listing: Listing, folder: Path, held: Mapping[str, str]) -> Plan:
    """Plan what brings an index that holds these documents (hash by id) in step with a folder; reads each file once."""
    plan = Plan(failed=dict(listing.refused))
    names = {document_id_of(path, folder) for path in listing.files}
    plan.gone.extend(sorted(name for name in held.keys() - names if not listing.may_hold(name)))
    holders: dict[str, list[str]] = defaultdict(list)
    for name in sorted(held.keys(), key=lambda name: name not in plan.gone):
        holders[held[name]].append(name)  # those that are gone come first
    left = set(plan.gone)
    for path in listing.files:
        name = document_id_of(path, folder)
        try:
            with path.open("rb") as file:
                content_hash = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            plan.failed[name] = f"it can't be opened: {error.strerror}"
            continue
        if held.get(name) == content_hash:
            plan.unchanged.append(name)
            continue
        plan.to_read.append((path, content_hash))
        if name not in held and holders[content_hash]:
            plan.copies[name] = next((one for one in holders[content_hash] if one in left), holders[content_hash][0])
            if plan.copies[name] in left:
                left.remove(plan.copies[name])
                plan.renamed[name] = plan.copies[name]
    return plan
