"""Engines that turn a compiled model into lives of ceasefires."""
