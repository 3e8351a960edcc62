"""What may stand in a plan for a whole block, spelt out where it is read, before files merge."""

from typing import Final

from simulator.inputs.nodes import Entry, Node
from simulator.inputs.problems import KeyPath

# Blocks of a plan that hold nothing but true or false: `all` and `none` stand for every key.
SWITCHES: Final[dict[KeyPath, tuple[str, ...]]] = {
    ("us_backstop",): ("air_defence", "intelligence", "surveillance", "logistics"),
}
WORDS: Final = {"all": True, "none": False}
# Mappings of one field, of which a number stands for an entry.
COUNTS: Final[dict[KeyPath, str]] = {("air_support", "bases"): "aircraft"}


def spelt_out(node: Node, path: KeyPath = ()) -> Node:
    """Return a plan's tree with `us_backstop: all` and `bases: {lask: 16}` written in full.

    Spelt out, a child that names one part of the block changes that part and keeps the others.
    """
    content = node.content
    if path in SWITCHES and isinstance(content, str) and content in WORDS:
        value = Node(node.mark, WORDS[content], content)
        return Node(node.mark, {key: Entry(node.mark, value) for key in SWITCHES[path]})
    if path[:-1] in COUNTS and isinstance(content, int) and not isinstance(content, bool):
        return Node(node.mark, {COUNTS[path[:-1]]: Entry(node.mark, node)})
    if not isinstance(content, dict) or not any(
        path == known[: len(path)] for known in (*SWITCHES, *COUNTS)
    ):
        return node
    kept = {
        key: entry._replace(node=spelt_out(entry.node, (*path, key)))
        for key, entry in content.items()
    }
    return node._replace(content=kept)
