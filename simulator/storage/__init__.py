"""Writing what users keep: Parquet, atomic files, provenance."""
