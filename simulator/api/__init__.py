"""The public interface in Python; `simulator` names what is in it."""
