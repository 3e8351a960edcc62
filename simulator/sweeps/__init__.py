"""Many runs described by one file: planned, executed, resumed and gathered."""
