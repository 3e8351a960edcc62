"""Reading what users write: strict YAML with positions, inheritance, overrides, checked types."""
