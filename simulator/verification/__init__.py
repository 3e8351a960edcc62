"""Whether the engines agree: world by world, path by path given the worlds, and exactly."""
