"""What commands found: one frozen object for each kind, and the folders they are kept in."""
