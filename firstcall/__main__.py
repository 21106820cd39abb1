"""`python -m firstcall` is the command `firstcall`."""

from firstcall.cli import main

main()
