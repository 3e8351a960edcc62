"""Work for the same error: variance times processor time, the run's against other ways."""
