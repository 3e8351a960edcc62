"""Packages whose names are imported on first use."""

import ast
import importlib
from pathlib import Path

import pytest


@pytest.mark.parametrize("package", ["inputs", "scenario", "storage"])
def test_every_name_that_a_type_checker_sees_is_there(package: str) -> None:
    module = importlib.import_module(f"simulator.{package}")
    tree = ast.parse(Path(str(module.__file__)).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    names = [
        alias for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]
    assert len(names) > 15
    for alias in names:
        assert getattr(module, alias.name) is not None
    with pytest.raises(AttributeError, match="nowhere"):
        _ = module.nowhere
