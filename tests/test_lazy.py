"""Packages whose names are imported on first use."""

import ast
import importlib
from pathlib import Path

import pytest


@pytest.mark.parametrize("package", ["inputs", "scenario", "storage"])
def test_every_name_that_is_imported_is_there(package: str) -> None:
    module = importlib.import_module(f"simulator.{package}")
    trees = [ast.parse(path.read_text()) for path in Path("simulator").rglob("*.py")]
    names = {
        alias.name
        for node in (node for tree in trees for node in ast.walk(tree))
        if isinstance(node, ast.ImportFrom) and node.module == f"simulator.{package}"
        for alias in node.names
    }
    assert len(names) > 10
    for name in names:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="nowhere"):
        _ = module.nowhere
