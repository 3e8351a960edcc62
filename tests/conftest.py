"""What all tests rest on."""

import signal

# A background job of a shell starts with Ctrl-C ignored, and so would every command that a test
# starts and then interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
